"""The ETag of a book, made by a few queries: whether a reader's copy is current."""

from __future__ import annotations

import hashlib

import PIL
from sqlalchemy import ColumnElement, func, literal_column, select
from sqlalchemy.orm import Session

from novel_core.db.chapters import ChapterRow, ChapterTextRow
from novel_core.db.pages import PageRow
from novel_core.export.book import Book
from novel_core.export.formats import Format
from novel_core.export.reading import read_book
from novel_core.export.selection import Selection
from novel_core.registry import Registry
from novel_core.source import PageKind
from novel_core.version import __version__

#: Raised whenever the same library gives other bytes.
VERSION = "1"
#: The transaction that last wrote the row; a text that is parsed again is corrected in place.
_WRITTEN_BY: ColumnElement[str] = literal_column("chapter_texts.xmin::text")


def etag_of(
    session: Session, registry: Registry, novel_id: int, kind: Format, selection: Selection
) -> str:
    """A strong ETag, quotes included, made without reading a text or a picture.

    It may change while the bytes do not (after a restore), never the reverse. Raises the errors of
    `write_book`.
    """
    book = read_book(session, registry, novel_id, selection)
    told = (
        VERSION,
        __version__,
        PIL.__version__,
        kind.value,
        # Every field in Python's notation, chapters and volumes included.
        repr(book),
        _texts(session, novel_id, book),
        _pictures(session, novel_id),
    )
    return f'"{hashlib.blake2b(chr(0).join(told).encode(), digest_size=16).hexdigest()}"'


def _texts(session: Session, novel_id: int, book: Book) -> str:
    rows = session.execute(
        select(ChapterTextRow.id, _WRITTEN_BY)
        .join(ChapterRow, ChapterRow.text_id == ChapterTextRow.id)
        .where(ChapterRow.novel_id == novel_id)
    )
    written = {row.id: str(row[1]) for row in rows}
    return ",".join(written[entry.text_id] for entry in book.held if entry.text_id is not None)


def _pictures(session: Session, novel_id: int) -> str:
    """Archived pictures are added and dropped, and change only by being fetched again."""
    row = session.execute(
        select(
            func.count(),
            func.sum(PageRow.size),
            func.max(PageRow.id),
            func.max(PageRow.fetched_at),
        ).where(
            PageRow.novel_id == novel_id,
            PageRow.kind == PageKind.IMAGE,
            PageRow.problem.is_(None),
        )
    ).one()
    return " ".join(map(str, row))
