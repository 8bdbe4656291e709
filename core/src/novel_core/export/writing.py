"""Writing a book into a file or a stream, piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from sqlalchemy import Engine

from novel_core.db.engine import snapshot
from novel_core.export.epub import epub_pieces
from novel_core.export.export_context import ExportContext
from novel_core.export.formats import Format
from novel_core.export.markdown import markdown_pieces
from novel_core.export.plain_text import text_pieces
from novel_core.export.selection import Selection
from novel_core.export.web_page import html_pieces
from novel_core.registry import Registry

#: Called after each piece with the chapters written and their total.
Progress = Callable[[int, int], None]

_PIECES: dict[Format, Callable[[ExportContext], Iterator[bytes]]] = {
    Format.EPUB: epub_pieces,
    Format.TXT: text_pieces,
    Format.MARKDOWN: markdown_pieces,
    Format.HTML: html_pieces,
}
_WHOLE = Selection()


@dataclass(frozen=True, slots=True)
class WrittenBook:
    """`removed`: chapters that the site no longer shows; `missing`: those without a text."""

    format: Format
    title: str
    identifier: str
    chapters: int
    removed: int
    missing: int
    words: int
    pictures: int
    lost_pictures: int
    size: int


def write_book(
    database: Engine,
    registry: Registry,
    novel_id: int,
    kind: Format,
    target: BinaryIO,
    selection: Selection = _WHOLE,
    *,
    progress: Progress | None = None,
) -> WrittenBook:
    """Write the book into `target`, which need not be seekable, in bounded memory.

    UnknownNovel and NothingToExport are raised before anything is written. The same library gives
    the same bytes.
    """
    size = 0
    with snapshot(database) as opened:
        context = ExportContext.of(opened, registry, novel_id, selection)
        for piece in _PIECES[kind](context):
            target.write(piece)
            size += len(piece)
            if progress is not None:
                progress(context.tally.chapters, len(context.book.held))
    book, tally = context.book, context.tally
    return WrittenBook(
        format=kind,
        title=book.full_title,
        identifier=book.identifier,
        chapters=len(book.held),
        removed=sum(entry.is_removed for entry in book.held),
        missing=len(book.lacking),
        words=sum(entry.words for entry in book.held),
        pictures=len(tally.pictures),
        lost_pictures=len(tally.lost_pictures),
        size=size,
    )
