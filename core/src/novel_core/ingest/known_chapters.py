"""The chapters that the library has of a novel, without their texts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from novel_core.db.chapters import ChapterCheckRow, ChapterRow, ChapterTextRow
from novel_core.items import Access

#: The columns of a chapter that the chapter list sets.
LISTED = (
    "number",
    "title",
    "url",
    "volume_id",
    "published_at",
    "access",
    "edited_at",
    "marker",
    "statistics",
    "removed_at",
)


@dataclass(frozen=True, slots=True)
class SavedText:
    """What identifies the saved text of a chapter."""

    text_id: int
    fingerprint: str | None
    parser_version: str | None


@dataclass(slots=True)
class KnownChapter:
    """A chapter's row without its text, and what identifies the saved text."""

    id: int
    number: int
    title: str
    url: str
    volume_id: int | None
    published_at: datetime | None
    access: str
    edited_at: datetime | None
    marker: str | None
    statistics: dict[str, Any]
    removed_at: datetime | None
    locked_at: datetime | None = None
    text_id: int | None = None
    version: int = 0
    fingerprint: str | None = None
    parser_version: str | None = None
    checked_at: datetime | None = None

    @property
    def is_locked(self) -> bool:
        """Whether the chapter is locked at the site and has no saved text."""
        return self.access == Access.LOCKED and self.text_id is None

    @property
    def saved(self) -> SavedText | None:
        if self.text_id is None:
            return None
        return SavedText(self.text_id, self.fingerprint, self.parser_version)


def load_chapters(session: Session, novel_id: int) -> dict[str, KnownChapter]:
    """The novel's chapters by the source's id, in their order."""
    rows = session.execute(
        select(
            ChapterRow,
            ChapterTextRow.version,
            ChapterTextRow.fingerprint,
            ChapterTextRow.parser_version,
            ChapterCheckRow.checked_at,
        )
        .outerjoin(ChapterTextRow, ChapterTextRow.id == ChapterRow.text_id)
        .outerjoin(ChapterCheckRow, ChapterCheckRow.chapter_id == ChapterRow.id)
        .where(ChapterRow.novel_id == novel_id)
        .order_by(ChapterRow.number)
    )
    return {
        row.source_chapter_id: KnownChapter(
            **{name: getattr(row, name) for name in ("id", *LISTED, "locked_at", "text_id")},
            version=version or 0,
            fingerprint=fingerprint,
            parser_version=parser_version,
            checked_at=checked_at,
        )
        for row, version, fingerprint, parser_version, checked_at in rows
    }
