"""The rules of a page's own style sheets that hide something, or show it again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from novel_core.document.unseen_styles import Way, read

#: A sheet without these words hides nothing and is not parsed.
_WORDS = re.compile(
    r"none|hidden|collapse|opacity|font-size|indent|-\d{3}|clip|scale|transparent|\\", re.IGNORECASE
)
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
#: Text in quotes may hold brackets.
_QUOTED_BRACKET = re.compile(r"\"[^\"\n{}]*[{}][^\"\n]*\"|'[^'\n{}]*[{}][^'\n]*'")
_PIECE = re.compile(r"([^{}]*+)([{}]|\Z)")
_SCREEN = re.compile(r"@(?:media|supports|layer|container)\b", re.IGNORECASE)
#: Rules that apply to some readers only, or to none.
_SOME = re.compile(r"print|speech|width|height|orientation|hover|pointer|prefers", re.IGNORECASE)
#: Selectors of pseudo-elements and of states.
_AT_TIMES = re.compile(
    r":(?::|before|after|first-l|hover|focus|active|target|checked|visited|link|open|placeholder)",
    re.IGNORECASE,
)
_LAST = re.compile(r"[^\s>+~]+\Z")
#: A letter, `_` or any character beyond ASCII; a set up to U+10FFFF takes 4 ms to compile.
_CHARACTER = r"[^\x00-@\[-^`{-\x7f]"
_LETTER = rf"(?:{_CHARACTER}|\\[0-9a-f]{{6}})"
_NAME = re.compile(rf"[.#](-*{_LETTER}(?:{_LETTER}|[-0-9])*)")
_ESCAPE = re.compile(r"\\([0-9a-fA-F]{1,6})\s?|\\(.)", re.DOTALL)
_PLAIN = re.compile(_CHARACTER)
_TYPE = re.compile(r"(?:^|[\s>+~(])[a-zA-Z]")
_MOST_RULES = 5_000


@dataclass(frozen=True, slots=True)
class Rule:
    """A selector and what its style says; `weight` orders the rules of one way as browsers do."""

    selector: str
    told: dict[Way, bool]
    weight: tuple[int, int, int, int]
    at_times: bool = False

    @property
    def hides(self) -> bool:
        return not self.at_times and any(self.told.values())

    @property
    def names(self) -> frozenset[str]:
        """The classes and the id that the element itself must have."""
        last = _LAST.search(self.selector)
        compound = last[0] if last else self.selector
        return frozenset(_ESCAPE.sub(_character, name) for name in _NAME.findall(compound))


@lru_cache(maxsize=64)
def rules_of(sheet: str) -> tuple[Rule, ...]:
    """The rules of a style sheet, if any of them hides; in linear time for any input.

    >>> [(rule.selector, rule.hides) for rule in rules_of(".a>.b{display:none} .b:hover{display:block}")]
    [('.a>.b', True), ('.b:hover', False)]
    """
    if not _WORDS.search(sheet):
        return ()
    found = tuple(_rules(_QUOTED_BRACKET.sub('""', _COMMENT.sub(" ", sheet))))
    return found if any(rule.hides for rule in found) else ()


def _rules(sheet: str) -> Iterator[Rule]:
    """An outline is enough: a selector stands before a bracket, declarations stand in it."""
    applies = [True]
    prelude, order = "", 0
    for piece in _PIECE.finditer(sheet):
        text, bracket = piece[1], piece[2]
        if bracket == "{":
            prelude = text.rpartition(";")[2].strip()
            is_group = prelude.startswith("@")
            applies.append(applies[-1] and (not is_group or _is_for_readers(prelude)))
        # The end of the sheet closes what is open.
        else:
            if prelude and applies[-1] and not prelude.startswith("@") and order < _MOST_RULES:
                order += 1
                yield from _of_block(prelude, text, order)
            prelude = ""
            if len(applies) > 1:
                applies.pop()


def _is_for_readers(prelude: str) -> bool:
    return bool(_SCREEN.match(prelude)) and not _SOME.search(prelude)


def _of_block(prelude: str, block: str, order: int) -> Iterator[Rule]:
    told = read(block)
    if not told:
        return
    is_important = "!" in block
    for selector in _split(_ESCAPE.sub(_settled, prelude)):
        at_times = bool(_AT_TIMES.search(selector))
        weight = (int(is_important), *_specificity(selector), order)
        yield Rule(selector, told, weight, at_times)


def _split(prelude: str) -> list[str]:
    """The selectors of a group; one with brackets is taken whole."""
    if "(" in prelude or "[" in prelude:
        return [prelude]
    return [one.strip() for one in prelude.split(",") if one.strip()]


def _settled(escape: re.Match[str]) -> str:
    """The character of an escape: a letter as itself, anything else as six digits."""
    character = _character(escape)
    return character if _PLAIN.fullmatch(character) else f"\\{ord(character):06x}"


def _character(escape: re.Match[str]) -> str:
    if escape[2]:
        return escape[2]
    code = int(escape[1], 16)
    return chr(code) if 0 < code <= 0x10FFFF and not 0xD800 <= code < 0xE000 else "\ufffd"  # noqa: PLR2004


def _specificity(selector: str) -> tuple[int, int]:
    return (
        selector.count("#"),
        100 * (selector.count(".") + selector.count("[") + selector.count(":"))
        + len(_TYPE.findall(selector)),
    )
