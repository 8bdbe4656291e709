"""Elements that a reader of a page never sees: hidden by a style of their own, or by the page's own
style sheets.

A spoiler that opens at a click counts as visible, and so does content that some state of the page
shows: a note under the pointer, an open tab. Content that only a script would show does not count:
no script runs here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Self

from selectolax.lexbor import LexborNode, SelectolaxError

from novel_core.document.style_rules import Rule, rules_of
from novel_core.document.text import ancestors, drop, written
from novel_core.document.unseen_styles import Way, read, ways

#: Styles that the style of an inner element can undo.
_UNDONE = {Way.VISIBILITY: "visibility", Way.SIZE: "font-size", Way.COLOUR: "color"}
_STYLE = re.compile(r"<style\b([^<>]*+)>(.*?)(?:</style|\Z)", re.IGNORECASE | re.DOTALL)
_PAPER = re.compile(r"\s*+(?:print|speech)", re.IGNORECASE)
_FOR_PAPER = re.compile(r"media\s*+=\s*+(?:[\"']\s*+)?(?:print|speech)", re.IGNORECASE)
Signature = tuple[str | None, str | None, str | None, str | None]


@dataclass(frozen=True, slots=True)
class Sheets:
    """The rules of a page's own style sheets that hide elements, or show them again."""

    rules: tuple[Rule, ...] = ()

    @classmethod
    def of(cls, styles: Iterable[str]) -> Self:
        return cls(
            tuple(rule for style in styles for rule in rules_of(style.replace("\r\n", "\n")))
        )

    @classmethod
    def in_markup(cls, html: str) -> Self:
        """The rules of the `style` elements in markup, found without a parser; `in_tree` is exact.

        >>> [rule.selector for rule in Sheets.in_markup("<style>.x { opacity: 0 }</style>").rules]
        ['.x']
        """
        if "<style" not in html and "<STYLE" not in html:
            return cls()
        return cls.of(
            match[2] for match in _STYLE.finditer(html) if not _FOR_PAPER.search(match[1])
        )

    @classmethod
    def in_tree(cls, root: LexborNode) -> Self:
        """The rules of `style` elements below `root`, without those for print or `noscript`."""
        return cls.of(
            written(node)
            for node in root.css("style")
            if not _PAPER.match(node.attributes.get("media") or "")
            and all(above.tag != "noscript" for above in ancestors(node))
        )

    def may_hide_in(self, html: str) -> bool:
        """A fast check: whether any class or id of a hiding rule occurs in `html`."""
        return any(rule.hides and all(name in html for name in rule.names) for rule in self.rules)

    def hidden_in(self, root: LexborNode) -> list[LexborNode]:
        """The elements below `root`, in a page or a part of one, that the sheets hide."""
        hiding = [rule for rule in self.rules if rule.hides]
        candidates = {node.mem_id: node for rule in hiding for node in _select(root, rule.selector)}
        if not candidates:
            return []
        # For each candidate and each way of hiding, what the strongest rule says.
        decided: dict[int, dict[Way, bool]] = {number: {} for number in candidates}
        for rule in sorted(self.rules, key=attrgetter("weight")):
            for node in _select(root, rule.selector) if not rule.at_times else ():
                decided.get(node.mem_id, {}).update(rule.told)
        return [
            node
            for node in candidates.values()
            if any(
                hides and _own_word(node, way) is not False
                for way, hides in decided[node.mem_id].items()
            )
            and not self._is_shown_at_times(node)
            and not _is_spoiler(node)
        ]

    def _is_shown_at_times(self, node: LexborNode) -> bool:
        """Whether a rule for some state, with a class or id of the rule, shows the element."""
        own = {*(node.attributes.get("class") or "").split(), node.attributes.get("id") or ""}
        return any(
            not all(rule.told.values())
            and own & rule.names
            and (rule.at_times or not rule.names <= own or not _matches(node, rule.selector))
            for rule in self.rules
        )


def _own_word(node: LexborNode, way: Way) -> bool | None:
    """What the element's own style says of one way; it overrides every sheet."""
    style = node.attributes.get("style")
    return read(style).get(way) if style else None


def hidden_by_style(root: LexborNode) -> list[LexborNode]:
    """The elements below `root` that their own style or `hidden` hides, without spoilers."""
    found: list[LexborNode] = []
    for node in root.css("[style],[hidden]"):
        attributes = node.attributes
        hiding = ways(attributes.get("style") or "")
        if (
            (hiding or "hidden" in attributes)
            and _is_unseen(node, hiding)
            and not _is_spoiler(node)
        ):
            found.append(node)
    return found


def _is_unseen(node: LexborNode, hiding: frozenset[Way]) -> bool:
    for way in hiding:
        undone = _UNDONE.get(way)
        if undone is None:
            if way is Way.OPACITY and _is_picture(node):
                # Fades in when it has been loaded.
                continue
            return True
        inner = (one.attributes.get("style") or "" for one in node.css(f"[style*='{undone}']"))
        if not any(undone in style and way not in ways(style) for style in inner):
            return True
    return not hiding


def _is_picture(node: LexborNode) -> bool:
    if node.tag == "img":
        return True
    return node.css_first("img") is not None and not node.text().strip()


def _is_spoiler(node: LexborNode) -> bool:
    """Whether the element is in a spoiler that a reader opens, by its class names."""
    return any(
        at.tag == "details" or "spoiler" in (at.attributes.get("class") or "").lower()
        for at in (node, *ancestors(node))
        if at.is_element_node
    )


def signatures(page: LexborNode, hidden: Sequence[LexborNode]) -> frozenset[Signature]:
    """Signatures that find hidden elements in a copy, and no visible ones."""
    numbers = {node.mem_id for node in hidden}
    told = {_signature(node) for node in hidden}
    for tag in {node.tag for node in hidden}:
        told -= {_signature(node) for node in page.css(tag or "*") if node.mem_id not in numbers}
    return frozenset(told)


def drop_signed(root: LexborNode, signed: frozenset[Signature]) -> int:
    """Drop the elements with one of the `signatures` from a copy. Return their number."""
    tags = {signature[0] for signature in signed}
    doomed = [node for tag in tags if tag for node in root.css(tag) if _signature(node) in signed]
    drop(doomed)
    return len(doomed)


def _signature(node: LexborNode) -> Signature:
    attributes = node.attributes
    return node.tag, attributes.get("class"), attributes.get("id"), node.text_content


def _select(root: LexborNode, selector: str) -> list[LexborNode]:
    try:
        return root.css(selector)
    # A newer CSS, or invalid.
    except SelectolaxError:
        return []


def _matches(node: LexborNode, selector: str) -> bool:
    # `css_matches` of selectolax would ask what is inside of the element, too.
    return any(one.mem_id == node.mem_id for one in _select(node, selector))
