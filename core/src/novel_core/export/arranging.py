"""Lists, tables, spoilers and the like, brought into the order XHTML asks of each."""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from novel_core.document.elements import names
from novel_core.export.tree import XML_LANG, Element, append, drop_attribute, element

PHRASING = names("""
    a abbr b bdi bdo br cite code del em i img ins kbd mark q ruby rp rt s samp small span strong sub sup u var wbr
    """)
#: How a `div` looks that stands for one of these.
LOOKS = {"dt": "bold", "dd": "indent", "summary": "bold", "figcaption": "small"}
_TABLE_ORDER = ("caption", "colgroup", "thead", "tbody", "tfoot")


def is_phrasing(one: Element) -> bool:
    """Whether it may stand within a line: formulas (MathML) do, and what they are made of."""
    return one.tag in PHRASING or one.tag[0] == "{"


def become(one: Element, tag: str, classes: str = "") -> None:
    """Another element, without what only the old one may say; `classes` keep its look."""
    one.tag = tag
    for name in set(map(str, one.attrib)) - {"class", "dir", "id", "lang", "title", XML_LANG}:
        drop_attribute(one, name)
    wanted = dict.fromkeys([*one.get("class", "").split(), *classes.split()])
    if wanted:
        one.set("class", " ".join(wanted))


def _flatten(one: Element) -> None:
    """Every block within becomes a span that a style shows as a block."""
    for inner in one.iterdescendants():
        if inner.tag == "hr":
            become(inner, "br")
        elif not is_phrasing(inner):
            become(inner, "span", "block")
            inner.tail = f" {inner.tail or ''}"


def _fit_list(one: Element) -> None:
    """A list holds items only."""
    _wrap_strays(one, ("li",), "li")


def _wrap_strays(one: Element, allowed: tuple[str, ...], wrapper: str) -> None:
    """Texts and elements that may not stand in `one` get a `wrapper` of their own, in their place."""
    children = list(one)
    texts = [one.text, *(child.tail for child in children)]
    if all(child.tag in allowed for child in children) and not any(
        (text or "").strip() for text in texts
    ):
        return
    one.text = None
    open_wrapper: Element | None = None
    one[:] = []
    followed: list[Element | None] = [*children, None]
    child: Element | None
    for text, child in zip(texts, followed, strict=True):
        if text and text.strip():
            if open_wrapper is None:
                open_wrapper = element(wrapper)
                one.append(open_wrapper)
            append(open_wrapper, text)
        if child is None:
            break
        child.tail = None
        if child.tag in allowed:
            one.append(child)
            open_wrapper = None
            continue
        if open_wrapper is None:
            open_wrapper = element(wrapper)
            one.append(open_wrapper)
        open_wrapper.append(child)


def _fit_definitions(one: Element) -> None:
    """Terms with their definitions; any other order is shown the same way without saying so."""
    shape = "".join({"dt": "t", "dd": "d"}.get(str(child.tag), "x") for child in one)
    strays = any((text or "").strip() for text in [one.text, *(child.tail for child in one)])
    if shape and "x" not in shape and shape[0] == "t" and shape[-1] == "d" and not strays:
        return
    for child in one:
        if child.tag in {"dt", "dd"}:
            become(child, "div", LOOKS[str(child.tag)])
    become(one, "div")


def _fit_figure(one: Element) -> None:
    """One caption, before or after everything else."""
    captions = [child for child in one if child.tag == "figcaption"]
    is_first = bool(captions) and captions[0] is one[0] and not (one.text or "").strip()
    is_last = bool(captions) and captions[0] is one[-1] and not (captions[0].tail or "").strip()
    for caption in captions[1 if is_first or is_last else 0 :]:
        become(caption, "div", LOOKS["figcaption"])


def _fit_details(one: Element) -> None:
    """A spoiler begins with what is shown of it."""
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
    if (
        not "".join(str(text) for text in one.itertext()).strip()
        and next(one.iter("img"), None) is None
    ):
        append(one, "Spoiler")


def _fit_ruby(one: Element) -> None:
    """Bases, each with its reading; a reading without a base, or parentheses on their own, are plain text."""
    _flatten(one)
    tags = [str(child.tag) for child in one]
    starts_bare = bool(tags) and tags[0] in {"rt", "rp"} and not (one.text or "").strip()
    if "rt" in tags and not starts_bare and next(one.iterdescendants("ruby"), None) is None:
        _drop_parentheses(one)
        last = one[-1]
        if last.tag == "rt" and not (last.tail or "").strip():
            last.tail = None
            return
        # A base at the end that has no reading stands after the ruby.
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


def _drop_parentheses(one: Element) -> None:
    """Reading systems show readings above the text, or put parentheses themselves: the style sheet does."""
    etree.strip_elements(one, "rp", with_tail=False)


def _fit_table(one: Element) -> None:
    """One caption, columns, head, bodies, foot."""
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
        drop_attribute(one, "span")


def _fit_link(one: Element) -> None:
    """Nothing that can be opened or followed by itself stands within a link."""
    if next(one.iterdescendants("details"), None) is not None:
        become(one, "span")


#: By tag; each takes the element, whose own children are in order.
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
