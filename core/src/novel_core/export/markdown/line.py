"""Inline text: words, pictures, code and links with their emphasis, as one or more lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import NamedTuple

from novel_core.export.markdown.escaping import escaped, target
from novel_core.export.markdown.marks import marked

#: White space other than single spaces.
_BLANKS = re.compile(r"[\t\r\n\f][ \t\r\n\f]*| [ \t\r\n\f]+")
_BACKTICKS = re.compile(r"`+")
WORDS, CODE, RAW, SPACE, BREAK = range(5)


@dataclass(frozen=True, slots=True, eq=False)
class Link:
    url: str
    title: str


class Piece(NamedTuple):
    """A piece of a line. `kind` is words, code, finished Markdown, white space, or a line break."""

    text: str
    kind: int = WORDS
    style: int = 0
    link: Link | None = None


def lines_of(pieces: Iterable[Piece], *, break_: str = "\\\n", in_cell: bool = False) -> list[str]:
    """The paragraphs of inline text: two line breaks part them, one is `break_`."""
    return [_line(part, break_, in_cell=in_cell) for part in _paragraphs(_arranged(pieces))]


def with_single_blanks(text: str) -> str:
    is_single = not ("  " in text or "\n" in text or "\t" in text or "\r" in text or "\f" in text)
    return text if is_single else _BLANKS.sub(" ", text)


def as_html(pieces: Iterable[Piece]) -> str:
    """The same text as a line of HTML, without its links."""
    items = [
        piece for part in _paragraphs(_arranged(pieces)) for piece in [*part, Piece(" ", SPACE)]
    ]
    return marked([(_html(piece), piece.style) for piece in items], tags_only=True).strip()


def _html(piece: Piece) -> str:
    if piece.kind == BREAK:
        return " "
    text = piece.text if piece.kind == RAW else escape(piece.text, quote=False)
    return f"<code>{text}</code>" if piece.kind == CODE else text


def _arranged(pieces: Iterable[Piece]) -> list[Piece]:
    """The pieces with single spaces between them, in the emphasis both sides share."""
    found: list[Piece] = []
    for (kind, style, link), group in groupby(pieces, key=lambda piece: piece[1:]):
        if kind in {RAW, BREAK}:
            found += group
            continue
        text = with_single_blanks("".join(piece.text for piece in group))
        words = text.strip()
        if words and len(words) == len(text):
            found.append(Piece(words, kind, style, link))
            continue
        start = len(text) - len(text.lstrip())
        if start:
            found.append(Piece(text[:start], SPACE))
        if words:
            found.append(Piece(words, kind, style, link))
            if start + len(words) < len(text):
                found.append(Piece(text[start + len(words) :], SPACE))
    return found


def _paragraphs(pieces: list[Piece]) -> Iterator[list[Piece]]:
    """Split at two breaks; of white space at the edges only a wide indent stays."""
    part: list[Piece] = []
    space, breaks = "", 0
    for piece in pieces:
        if piece.kind == SPACE:
            space += piece.text.lstrip(" ") if space.endswith(" ") else piece.text
            continue
        if piece.kind == BREAK:
            breaks += 1
            space = ""
            continue
        if breaks > 1 and part:
            yield part
            part = []
        if not part or breaks:
            space = space.strip(" ")
        between = [Piece("", BREAK)] if breaks and part else []
        if space:
            between.append(Piece(space, SPACE))
        if part:
            style, link = part[-1].style & piece.style, part[-1].link
            between = [
                one._replace(style=style, link=link if link is piece.link else None)
                for one in between
            ]
        part += [*between, piece]
        space, breaks = "", 0
    if part:
        yield part


def _line(pieces: list[Piece], break_: str, *, in_cell: bool) -> str:
    items: list[tuple[str, int]] = []
    for link, group in groupby(pieces, key=lambda piece: piece.link):
        texts = [(_written(piece, break_, in_cell=in_cell), piece.style) for piece in group]
        address = target(link.url, link.title) if link is not None else None
        if address is None:
            items += texts
            continue
        if items and items[-1][0].endswith("!"):
            items[-1] = (f"{items[-1][0][:-1]}\\!", items[-1][1])
        items.append((f"[{marked(texts)}]({address})", 0))
    return marked(items)


def _written(piece: Piece, break_: str, *, in_cell: bool) -> str:
    if piece.kind == BREAK:
        return break_
    if piece.kind == CODE:
        code = _code(piece.text)
        return code.replace("|", "\\|") if in_cell else code
    return escaped(piece.text) if piece.kind == WORDS else piece.text


def _code(text: str) -> str:
    """A code span."""
    fence = "`" * (longest_backticks(text) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def longest_backticks(text: str) -> int:
    return max(map(len, _BACKTICKS.findall(text)), default=0)
