"""A drawn cover for a novel without one: title and authors on a colour of its own."""

from __future__ import annotations

import colorsys
import io
import unicodedata
import zlib
from functools import cache

from PIL import Image, ImageDraw, ImageFont

from novel_core.content.layout import cells, wrap
from novel_core.export.book import Book
from novel_core.library.slugs import in_ascii, without_japanese

_SIZE = (600, 900)
_WHITE, _FRAME = "#ffffff", 30
# Cells of a title's line.
_LINE = 18
_SMALL_LINE = 32
_MOST_LINES = 8
_LARGE, _SMALL = 52, 30
#: A character that no font has; a letter drawn the same way is missing from the font.
_NOWHERE = "\uffff"


def draw_cover(book: Book) -> bytes:
    """A PNG, which every e-reader shows; the same novel always has the same colour.

    The font has Latin letters only: other scripts are transliterated, and a Japanese title is
    replaced by its slug.
    """
    hue = zlib.crc32(book.identifier.encode()) % 360 / 360
    red, green, blue = (round(channel * 255) for channel in colorsys.hls_to_rgb(hue, 0.26, 0.4))
    image = Image.new("RGB", _SIZE, (red, green, blue))
    pen = ImageDraw.Draw(image)
    edge = (_FRAME, _FRAME, _SIZE[0] - _FRAME, _SIZE[1] - _FRAME)
    pen.rectangle(edge, outline=_WHITE, width=3)
    title = _drawable(book.title, book.language) or book.slug.replace("-", " ")
    lines = _lines(title, _LINE)
    for place, line in enumerate(lines):
        _write(pen, line, 260 + 64 * place, _LARGE)
    below = (book.extent or "", ", ".join(book.authors))
    top = 260 + 64 * len(lines) + 30
    small = [
        line for words in below for line in _lines(_drawable(words, book.language), _SMALL_LINE)
    ]
    for place, line in enumerate(small[:_MOST_LINES]):
        _write(pen, line, top + 40 * place, _SMALL)
    written = io.BytesIO()
    image.save(written, "PNG", optimize=True)
    return written.getvalue()


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


@cache
def _draws(character: str) -> bool:
    font = _font(_SMALL)
    return character.isspace() or bytes(font.getmask(character)) != bytes(font.getmask(_NOWHERE))


def _drawable(words: str, language: str) -> str:
    """`words`, with the letters that the font lacks transliterated."""
    spelled = (
        letter if _draws(letter) else _reading(letter)
        for letter in unicodedata.normalize("NFC", without_japanese(words, language))
    )
    return " ".join("".join(spelled).split())


def _reading(letter: str) -> str:
    """The transliteration of a letter; empty for other characters."""
    return in_ascii(letter) if letter.isalpha() or unicodedata.category(letter)[0] == "P" else ""


def _write(pen: ImageDraw.ImageDraw, line: str, baseline: int, size: int) -> None:
    pen.text((_SIZE[0] / 2, baseline), line, fill=_WHITE, font=_font(size), anchor="ms")


def _lines(words: str, width: int) -> list[str]:
    """`words` in at most _MOST_LINES lines; a word too long for a line is cut."""
    lines: list[str] = []
    for line in wrap(words, width):
        while cells(line) > width:
            lines.append(line[: width // 2])
            line = line[width // 2 :]  # noqa: PLW2901 - what is left of it
        lines.append(line)
    if len(lines) > _MOST_LINES:
        return [*lines[: _MOST_LINES - 1], "…"]
    return [line for line in lines if line]
