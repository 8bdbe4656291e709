"""The content model of XHTML for lists, tables, spoilers and similar elements."""

from __future__ import annotations

import re
from collections.abc import Callable

from lxml import etree

from novel_core.document.elements import names
from novel_core.export.tree import XML_LANG, Element, append, element, has_content

PHRASING = names("""
    a abbr b bdi bdo br cite code del em i img ins kbd mark q ruby rp rt s samp small span strong sub sup u var wbr
    """)
#: The look of a `div` in the place of one of these.
LOOKS = {"dt": "bold", "dd": "indent", "summary": "bold", "figcaption": "small"}
_TABLE_ORDER = ("caption", "colgroup", "thead", "tbody", "tfoot")


def is_phrasing(one: Element) -> bool:
    """Whether the element may stand within a line; formulas (MathML) and their parts may."""
    return one.tag in PHRASING or one.tag[0] == "{"


def become(one: Element, tag: str, classes: str = "") -> None:
    """Rename the element; drop attributes of the old one; `classes` keep its look."""
    one.tag = tag
    for name in set(map(str, one.attrib)) - {"class", "dir", "id", "lang", "title", XML_LANG}:
        one.attrib.pop(name, "")
    wanted = dict.fromkeys([*one.get("class", "").split(), *classes.split()])
    if wanted:
        one.set("class", " ".join(wanted))


def _flatten(one: Element) -> None:
    """Turn every inner block into a span that the style sheet shows as a block."""
    for inner in one.iterdescendants():
        if inner.tag == "hr":
            become(inner, "br")
        elif not is_phrasing(inner):
            become(inner, "span", "block")
            inner.tail = f" {inner.tail or ''}"


def _has_texts(one: Element) -> bool:
    """Whether the element has a text of its own, between its children."""
    return any((text or "").strip() for text in [one.text, *(child.tail for child in one)])


def _fit_list(one: Element) -> None:
    """A list may hold items only: other texts and elements get items of their own."""
    if all(child.tag == "li" for child in one) and not _has_texts(one):
        return
    pieces: list[Element | str | None] = [one.text]
    for child in one:
        pieces += [child, child.tail]
        child.tail = None
    one.text = None
    one[:] = []
    item: Element | None = None
    for piece in pieces:
        if piece is None or (isinstance(piece, str) and not piece.strip()):
            continue
        if not isinstance(piece, str) and piece.tag == "li":
            one.append(piece)
            item = None
            continue
        if item is None:
            item = element("li")
            one.append(item)
        append(item, piece)


def _fit_definitions(one: Element) -> None:
    """Terms with their definitions; any other order becomes plain blocks."""
    shape = "".join({"dt": "t", "dd": "d"}.get(str(child.tag), "x") for child in one)
    if re.fullmatch("t[td]*d", shape) and not _has_texts(one):
        return
    for child in one:
        if child.tag in {"dt", "dd"}:
            become(child, "div", LOOKS[str(child.tag)])
    become(one, "div")


def _fit_figure(one: Element) -> None:
    """At most one caption, first or last."""
    captions = [child for child in one if child.tag == "figcaption"]
    is_first = bool(captions) and captions[0] is one[0] and not (one.text or "").strip()
    is_last = bool(captions) and captions[0] is one[-1] and not (captions[0].tail or "").strip()
    for caption in captions[1 if is_first or is_last else 0 :]:
        become(caption, "div", LOOKS["figcaption"])


def _fit_details(one: Element) -> None:
    """A spoiler begins with its summary."""
    summaries = [child for child in one if child.tag == "summary"]
    for extra in summaries[1:]:
        become(extra, "div", LOOKS["summary"])
    lead, one.text = one.text, None
    if summaries:
        first = summaries[0]
        tail, first.tail = first.tail, None
        before = first.getprevious()
        if before is None:
            lead = f"{lead or ''} {tail or ''}"
        elif tail:
            before.tail = f"{before.tail or ''} {tail}"
    else:
        first = element("summary", "Spoiler")
    one.insert(0, first)
    first.tail = lead


def _fit_summary(one: Element) -> None:
    _flatten(one)
    if not has_content(one):
        append(one, "Spoiler")


def _fit_ruby(one: Element) -> None:
    """Bases, each with its reading; the rest becomes plain text."""
    _flatten(one)
    tags = [str(child.tag) for child in one]
    starts_bare = bool(tags) and tags[0] in {"rt", "rp"} and not (one.text or "").strip()
    if "rt" in tags and not starts_bare and next(one.iterdescendants("ruby"), None) is None:
        # Readers show readings above the text or add parentheses themselves.
        etree.strip_elements(one, "rp", with_tail=False)
        last = one[-1]
        if last.tag == "rt" and not (last.tail or "").strip():
            last.tail = None
            return
        # A last base without a reading is put after the ruby.
        place = max(index for index, child in enumerate(one) if child.tag == "rt")
        rest: list[Element | str] = [one[place].tail or "", *list(one)[place + 1 :]]
        one[place].tail = None
        after = element("span", *rest)
        after.tail, one.tail = one.tail, None
        one.addnext(after)
        return
    for child in list(one):
        if child.tag in {"rt", "rp"}:
            become(child, "span")
    become(one, "span")


def _fit_table(one: Element) -> None:
    """One caption, columns, head, bodies, foot, in this order."""
    seen: set[str] = set()
    for child in list(one):
        if child.tag in {"thead", "tfoot"} and child.tag in seen:
            child.tag = "tbody"
        elif child.tag == "caption" and "caption" in seen:
            become(child, "div")
            child.tail = None
            one.addprevious(child)
            continue
        seen.add(str(child.tag))
    order = {tag: place for place, tag in enumerate(_TABLE_ORDER)}
    one[:] = sorted(one, key=lambda child: order.get(str(child.tag), order["tbody"]))


def _fit_caption(one: Element) -> None:
    if next(one.iterdescendants("table"), None) is not None:
        _flatten(one)


def _fit_columns(one: Element) -> None:
    if len(one):
        one.attrib.pop("span", "")


def _fit_link(one: Element) -> None:
    """Nothing interactive may stand within a link."""
    if next(one.iterdescendants("details"), None) is not None:
        become(one, "span")


#: By tag. Each function gets an element whose children are already in order.
FIXES: dict[str, Callable[[Element], None]] = {
    "ul": _fit_list,
    "ol": _fit_list,
    "dl": _fit_definitions,
    "figure": _fit_figure,
    "details": _fit_details,
    "summary": _fit_summary,
    "ruby": _fit_ruby,
    "rt": _flatten,
    "rp": _flatten,
    "table": _fit_table,
    "caption": _fit_caption,
    "colgroup": _fit_columns,
    "a": _fit_link,
}
