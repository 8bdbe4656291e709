"""The context of an export: what every format reads, and the counts of what it has written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from novel_core.export.book import Book, Entry
from novel_core.export.gallery import Gallery
from novel_core.export.links import Links
from novel_core.export.reading import Text, read_book, read_texts
from novel_core.export.selection import Selection
from novel_core.registry import Registry


@dataclass
class Tally:
    """Counts while a book is made: `chapters` so far, URLs of the pictures shown, and of those that
    are missing.
    """

    chapters: int = 0
    pictures: set[str] = field(default_factory=set)
    lost_pictures: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class ExportContext:
    """One novel as one transaction sees it."""

    session: Session
    book: Book
    gallery: Gallery
    links: Links
    tally: Tally

    @classmethod
    def of(
        cls, session: Session, registry: Registry, novel_id: int, selection: Selection
    ) -> ExportContext:
        book = read_book(session, registry, novel_id, selection)
        return cls(session, book, Gallery(session, novel_id), Links(book, registry), Tally())

    def texts(self) -> Iterator[tuple[Entry, Text]]:
        """The chapters with a text, in order, a few in memory at a time."""
        for pair in read_texts(self.session, self.book.held):
            yield pair
            self.tally.chapters += 1
