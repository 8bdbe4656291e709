"""A cover for a novel that has none: its title and authors on a colour of its own."""

from __future__ import annotations

import colorsys
import zlib
from xml.sax.saxutils import escape

from novel_core.content.layout import cells, wrap
from novel_core.export.book import Book

_WIDTH, _HEIGHT = 600, 900
_LINE = 18  # cells of a title's line
_SMALL_LINE = 32
_MOST_LINES = 8


def draw_cover(book: Book) -> str:
    """An SVG file; the same novel always has the same colour."""
    hue = zlib.crc32(book.identifier.encode()) % 360 / 360
    colour = "#" + "".join(
        f"{round(channel * 255):02x}" for channel in colorsys.hls_to_rgb(hue, 0.26, 0.4)
    )
    lines = _lines(book.title, _LINE)
    text = [_text(line, 260 + 64 * place, 52) for place, line in enumerate(lines)]
    below = [*([book.extent] if book.extent else []), ", ".join(book.authors)]
    top = 260 + 64 * len(lines) + 30
    small = [line for words in below for line in _lines(words, _SMALL_LINE)][:_MOST_LINES]
    text += [_text(line, top + 40 * place, 30) for place, line in enumerate(small)]
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}"'
        f' viewBox="0 0 {_WIDTH} {_HEIGHT}">\n'
        f"<title>{escape(book.full_title)}</title>\n"
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="{colour}"/>\n'
        f'<rect x="30" y="30" width="{_WIDTH - 60}" height="{_HEIGHT - 60}" fill="none" stroke="#ffffff"'
        ' stroke-opacity="0.5" stroke-width="3"/>\n' + "\n".join(text) + "\n</svg>\n"
    )


def _lines(words: str, width: int) -> list[str]:
    """`words` in at most so many lines; a word that is too long for one is cut into several."""
    lines: list[str] = []
    for line in wrap(words, width):
        while cells(line) > width:
            lines.append(line[: width // 2])
            line = line[width // 2 :]  # noqa: PLW2901 - what is left of it
        lines.append(line)
    if len(lines) > _MOST_LINES:
        return [*lines[: _MOST_LINES - 1], "…"]
    return [line for line in lines if line]


def _text(line: str, top: int, size: int) -> str:
    return (
        f'<text x="{_WIDTH // 2}" y="{top}" font-family="serif" font-size="{size}" fill="#ffffff"'
        f' text-anchor="middle">{escape(line)}</text>'
    )
