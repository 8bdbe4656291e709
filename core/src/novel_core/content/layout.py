"""Lines of plain text: wrapping and columns on a terminal, where Han takes two cells."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

_GAP = 2
_MIN_COLUMN = 6
# Of a table laid out in columns; one long row widens all others.
_MOST_CELLS = 100_000
#: A word, or one wide character with its closing punctuation: where a line may break.
_PIECE = re.compile(
    "[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uff66-\uff9d][\u3001\u3002\uff01\uff0c\uff1f\u300d\u300f]*"
    "|[^ \u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uff66-\uff9d]+| +"
)


def cells(text: str) -> int:
    """The number of terminal columns of `text`.

    >>> cells("abc"), cells("魔王")
    (3, 4)
    """
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 1 + (unicodedata.east_asian_width(char) in "WF")
        for char in text
    )


def wrap(text: str, width: int | None) -> list[str]:
    """`text`, one line, wrapped at `width` cells; a longer word gets its own line."""
    if width is None or cells(text) <= width:
        return [text]
    lines: list[str] = []
    line, used = "", 0
    for piece in _PIECE.findall(text):
        size = cells(piece)
        if used and used + size > width:
            lines.append(line.rstrip(" "))
            line, used = "", 0
        if used or piece.strip(" "):
            line += piece
            used += size
    if line.strip(" "):
        lines.append(line.rstrip(" "))
    return lines


def columns(rows: Sequence[Sequence[str]], width: int | None) -> list[str]:
    """`rows` of cells as aligned columns; as `a | b` lines if they do not fit."""
    count = max((len(row) for row in rows), default=0)
    if count * len(rows) > _MOST_CELLS:
        return _flat(rows, width)
    full = [[*row, *[""] * (count - len(row))] for row in rows]
    wanted = [
        max(cells(line) for row in full for line in row[place].split("\n"))
        for place in range(count)
    ]
    widths = _fitted(wanted, width)
    if widths is None:
        return _flat(rows, width)
    lines: list[str] = []
    for row in full:
        wrapped = [
            [line for text in cell.split("\n") for line in wrap(text, size)]
            for cell, size in zip(row, widths, strict=True)
        ]
        for place in range(max(map(len, wrapped), default=0)):
            parts = (
                _padded(cell[place] if place < len(cell) else "", size)
                for cell, size in zip(wrapped, widths, strict=True)
            )
            lines.append((" " * _GAP).join(parts).rstrip(" "))
    return lines


def _flat(rows: Iterable[Sequence[str]], width: int | None) -> list[str]:
    texts = (" | ".join(" ".join(cell.split("\n")) for cell in row if cell) for row in rows)
    return [line for text in texts for line in wrap(text, width)]


def _padded(text: str, size: int) -> str:
    return text + " " * (size - cells(text))


def _fitted(wanted: list[int], width: int | None) -> list[int] | None:
    """Column widths that fit, the widest reduced first. None if too narrow to read."""
    if width is None:
        return wanted
    room = width - _GAP * (len(wanted) - 1)
    if sum(wanted) <= room:
        return wanted
    if room < _MIN_COLUMN * len(wanted):
        return None
    limit = min(max(wanted), room)
    while sum(min(size, limit) for size in wanted) > room:
        limit -= 1
    return [min(size, limit) for size in wanted] if limit >= _MIN_COLUMN else None
