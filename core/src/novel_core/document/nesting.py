"""Limits for pages that would cost an HTML5 parser quadratic time.

An HTML5 parser searches all open elements at many tags, opens unclosed formatting again in every
paragraph, compares each attribute with those before it, and copies the rest of a text at each
character reference. A real page is far below these limits; a page above them is damaged or hostile,
and is refused as a whole, never cut.
"""

from __future__ import annotations

import re
from itertools import islice

from novel_core.document.elements import VOID, names
from novel_core.document.open_elements import FORMATTING, OpenElements
from novel_core.errors import PageBroken

MAX_DEPTH = 500
# Open elements searched, summed over all tags; about 0.3 s.
_MAX_WORK = 30_000_000
# Formatting elements opened again.
_MAX_REOPENED = 500_000
_MAX_ATTRIBUTES = 2_000
# Characters; the attributes of a shorter tag are not counted.
_LONGEST_TAG = 8_000
# Characters copied at references; about 0.3 s.
_MAX_COPIED = 20_000_000_000
_CHUNK = 8_000
_ROUNDS = 3

# As an HTML5 tokenizer reads it: `<!-->` is a whole comment, and a quote has a meaning only after
# `=`. Anything that is skipped here but read as tags by the parser would bypass the limits.
_COMMENT = r"<!--(?:-?>|.*?(?:--!?>|\Z))|<(?:[!?]|/(?![a-z>]))[^>]*+"
_RAW_TEXT = (
    r"|<(?:script|style|title|textarea|xmp|iframe|noembed|noframes)(?=[\s/>]).*?"
    r"(?:</(?:script|style|title|textarea|xmp|iframe|noembed|noframes)(?=[\s/>])|\Z)"
)
_ELEMENT = (
    r"|<(?P<closing>/?)(?P<name>[a-z][^\s/>]*)"
    r"(?P<attributes>(?:[\s/]++|[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>]*+))?+)*+)"
)
_FLAGS = re.IGNORECASE | re.DOTALL
_TAG = re.compile(_COMMENT + _RAW_TEXT + _ELEMENT, _FLAGS)
#: Inside these, `<style>` and similar elements hold markup like any other element.
_FOREIGN = re.compile(r"<(?:svg|math|select)(?=[\s/>])", re.IGNORECASE)
_FOREIGN_TAG = re.compile(_COMMENT + _ELEMENT, _FLAGS)
_VALUE = re.compile(r"=\s*(?:\"[^\"]*\"|'[^']*')")
#: An element that holds only text, with quoted values: it is closed as soon as it is opened.
_LEAF = re.compile(
    r"<(p|em|strong|i|b|u|s|a|span|li|sub|sup|small|h[1-6]|time|option)(?:\s++[\w:-]++(?:=\"[^\"<>]*+\")?)*+\s*+>[^<>]*+</\1>"
)
_SHORT = r"(?:\s++[\w:-]++(?:=\"[^\"<>]*+\")?){0,8}+\s*+>"
_LEAVES = names("em strong i b u s a span li sub sup small h1 h2 h3 h4 h5 h6 time option")
#: Every tag except end tags, leaves, empty elements, and paragraphs (one is open at a time, if no
#: other element is between two of them). One scan finds the tags that need a closer check.
_OPENED = re.compile(
    rf"<(?!/[a-zA-Z0-9]++>|p{_SHORT}|(?:br|hr|img)/?+>|(?:img|hr)(?:\s++[\w:-]++(?:=\"[^\"<>]*+\")?){{0,12}}\s*+/?>|"
    + "|".join(f"{name}{_SHORT}[^<>]*+</{name}>" for name in sorted(_LEAVES))
    + r")[a-zA-Z/][^>]*+"
)
_NAME = re.compile(r"<([^\s/>]*+)")
_OPEN_VALUE = re.compile(r"=\s*+(?:\"[^\">]*+>|'[^'>]*+>)")
_SEPARATOR = re.compile(r"[\s/]+")
#: Elements that a page may open without a check of each tag; doubled by its paragraphs, it is still
#: not deep.
_FEW = MAX_DEPTH // 2 - 10
#: The most tags of a page with few open elements.
_MANY = _MAX_REOPENED // _FEW


def check_source(html: str, url: str) -> None:
    """Raise PageBroken if parsing would take too long. A normal chapter passes after a few counts."""
    # Every character could be a reference; counting them costs more than searching for one.
    if len(html) ** 2 > _MAX_COPIED and ("&" in html or "\xa0" in html):
        references = html.count("&") + html.count("\xa0")
        if references * len(html) > _MAX_COPIED and _copied(html) > _MAX_COPIED:
            raise PageBroken("The page has an absurd run of character references.", url=url)
    if _is_suspicious(html):
        _check_tags(html, url)


