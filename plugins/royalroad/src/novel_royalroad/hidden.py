"""The anti-theft sentence: shown to nobody, marked by a class made anew for each request.

The class is found in this order: by the page's own style rules, by its shape (base64 of `r` and 31 hex
digits), by an inline style. Never by the sentence's words: real stories quote such words.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import tinycss2

from novel_core.document import Element, ancestors, drop, select

_MARK_LENGTH = 44  # base64 of 33 bytes
_MARK = re.compile(rb"r[0-9a-f]{32}")
_INLINE = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)\s*(?:!\s*important\s*)?(?:;|$)",
    re.IGNORECASE,
)
_HIDING = {"display": "none", "visibility": "hidden"}
# Long, without a hyphen, and with a digit or three capitals.
_MACHINE_MADE = re.compile(r"(?=[^0-9]*[0-9]|(?:[^A-Z]*[A-Z]){3})[A-Za-z0-9+/=]{12,}")
_DEEPEST_RULE = 3


@dataclass(slots=True)
class Removal:
    """What was removed from a page, and the classes left although a rule hides them."""

    count: int = 0
    spared: set[str] = field(default_factory=set)


def is_mark(name: str) -> bool:
    """Whether a class has the shape of the hidden sentence's."""
    # In base64, `r` and a hex digit begin so; the look spares decoding the class of every paragraph.
    if len(name) != _MARK_LENGTH or not name.startswith(("cj", "cm")):
        return False
    try:
        return _MARK.fullmatch(base64.b64decode(name, validate=True)) is not None
    except (binascii.Error, ValueError):
        return False


def is_machine_made(name: str) -> bool:
    """Whether a class looks drawn at random, not named by a person.

    >>> is_machine_made("cmE4NWNmMmFkN2JjZjRiYjc4"), is_machine_made("hidden-content")
    (True, False)
    """
    return _MACHINE_MADE.fullmatch(name) is not None


def hidden_classes(styles: Iterable[str]) -> frozenset[str]:
    """The classes that the rules of style sheets hide, as a browser would decide."""
    decided: dict[tuple[str, str], tuple[bool, bool]] = {}  # (class, property): important, hides
    for style in styles:
        lowered = style.lower()
        # Tokenizing costs 100 times more than this look. A backslash may write any of the words.
        if "none" in lowered or "hidden" in lowered or "\\" in lowered:
            rules = tinycss2.parse_stylesheet(style, skip_comments=True, skip_whitespace=True)
            for names, name, important, hides in _declarations(rules):
                for class_name in names:
                    earlier = decided.get((class_name, name), (False, False))
                    if important >= earlier[0]:
                        decided[class_name, name] = (important, hides)
    return frozenset(class_name for (class_name, _), (_, hides) in decided.items() if hides)


def _declarations(
    rules: Iterable[object], depth: int = 0
) -> Iterator[tuple[list[str], str, bool, bool]]:
    for rule in rules:
        kind = getattr(rule, "type", "")
        content = getattr(rule, "content", None)
        if content is None:
            continue
        if kind == "at-rule" and depth < _DEEPEST_RULE:
            if _applies_to_screens(rule):
                yield from _declarations(
                    tinycss2.parse_rule_list(content, skip_comments=True, skip_whitespace=True),
                    depth + 1,
                )
        elif kind == "qualified-rule" and (names := _class_names(getattr(rule, "prelude", ()))):
            for declaration in tinycss2.parse_blocks_contents(
                content, skip_comments=True, skip_whitespace=True
            ):
                if declaration.type == "declaration" and declaration.lower_name in _HIDING:
                    value = _serialized(declaration.value).strip().lower()
                    hides = value == _HIDING[declaration.lower_name]
                    yield names, declaration.lower_name, bool(declaration.important), hides


def _applies_to_screens(rule: object) -> bool:
    if getattr(rule, "lower_at_keyword", "") not in {"media", "supports", "layer"}:
        return False
    return "print" not in _serialized(getattr(rule, "prelude", ())).lower()


def _serialized(tokens: Iterable[object]) -> str:
    try:
        return str(tinycss2.serialize(tokens))
    except RecursionError:  # a thousand brackets in each other mean nothing
        return ""


def _class_names(prelude: Iterable[object]) -> list[str]:
    """The classes of those selectors of a group that are a bare `.class`."""
    names: list[str] = []
    selector: list[tuple[str, str]] = []
    for token in (*prelude, None):
        kind = getattr(token, "type", "")
        if token is None or (kind == "literal" and getattr(token, "value", "") == ","):
            if [part[0] for part in selector] == ["literal", "ident"] and selector[0][1] == ".":
                names.append(selector[1][1])
            selector = []
        elif kind not in {"whitespace", "comment"}:
            selector.append((kind, str(getattr(token, "value", ""))))
    return names


def remove_hidden(region: Element, classes: frozenset[str]) -> Removal:
    """Drop what a reader of the page never sees from `region`."""
    removal = Removal()
    doomed = [
        element
        for element in select(region, "[class], [style]")
        if element.mem_id != region.mem_id and _is_hidden(element, classes, removal)
    ]
    hidden = {element.mem_id for element in doomed}
    removal.count = sum(
        hidden.isdisjoint(ancestor.mem_id for ancestor in ancestors(element)) for element in doomed
    )
    drop(doomed)
    return removal


def _is_hidden(element: Element, classes: frozenset[str], removal: Removal) -> bool:
    attributes = element.attributes
    for name in (attributes.get("class") or "").split():
        if name in classes:
            if is_machine_made(name):
                return True
            removal.spared.add(name)
        elif is_mark(name):
            return True
    style = attributes.get("style")
    if not style or not _INLINE.search(style):
        return False
    if not _is_in_spoiler(element):
        return True
    while _INLINE.search(style):  # whoever opens the spoiler is to see it
        style = _INLINE.sub(";", style)
    element.attrs["style"] = style
    return False


def _is_in_spoiler(element: Element) -> bool:
    """A spoiler is hidden until clicked, by a style of its own in some forms of it."""
    return any(
        "spoiler" in (node.attributes.get("class") or "").lower()
        for node in (element, *ancestors(element))
    )
