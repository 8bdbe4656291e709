"""Saved HTML changed to fit the content model of XHTML, which the sanitiser does not check.

A browser shows a paragraph within an `em`, an item outside of a list or text between two rows; a
reading system may refuse the whole chapter for it. Visible content stays: misplaced elements become
a `div` or a `span`.
"""

from __future__ import annotations

from lxml import etree

from novel_core.document.elements import names
from novel_core.export.language import is_tag
from novel_core.export.tree import XML_LANG, Element
from novel_core.export.xhtml_elements import FIXES, LOOKS, PHRASING, become, is_phrasing

_HEADINGS = names("h1 h2 h3 h4 h5 h6")
#: Elements that may hold phrasing only, and the classes by which a `div` in their place looks the
#: same.
_ONLY_PHRASING = {
    **dict.fromkeys(PHRASING - {"br", "img", "wbr"}, ""),
    **dict.fromkeys(names("b strong"), "bold"),
    **dict.fromkeys(names("em i cite var"), "italic"),
    **dict.fromkeys(names("u ins"), "underline"),
    **dict.fromkeys(names("s del"), "strike"),
    **dict.fromkeys(names("code kbd samp"), "mono"),
    **dict.fromkeys(_HEADINGS, "bold large"),
    "small": "small",
    "mark": "bg-yellow",
    "p": "",
    "pre": "mono pre-wrap",
}
#: Elements whose place or attributes have rules that mean nothing to a reader.
_RENAMED = {
    **dict.fromkeys(names("article aside footer header main nav section"), "div"),
    "dfn": "i",
    "time": "span",
}
_DROPPED_ATTRIBUTES = ("cite", "datetime", "rel")
#: Where each of these must stand; elsewhere it becomes a `div`, or a `span` within a line.
_PARENTS = {
    "li": names("ul ol"),
    "dt": names("dl"),
    "dd": names("dl"),
    "figcaption": names("figure"),
    "summary": names("details"),
    "rt": names("ruby"),
    "rp": names("ruby"),
}
#: Elements that stay or go depending on their place.
_PLACED = _PARENTS.keys() | _HEADINGS | {"a", "bdo"}


#: Elements that are removed where nesting is deeper than XML parsers allow by default (libxml2:
#: 256).
_WRAPPERS = (_ONLY_PHRASING.keys() - names("p pre rp rt ruby")) | names("blockquote details div")
_DEEPEST = 200
_GONE = "gone"


def repair_xhtml(root: Element) -> None:
    """Make the tree below `root`, a `div` of `tree.parse`, valid XHTML."""
    for one in _too_deep(root):
        one.tag = _GONE
    etree.strip_tags(root, _GONE, "rb", "rtc")
    elements = list(root.iter())
    for one in elements:
        _fit_element(one)
    # Children before their parents.
    for one in reversed(elements):
        fix = FIXES.get(str(one.tag))
        if fix is not None and one is not root:
            fix(one)
        _open_for_blocks(one)


def _too_deep(root: Element) -> list[Element]:
    """Wrappers beyond the depth limit, mostly tags that an author's editor never closed."""
    level = [root]
    for _ in range(_DEEPEST):
        level = [child for one in level for child in one]
        if not level:
            return []
    found: list[Element] = []
    depth = 0
    for event, one in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if event == "start" and depth > _DEEPEST and one.tag in _WRAPPERS:
            found.append(one)
    return found


def _fit_element(one: Element) -> None:
    if one.tag == "address":
        become(one, "div", "italic")
    if one.tag in _RENAMED:
        one.tag = _RENAMED[str(one.tag)]
    _fit_attributes(one)
    parent = one.getparent() if one.tag in _PLACED else None
    if parent is None:
        return
    if one.tag == "bdo" and "dir" not in one.attrib:
        one.tag = "span"
    elif one.tag in _PARENTS and parent.tag not in _PARENTS[str(one.tag)]:
        become(one, "span" if one.tag in PHRASING else "div", LOOKS.get(str(one.tag), ""))
        one.attrib.pop("value", "")
    elif one.tag == "a" and next(one.iterancestors("a"), None) is not None:
        become(one, "span")
    elif one.tag in _HEADINGS and next(one.iterancestors("dt", "th"), None) is not None:
        become(one, "div", "bold")
    elif one.tag == "li" and parent.tag == "ul":
        one.attrib.pop("value", "")


def _fit_attributes(one: Element) -> None:
    if not one.attrib:
        return
    for name in _DROPPED_ATTRIBUTES:
        one.attrib.pop(name, "")
    language = str(one.attrib.pop("lang", ""))
    if is_tag(language):
        one.set("lang", language)
        one.set(XML_LANG, language)


def _open_for_blocks(one: Element) -> None:
    """A line element that holds a block becomes a block."""
    tag = str(one.tag)
    if len(one) and tag in _ONLY_PHRASING and not all(is_phrasing(child) for child in one):
        become(one, "div", _ONLY_PHRASING[tag])
