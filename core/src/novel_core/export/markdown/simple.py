"""The line that most paragraphs are: words, and stretches of emphasis that stand apart from each other."""

from __future__ import annotations

from collections.abc import Sequence

from novel_core.export.markdown.escaping import escaped
from novel_core.export.markdown.line import WORDS, Piece, with_single_blanks
from novel_core.export.markdown.marks import DELIMITERS, closes, opens


def simple_line(pieces: Sequence[Piece]) -> str | None:
    """What `line.lines_of` makes of `pieces`, with less work; None where it takes more to say.

    >>> simple_line([Piece("It was "), Piece("not", style=1), Piece(" I. ")])
    'It was *not* I.'
    """
    texts: list[list[str]] = []
    marks: list[str] = []
    for text, kind, style, link in pieces:
        mark = DELIMITERS.get(style)
        if kind != WORDS or link is not None or mark is None:
            return None
        if marks and mark == marks[-1]:
            texts[-1].append(text)
        elif mark and marks and marks[-1]:
            return None
        else:
            texts.append([text])
            marks.append(mark)
    written = [_escaped(with_single_blanks("".join(parts))) for parts in texts]
    if written == [""]:
        return ""
    written[-1] = written[-1].rstrip()
    words = written[0].lstrip()
    if len(words) < len(written[0]):
        indent = written[0][: len(written[0]) - len(words)]
        written[0] = indent.strip(" ") + words
    return _emphasised(written, marks) if any(marks) else written[0]


def _escaped(text: str) -> str:
    """`text`, whose white space at its edges is no part of its words; nothing if there are none."""
    words = text.strip()
    if len(words) == len(text):
        return escaped(words)
    start = len(text) - len(text.lstrip())
    return text[:start] + escaped(words) + text[start + len(words) :] if words else ""


def _emphasised(texts: list[str], marks: list[str]) -> str | None:
    """The texts as one, each in its mark; None where a mark could be read otherwise or a text says nothing."""
    before = "\n"
    last = len(texts) - 1
    for place, (text, mark) in enumerate(zip(texts, marks, strict=True)):
        if not text:
            return None
        if mark:
            after = texts[place + 1][:1] if place < last else "\n"
            first, end = text[0], text[-1]
            if not (after and opens(before, first) and closes(end, after, sure=True)):
                return None
            texts[place] = f"{mark}{text}{mark}"
        before = text[-1]
    return "".join(texts)
