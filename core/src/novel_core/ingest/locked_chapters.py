"""Chapters that their pages say to be locked: known for a reparse, and at rest for a day."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from novel_core.archive.resting import LOCKED_REST
from novel_core.db.chapters import ChapterRow
from novel_core.ingest.known_chapters import KnownChapter


def resting_chapters(session: Session, novel_id: int) -> frozenset[str]:
    """The chapters that are not requested now, since a page has recently said that they are locked."""
    query = select(ChapterRow.source_chapter_id).where(
        ChapterRow.novel_id == novel_id, ChapterRow.locked_at > func.now() - LOCKED_REST
    )
    return frozenset(session.scalars(query))


def resting_of(known: Mapping[str, KnownChapter], now: datetime) -> frozenset[str]:
    """The same, of chapters that are loaded."""
    return frozenset(
        source_id for source_id, chapter in known.items() if _rests(chapter.locked_at, now)
    )


def write_locks(
    session: Session,
    known: Mapping[str, KnownChapter],
    locked: Collection[str],
    now: datetime,
) -> None:
    """Write which chapters pages say to be locked; one that rests already does not rest longer."""
    values = []
    for source_id, chapter in known.items():
        locked_at = None
        if source_id in locked:
            locked_at = chapter.locked_at if _rests(chapter.locked_at, now) else now
        if locked_at != chapter.locked_at:
            chapter.locked_at = locked_at
            values.append({"id": chapter.id, "locked_at": locked_at})
    if values:
        session.execute(update(ChapterRow), values)


def _rests(locked_at: datetime | None, now: datetime) -> bool:
    return locked_at is not None and locked_at > now - LOCKED_REST
