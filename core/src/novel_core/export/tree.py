"""Saved HTML as a tree, and trees as XHTML or HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from novel_core.content.control_characters import REORDERING
from novel_core.content.rules import KEEPER
from novel_core.document import fragment

Element = etree._Element  # noqa: SLF001 - lxml has no public name for the type of an element

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
VOID = frozenset({"br", "col", "hr", "img", "wbr"})
#: A tag as an HTML serialiser writes it: every value in double quotes.
_VOID_TAG = re.compile(rf'<({"|".join(sorted(VOID))})((?: [^\s=>]+(?:="[^"]*")?)*)>')
#: The start of a formula.
MATH = "<math"
_NAMED_MATH = '<math xmlns="http://www.w3.org/1998/Math/MathML"'
#: Characters that XML cannot hold, and controls that change a text's direction or have no use in
#: it.
_ILLEGAL = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff{REORDERING}]")
_ILLEGAL_ASCII = bytes({*range(0x20), 0x7F} - set(b"\t\n\r"))
_BREAKS = str.maketrans("\x0b\x0c\x85", "   ")


def legal(text: str) -> str:
    """`text` without control characters; those that break a line become a space.

    >>> legal("a\\x0cb\\x01\\x9f")
    'a b'
    """
    if text.isascii():  # as bytes it is searched much faster
        data = text.encode()
        is_legal = len(data.translate(None, _ILLEGAL_ASCII)) == len(data)
    else:
        is_legal = _ILLEGAL.search(text) is None
    return text if is_legal else _ILLEGAL.sub("", text.translate(_BREAKS))


def parse(html: str) -> Element:
    """Sanitised `html` in a `div`, read as by a browser.

    The HTML parser's own serialisation is XML except for a few details. Other HTML is sanitised
    first.
    """
    try:
        return _as_xml(html)
    except etree.XMLSyntaxError:
        return _as_xml(KEEPER.clean(html))


def _as_xml(html: str) -> Element:
    written = fragment(html).inner_html or ""
    xml = _VOID_TAG.sub(r"<\1\2/>", legal(written)).replace("&nbsp;", "\u00a0")
    if MATH in xml:
        xml = xml.replace(MATH, _NAMED_MATH)
    parser = etree.XMLParser(
        huge_tree=True,
        resolve_entities=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
    )
    return etree.fromstring(f"<div>{xml}</div>", parser)


def element(tag: str, *children: Element | str, **attributes: str | None) -> Element:
    """A new element: `class_` and `for_` lose their underscore, `xml_lang` becomes `xml:lang`, None
    is left out.

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
        return
    # `len` counts the children.
    last = next(parent.iterchildren(reversed=True), None)
    if last is not None:
        last.tail = (last.tail or "") + legal(child)
    else:
        parent.text = (parent.text or "") + legal(child)


def replace(old: Element, new: Element) -> None:
    """Replace `old` by `new`; the text after it stays."""
    parent = old.getparent()
    assert parent is not None
    new.tail, old.tail = old.tail, None
    parent.replace(old, new)


def has_content(one: Element) -> bool:
    """Whether the element shows anything."""
    seen = ("img", "hr")
    return (
        any((text or "").strip() for text in one.itertext())
        or next(one.iter(*seen), None) is not None
    )


def as_xhtml(*elements: Element) -> str:
    """XHTML that HTML parsers read the same way: no `<p/>`."""
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
