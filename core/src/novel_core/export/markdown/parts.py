"""A saved text in its parts: paragraphs that are told by their tags, and what stands between them, which takes a parser."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape

from novel_core.export.markdown.escaping import signs_of
from novel_core.export.markdown.simple import EMPHASIS, simple_texts
from novel_core.export.tree import VOID, legal


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One that stands in no other element, of words and simple emphasis, as its line."""

    line: str


def parts(html: str) -> list[Paragraph | str]:
    """`html` as its simple paragraphs and the markup between them.

    >>> parts("<p>One <em>two</em></p><ul><li>3</li></ul><p>Four</p>")
    [Paragraph(line='One *two*'), '<ul><li>3</li></ul>', Paragraph(line='Four')]
    """
    html = legal(html)
    pieces = html.replace(">", "<").split("<")  # text, tag, text, …, tag, text
    try:
        found = list(_parts(pieces, signs_of(html)))
    except (IndexError, _NotNested):
        return [html]
    # Brackets elsewhere than around tags, or elements that overlap: that is for a parser.
    return found if _markup(pieces) == html else [html]


class _NotNested(Exception):
    """An element ends that is not the last one that began."""


def _parts(pieces: Sequence[str], signs: str) -> Iterator[Paragraph | str]:
    start, place = 0, 1  # of what is not told yet; of the next tag
    opened: list[str] = []
    while place < len(pieces):
        tag = pieces[place]
        if tag == "p" and not opened:
            end = _end_of_simple(pieces, place)
            line = _line(pieces[place + 1 : end], signs) if end else None
            if end and line is not None:
                yield from _between(pieces[start:place])
                yield Paragraph(line)
                start, place = end + 1, end + 2
                continue
        name = tag.partition(" ")[0]
        if name.startswith("/"):
            if not opened or opened.pop() != name[1:]:
                raise _NotNested
        elif name not in VOID:
            opened.append(name)
        place += 2
    if opened:
        raise _NotNested
    yield from _between(pieces[start:])


def _between(pieces: Sequence[str]) -> Iterator[str]:
    if len(pieces) == 1 and pieces[0].isspace():
        return
    markup = _markup(pieces).strip(" \t\r\n\f")
    if markup:
        yield markup


def _markup(pieces: Sequence[str]) -> str:
    parts = list(pieces)
    parts[1::2] = [f"<{tag}>" for tag in parts[1::2]]
    return "".join(parts)


def _end_of_simple(pieces: Sequence[str], start: int) -> int:
    """The place of the end tag of the paragraph that starts at `start`; 0 if it holds more than words and emphasis."""
    place = start + 2
    while (tag := pieces[place]) != "/p":
        if tag not in EMPHASIS or pieces[place + 2] != f"/{tag}":
            return 0
        place += 4
    return place


def _line(pieces: Sequence[str], signs: str) -> str | None:
    texts = [unescape(text) if "&" in text else text for text in pieces[::2]]
    marks = [""] * len(texts)
    marks[1::2] = [EMPHASIS[tag] for tag in pieces[1::4]]
    return simple_texts(texts, marks, signs)
