"""Emphasis: which of it is written with `*`, and which as HTML."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

EM, STRONG, UNDERLINE, STRIKE, SUPER, SUB, MARK, CODE = (1 << place for place in range(8))
#: Harmless HTML elements; a reader of Markdown need not know them.
TAGS = {
    EM: "em",
    STRONG: "strong",
    UNDERLINE: "u",
    STRIKE: "s",
    SUPER: "sup",
    SUB: "sub",
    MARK: "mark",
    CODE: "code",
}
#: The mark of each emphasis; some have none.
DELIMITERS = {0: "", EM: "*", STRONG: "**"}
_ROUNDS = 6


@dataclass(slots=True, eq=False)
class _Mark:
    """One stretch of emphasis."""

    bit: int
    as_tag: bool

    def written(self, *, opens: bool) -> str:
        if self.as_tag:
            return f"<{TAGS[self.bit]}>" if opens else f"</{TAGS[self.bit]}>"
        return DELIMITERS[self.bit]


#: A text, or a mark that opens (True) or closes (False).
_Token = str | tuple[_Mark, bool]


def marked(items: Sequence[tuple[str, int]], *, tags_only: bool = False) -> str:
    """Join texts, each escaped and with its emphasis.

    >>> marked([("Rank", 0), (":", STRONG), (" Iron", 0)]), marked([("Ann", EM | STRONG), (": go.", EM)])
    ('Rank<strong>:</strong> Iron', '***Ann**: go.*')
    """
    tokens = list(_tokens(items, tags_only=tags_only))
    for _ in range(_ROUNDS):
        if not _demoted(tokens):
            break
    else:
        for token in tokens:
            if not isinstance(token, str):
                token[0].as_tag = True
    return "".join(
        token if isinstance(token, str) else token[0].written(opens=token[1]) for token in tokens
    )


def _tokens(items: Sequence[tuple[str, int]], *, tags_only: bool) -> Iterator[_Token]:
    """The marks that open and close around the texts, the longest stretch outermost."""
    stack: list[_Mark] = []
    ends = _ends([style for _, style in items])
    around = 0  # the emphasis that the stack makes
    for place, (text, style) in enumerate(items):
        if style == around:
            yield text
            continue
        around = style
        kept = 0
        while kept < len(stack) and stack[kept].bit & style:
            kept += 1
        while len(stack) > kept:
            yield stack.pop(), False
        held = 0
        for mark in stack:
            held |= mark.bit
        missing = [bit for bit in TAGS if bit & style & ~held]
        for bit in sorted(missing, key=lambda bit: -ends[bit][place]):
            mark = _Mark(bit, tags_only or bit not in DELIMITERS)
            stack.append(mark)
            yield mark, True
        yield text
    while stack:
        yield stack.pop(), False


def _ends(styles: list[int]) -> dict[int, list[int]]:
    """For each kind of emphasis and each text, the end of the stretch that the text is in."""
    found: dict[int, list[int]] = {}
    used = 0
    for style in set(styles):
        used |= style
    for bit in TAGS:
        if not used & bit:
            continue
        ends = [0] * len(styles)
        end = len(styles)
        for place in range(len(styles) - 1, -1, -1):
            if not styles[place] & bit:
                end = place
            ends[place] = end
        found[bit] = ends
    return found


def _demoted(tokens: list[_Token]) -> bool:
    """Turn marks that CommonMark would misread into tags. Return whether there were any."""
    changed = False
    depth = 0  # marks written as `*` that are open
    before = "\n"
    place = 0
    while place < len(tokens):
        token = tokens[place]
        if isinstance(token, str):
            before = token[-1:] or before
            place += 1
            continue
        if token[0].as_tag:
            before = ">"
            place += 1
            continue
        run = []
        while place < len(tokens):
            token = tokens[place]
            if isinstance(token, str) or token[0].as_tag:
                break
            run.append(token)
            place += 1
        after = _beginning(tokens, place)
        opening = [mark for mark, opens in run if opens]
        closing = [mark for mark, opens in run if not opens]
        wrong = _misread(opening, closing, before, after, within=depth > len(closing))
        for mark in wrong:
            mark.as_tag = True
        changed = changed or bool(wrong)
        depth += len(opening) - len(closing)
        before = "*"
    return changed


def _beginning(tokens: list[_Token], place: int) -> str:
    if place == len(tokens):
        return "\n"
    token = tokens[place]
    return token[0] if isinstance(token, str) else "<"


def _misread(
    opening: list[_Mark], closing: list[_Mark], before: str, after: str, *, within: bool
) -> list[_Mark]:
    """The marks of a run of `*` that would not open or close as they should.

    A run that can close would close an outer mark; a run that closes and opens would be split
    elsewhere.
    """
    if closing:
        is_read = closes(before, "<" if opening else after, sure=True)
        return opening if is_read else opening + closing
    is_read = opens(before, after) and not (within and closes(before, after, sure=False))
    return [] if is_read else opening


def opens(before: str, after: str) -> bool:
    """Whether every reader takes a run of `*` here for an opening one."""
    return not _is_space(after) and (
        not _is_sign(after, in_doubt=True) or _is_space(before) or _is_sign(before, in_doubt=False)
    )


def closes(before: str, after: str, *, sure: bool) -> bool:
    """Whether every reader (or any, if not `sure`) takes a run of `*` here for a closing one."""
    return not _is_space(before) and (
        not _is_sign(before, in_doubt=sure)
        or _is_space(after)
        or _is_sign(after, in_doubt=not sure)
    )


@lru_cache(maxsize=4096)
def _is_space(char: str) -> bool:
    return char in "\t\n\f\r" or unicodedata.category(char) == "Zs"


@lru_cache(maxsize=4096)
def _is_sign(char: str, *, in_doubt: bool) -> bool:
    """Punctuation. Symbols beyond ASCII count for CommonMark 0.31 and newer only."""
    kind = unicodedata.category(char)
    return kind.startswith("P") or (kind.startswith("S") and (char.isascii() or in_doubt))