def _copied(html: str) -> int:
    """Characters copied at references: the rest of the text at each of them."""
    pieces = html.split("<")
    return sum((piece.count("&") + piece.count("\xa0")) * len(piece) for piece in pieces)


def _is_suspicious(html: str) -> bool:
    """Whether each tag has to be checked; a normal chapter opens few elements."""
    opened = [] if _opens_few(html) else _OPENED.findall(html)
    if not opened:
        return False
    if max(map(len, opened)) > _MAX_ATTRIBUTES:
        return True
    if _OPEN_VALUE.search(">".join([*opened, ""])) and _has_long_tags(html):
        return True
    if len(opened) > _FEW and _opens_many(html):
        return True
    tags = html.count("<")
    if len(opened) * tags <= _MAX_REOPENED:
        return False
    return sum(_name(tag) in FORMATTING for tag in opened) * tags > _MAX_REOPENED


def _opens_few(html: str) -> bool:
    """Whether counting is enough: few tags that start something, all of them short. So it is with most short pages."""
    tags = html.count("<")
    if tags > _MANY or tags - html.count("</") > _FEW or _OPEN_VALUE.search(html):
        return False
    return not _has_long_piece(html)


def _has_long_piece(html: str) -> bool:
    """Whether more than the allowed number of characters stand between two `>`."""
    start = 0
    while len(html) - start > _MAX_ATTRIBUTES:
        end = html.rfind(">", start, start + _MAX_ATTRIBUTES + 1)
        if end == -1:
            return True
        start = end + 1
    return False


def _name(tag: str) -> str:
    found = _NAME.match(tag)
    return found[1].lower() if found else ""


def _opens_many(html: str) -> bool:
    """Whether too many elements are opened, not counting those that hold only text."""
    for _ in range(_ROUNDS):
        if html.count("<") - html.count("</") <= MAX_DEPTH - _ROUNDS:
            return False
        html = _LEAF.sub("", html)
    return html.count("<") - html.count("</") > MAX_DEPTH - _ROUNDS


def _has_long_tags(html: str) -> bool:
    """Whether a tag with a `>` in its values may have thousands of attributes."""
    pieces = 1 + sum(1 for _ in islice(_OPEN_VALUE.finditer(html), _MAX_ATTRIBUTES))
    return pieces * max(map(len, html.split(">"))) > _LONGEST_TAG


def check_depth(html: str, url: str) -> None:
    """Raise PageBroken if `html`, well-formed as the sanitiser writes it, is nested too deep."""
    if not _may_be_deep(html):
        return
    depth = 0
    for match in _TAG.finditer(html):
        if match["name"] not in VOID:
            depth += -1 if match["closing"] else 1
            if depth > MAX_DEPTH:
                raise _too_deep(url)


def _too_deep(url: str) -> PageBroken:
    return PageBroken(f"The page nests its tags more than {MAX_DEPTH} deep.", url=url)


def _may_be_deep(html: str) -> bool:
    """An upper bound by counting; exact enough for all texts with paragraphs."""
    if html.count("<") <= MAX_DEPTH:
        return False
    depth = 0
    for start in range(0, len(html), _CHUNK):
        chunk = html[start : start + _CHUNK]
        closing = chunk.count("</")
        opening = chunk.count("<") - closing
        if depth + opening > MAX_DEPTH:
            return True
        depth = max(depth + opening - closing - chunk.count("<br") - chunk.count("<img"), 0)
    return False


def _check_tags(html: str, url: str) -> None:
    stack = OpenElements()
    work = reopened = 0
    tag = _FOREIGN_TAG if _FOREIGN.search(html) else _TAG
    for match in tag.finditer(html):
        closing, name, attributes = match["closing"], match["name"], match["attributes"]
        if name is None:
            continue
        if len(attributes) > _MAX_ATTRIBUTES:
            _check_attributes(attributes, url)
        name = name.lower()
        if closing:
            stack.close(name)
        elif name not in VOID:
            stack.open(name, attributes)
        depth = len(stack.names)
        work += depth
        reopened += max(stack.active - depth, 0)
        if max(depth, stack.active) > MAX_DEPTH or work > _MAX_WORK or reopened > _MAX_REOPENED:
            raise _too_deep(url)


def _check_attributes(attributes: str, url: str) -> None:
    if len(_SEPARATOR.findall(_VALUE.sub(" ", attributes))) > _MAX_ATTRIBUTES:
        raise PageBroken("A tag of the page has an absurd number of attributes.", url=url)
