"""Saved HTML as a tree, and trees as XHTML or HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from novel_core.lxml_document import Element

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
VOID = frozenset({"br", "col", "hr", "img", "wbr"})
_VOID_TAG = re.compile(rf"<({'|'.join(sorted(VOID))})((?: [^>]*)?)>")
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def legal(text: str) -> str:
    """`text` without the characters XML cannot hold.

    >>> legal("a\\x0cb")
    'ab'
    """
    return _ILLEGAL.sub("", text)


def parse(html: str) -> Element:
    """Sanitised `html` in a `div`.

    It is written tag by tag as its tree is, so an XML parser reads it exactly, where libxml2's HTML parser would
    close and move elements by rules of its own. Text of another make goes to the HTML parser.
    """
    html = legal(html)
    xml = _VOID_TAG.sub(r"<\1\2/>", html).replace("&nbsp;", "\u00a0")
    try:
        return etree.fromstring(f"<div>{xml}</div>", _xml_parser())
    except etree.XMLSyntaxError:
        tree = etree.fromstring(f"<div>{html}</div>", etree.HTMLParser(huge_tree=True))
        return next(tree.iter("div"))


def _xml_parser() -> etree.XMLParser:
    return etree.XMLParser(
        huge_tree=True,
        resolve_entities=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
    )


def element(tag: str, *children: Element | str, **attributes: str | None) -> Element:
    """A new element: `class_` and `for_` lose their underscore, `xml_lang` becomes `xml:lang`, None is left out.

    >>> as_xhtml(element("p", "One ", element("b", "two"), class_="x"))
    '<p class="x">One <b>two</b></p>'
    """
    made = etree.Element(tag)
    for name, value in attributes.items():
        if value is not None:
            key = XML_LANG if name == "xml_lang" else name.rstrip("_").replace("_", "-")
            made.set(key, legal(value))
    for child in children:
        append(made, child)
    return made


def append(parent: Element, child: Element | str) -> None:
    if not isinstance(child, str):
        parent.append(child)
    elif len(parent):
        parent[-1].tail = (parent[-1].tail or "") + legal(child)
    else:
        parent.text = (parent.text or "") + legal(child)


def drop_attribute(one: Element, name: str) -> None:
    if name in one.attrib:
        del one.attrib[name]


def unwrap(one: Element) -> None:
    """Take `one` out of the tree; what it holds stays in its place."""
    parent = one.getparent()
    if parent is None:
        return
    place = parent.index(one)
    _add_before(parent, place, one.text)
    children = list(one)
    for offset, child in enumerate(children):
        parent.insert(place + offset, child)
    _add_before(parent, place + len(children), one.tail)
    one.tail = None
    parent.remove(one)


def _add_before(parent: Element, place: int, text: str | None) -> None:
    """Add `text` right before the child at `place`."""
    if not text:
        return
    if place:
        parent[place - 1].tail = (parent[place - 1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text


def replace(old: Element, new: Element) -> None:
    """Put `new` where `old` is; the text after it stays."""
    parent = old.getparent()
    assert parent is not None
    new.tail, old.tail = old.tail, None
    parent.replace(old, new)


def has_content(one: Element) -> bool:
    """Whether there is anything to see in it."""
    seen = ("img", "hr")
    return (
        any((text or "").strip() for text in one.itertext())
        or next(one.iter(*seen), None) is not None
    )


def as_xhtml(*elements: Element) -> str:
    """For XML parsers, yet nothing an HTML parser would take for something else: no `<p/>`."""
    return "".join(_written(elements, "xml"))


def as_html(*elements: Element) -> str:
    return "".join(_written(elements, "html"))


def _written(elements: tuple[Element, ...], method: str) -> Iterator[str]:
    for one in elements:
        if method == "xml":
            for inner in one.iter():
                if inner.text is None and not len(inner) and inner.tag not in VOID:
                    inner.text = ""
        yield etree.tostring(one, encoding="unicode", method=method, with_tail=False)
