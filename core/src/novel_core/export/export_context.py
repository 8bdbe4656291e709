"""The context of an export: what every format reads, and the counts of what it has written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from novel_core.export.book import Book, Entry, Gap, Part
from novel_core.export.gallery import Gallery
from novel_core.export.links import Links
from novel_core.export.reading import Text, read_book, read_texts
from novel_core.export.selection import Selection
from novel_core.registry import Registry

_NO_TEXT = Text("", "", "")


@dataclass
class Tally:
    """The chapters written so far, and the URLs of shown and of missing pictures."""

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

    def items(self) -> Iterator[tuple[Part | Gap | Entry, Text]]:
        """The volumes, chapters and gaps in order, each chapter with its text (an empty one for the
        others), of which a few are in memory at a time.
        """
        texts = read_texts(self.session, self.book.held)
        for part in self.book.parts:
            if part.volume is not None:
                yield part, _NO_TEXT
            for item in part.items:
                if isinstance(item, Gap):
                    yield item, _NO_TEXT
                else:
                    yield item, next(texts)
                    self.tally.chapters += 1
