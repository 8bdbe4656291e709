"""The hidden sentence: its place in the text, and the style rules that hide it."""

from __future__ import annotations

import re
from collections.abc import Callable

from novel_royalroad_lookalike.switches import Hidden, Style
from novel_royalroad_lookalike.template import slot

_FIRST_SENTENCE = re.compile(r"(?<=[.!?\"]) (?=[^<]*</p>)")
_CELL = re.compile(r"<td[^>]*>[^<]+")
_OPENING_P = re.compile(r"<p(?: [^>]*)?>")
_WHERE = 0.4
_SPARE_TABLE = "<table><tbody><tr><td>A lone cell.</td></tr></tbody></table>"

_H, _D1, _D2 = slot("hidden"), slot("decoy", "1"), slot("decoy", "2")
_RULES = {
    Style.PLAIN: f"""
            .{_H}{{
                display: none;
                speak: never;
            }}
        """,
    Style.GROUPED: f"""
            .{_D1}, .{_H} ,
            .{_D2}{{ display: none; speak: never; }}
        """,
    Style.SPACED: f"""
            /* reader */   .{_H}\t

            {{speak:never;/* one */DISPLAY  :\tNONE/* two */}}
        """,
    Style.SEVERAL: f"""
            .{_D1}{{ color: inherit }}
            .{_H}{{ speak: never }}
            @media print {{ .chapter-content{{ display: none }} }}
            .{_D2}{{ display: none }} .{_D2}{{ display: block }}
            .{_H}{{ display: none !important }}
            .{_H}{{ display: inline }}
        """,
}


def rules(style: Style, hidden: Hidden) -> str:
    """The chapter page's style element, or nothing."""
    if hidden is Hidden.NONE or style not in _RULES:
        return ""
    return f"        <style>{_RULES[style]}</style>\n"


def hide(markup: str, style: Style) -> str:
    """Markup with the elements nobody sees hidden in that way."""
    if style is not Style.INLINE:
        return markup
    return markup.replace(f'class="{_H}"', 'style="display: none"')


def element(tag: str = "span") -> str:
    """The element nobody sees."""
    return f'<{tag} class="{_H}"><br>{slot("sentence")}<br></{tag}>'


def place(blocks: list[str], hidden: Hidden) -> list[str]:
    """The blocks of a chapter with the hidden element among them; always at the same position."""
    if hidden is Hidden.NONE:
        return blocks
    return _PLACERS[hidden](blocks or [""])


def _paragraph_at(blocks: list[str]) -> int:
    """The first paragraph behind two fifths of the chapter, or any."""
    start = int(len(blocks) * _WHERE)
    order = [*range(start, len(blocks)), *range(start)]
    return next((index for index in order if blocks[index].startswith("<p")), start)


def _behind(tag: str) -> Callable[[list[str]], list[str]]:
    def put(blocks: list[str]) -> list[str]:
        at = _paragraph_at(blocks)
        return [*blocks[:at], blocks[at] + element(tag), *blocks[at + 1 :]]

    return put


def _twice(blocks: list[str]) -> list[str]:
    """Behind a paragraph, and at the end."""
    return [*_behind("span")(blocks), element()]


def _in_paragraph(blocks: list[str]) -> list[str]:
    """Behind the first sentence of a paragraph of several, else before the text of one."""
    several = [index for index, block in enumerate(blocks) if _splits(block)]
    at = next((index for index in several if index >= len(blocks) * _WHERE), None)
    if at is None and several:
        at = several[0]
    if at is None:
        at = _paragraph_at(blocks)
        block = _OPENING_P.sub(lambda found: found[0] + element(), blocks[at], count=1)
    else:
        block = _FIRST_SENTENCE.sub(lambda _: f" {element()}", blocks[at], count=1)
    return [*blocks[:at], block, *blocks[at + 1 :]]


def _splits(block: str) -> bool:
    return block.startswith("<p") and _FIRST_SENTENCE.search(block) is not None


def _in_span(blocks: list[str]) -> list[str]:
    made = _in_paragraph(blocks)
    at = next((index for index, block in enumerate(made) if slot("sentence") in block), 0)
    opening = _OPENING_P.search(made[at])
    if opening:
        inner = made[at][opening.end() : -len("</p>")]
        made[at] = f'{opening[0]}<span style="font-weight: 400">{inner}</span></p>'
    return made


def _in_cell(blocks: list[str]) -> list[str]:
    """A text without a table gets one."""
    if not any(_CELL.search(block) for block in blocks):
        blocks = [*blocks, _SPARE_TABLE]
    at = next(index for index, block in enumerate(blocks) if _CELL.search(block))
    block = _CELL.sub(lambda found: _within(found[0]), blocks[at], count=1)
    return [*blocks[:at], block, *blocks[at + 1 :]]


def _within(cell: str) -> str:
    """Before the last word of a cell, or before its only one."""
    opening, _, text = cell.partition(">")
    before, space, last = text.rpartition(" ")
    return f"{opening}>{before}{space}{element()}{last}"


def _in_div(blocks: list[str]) -> list[str]:
    at = _paragraph_at(blocks)
    inner = blocks[at] + element() + "".join(blocks[at + 1 : at + 2])
    return [*blocks[:at], f"<div>{inner}</div>", *blocks[at + 2 :]]


_PLACERS: dict[Hidden, Callable[[list[str]], list[str]]] = {
    Hidden.SIBLING: _behind("span"),
    Hidden.IN_NOTE: _behind("span"),
    Hidden.TWICE: _twice,
    Hidden.AS_P: _behind("p"),
    Hidden.AS_DIV: _behind("div"),
    Hidden.IN_P: _in_paragraph,
    Hidden.IN_SPAN: _in_span,
    Hidden.IN_TD: _in_cell,
    Hidden.IN_DIV: _in_div,
}
