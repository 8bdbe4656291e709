"""Recent changes of a novel by job, and new chapters by the time of their texts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from novel_core.db.chapters import ChapterRow, ChapterTextRow
from novel_core.db.novels import NovelRow

#: The most revised chapters that a line names.
_NAMED = 8


@dataclass(frozen=True, slots=True)
class RecentChange:
    """One job's changes: `new` chapters, `revised` ones, the first few of them `named`."""

    at: datetime
    new: int
    first: int | None
    last: int | None
    revised: int
    named: tuple[int, ...]


def list_changes(session: Session, novel_id: int, *, limit: int = 5) -> list[RecentChange]:
    """The recent changes of a novel, newest first."""
    is_new = ChapterTextRow.version == 1
    at = func.max(ChapterTextRow.saved_at)
    ordered = aggregate_order_by(ChapterRow.number, ChapterRow.number)
    rows = session.execute(
        select(
            at,
            func.count().filter(is_new),
            func.min(ChapterRow.number).filter(is_new),
            func.max(ChapterRow.number).filter(is_new),
            func.array_agg(ordered).filter(~is_new),
        )
        .select_from(ChapterTextRow)
        .join(ChapterRow, ChapterRow.id == ChapterTextRow.chapter_id)
        .where(ChapterRow.novel_id == novel_id)
        .group_by(ChapterTextRow.job_id)
        .order_by(at.desc())
        .limit(limit)
    )
    return [
        RecentChange(
            row[0], row[1], row[2], row[3], len(row[4] or ()), tuple(row[4] or ())[:_NAMED]
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class NewChapter:
    """A chapter, and the time its first text was saved."""

    novel_id: int
    slug: str
    novel_title: str
    source: str
    source_id: str
    number: int
    title: str
    words: int
    saved_at: datetime
    published_at: datetime | None


def new_chapters(
    session: Session, *, novel_id: int | None = None, limit: int = 50
) -> list[NewChapter]:
    """New chapters of one novel or of the whole library, newest first. Revisions are not included."""
    query = (
        select(NovelRow, ChapterRow, ChapterTextRow.word_count, ChapterTextRow.saved_at)
        .join(ChapterRow, ChapterRow.id == ChapterTextRow.chapter_id)
        .join(NovelRow, NovelRow.id == ChapterRow.novel_id)
        .where(ChapterTextRow.version == 1)
        .order_by(ChapterTextRow.id.desc())
        .limit(limit)
    )
    if novel_id is not None:
        query = query.where(ChapterRow.novel_id == novel_id)
    return [
        NewChapter(
            novel_id=novel.id,
            slug=novel.slug,
            novel_title=novel.title,
            source=novel.source,
            source_id=chapter.source_chapter_id,
            number=chapter.number,
            title=chapter.title,
            words=words,
            saved_at=saved_at,
            published_at=chapter.published_at,
        )
        for novel, chapter, words, saved_at in session.execute(query)
    ]
