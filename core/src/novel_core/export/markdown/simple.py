"""The fast path for the common paragraph: words, and stretches of emphasis that stand apart."""

from __future__ import annotations

from collections.abc import Sequence

from novel_core.export.markdown.escaping import SIGNS, escaped
from novel_core.export.markdown.line import WORDS, Piece, with_single_blanks
from novel_core.export.markdown.marks import DELIMITERS, EM, STRONG, closes, opens

#: Elements of simple emphasis, with their marks.
EMPHASIS = {
    tag: DELIMITERS[style]
    for tag, style in (("em", EM), ("i", EM), ("strong", STRONG), ("b", STRONG))
}


def simple_texts(texts: list[str], marks: list[str], signs: str = SIGNS) -> str | None:
    """The line of `texts`, every second one with its mark; None if it takes more than that.

    Only `signs` are escaped.
    """
    if len(texts) == 1:
        return _begun(_escaped(with_single_blanks(texts[0]), signs).rstrip())
    if not texts[-1]:
        del texts[-1], marks[-1]
    if not texts[0]:
        del texts[0], marks[0]
    return _line(texts, marks, signs)


def simple_line(pieces: Sequence[Piece]) -> str | None:
    """The result of `line.lines_of` for simple `pieces`, with less work; None if they need the full
    path.

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
    return _line(["".join(parts) for parts in texts], marks, SIGNS)


def _line(texts: list[str], marks: list[str], signs: str) -> str | None:
    """The texts, each with its mark (of two neighbours at least one has the mark "")."""
    written = [_escaped(with_single_blanks(text), signs) for text in texts]
    written[-1] = written[-1].rstrip()
    written[0] = _begun(written[0])
    return _emphasised(written, marks) if len(written) > 1 or marks[0] else written[0]


def _begun(text: str) -> str:
    """`text` at the beginning of a line; an indent of other than common spaces is kept."""
    if not text[:1].isspace():
        return text
    words = text.lstrip()
    return text[: len(text) - len(words)].strip(" ") + words


def _escaped(text: str, signs: str) -> str:
    """`text` escaped, the white space at its edges outside; empty without words."""
    words = text.strip()
    if len(words) == len(text):
        return escaped(words, signs)
    start = len(text) - len(text.lstrip())
    return text[:start] + escaped(words, signs) + text[start + len(words) :] if words else ""


def _emphasised(texts: list[str], marks: list[str]) -> str | None:
    """The texts joined, each in its mark; None if a mark could be misread."""
    last = len(texts) - 1
    for place, (text, mark) in enumerate(zip(texts, marks, strict=True)):
        if not text:
            return None
        if not mark:
            continue
        first, end = text[0], text[-1]
        # Beside a letter a mark is always read as intended.
        if not first.isalnum():
            before = texts[place - 1][-1:] if place else "\n"
            if first.isspace() or not opens(before, first):
                return None
        if not end.isalnum():
            after = texts[place + 1][:1] if place < last else "\n"
            if end.isspace() or not closes(end, after or "\n", sure=True):
                return None
        texts[place] = f"{mark}{text}{mark}"
    return "".join(texts)
