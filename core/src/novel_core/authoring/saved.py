"""What a job has saved, as the items a plugin knows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from novel_core.db.chapters import ChapterRow, ChapterTextRow
from novel_core.db.jobs import JobRow
from novel_core.db.novels import NovelRow
from novel_core.ingest.announcing import chapter_item, novel_item
from novel_core.items import Novel


def saved_novel(opened: Session, job_id: int) -> Novel | None:
    """The job's novel, if it got as far."""
    row = opened.scalar(
        select(NovelRow).join(JobRow, JobRow.novel_id == NovelRow.id).where(JobRow.id == job_id)
    )
    return novel_item(opened, row) if row is not None else None


def saved_chapters(opened: Session, job_id: int) -> list[dict[str, Any]]:
    """Its chapters in order; what has no text has None for `content_html`."""
    rows = opened.execute(
        select(ChapterRow, ChapterTextRow)
        .join(JobRow, JobRow.novel_id == ChapterRow.novel_id)
        .outerjoin(ChapterTextRow, ChapterTextRow.id == ChapterRow.text_id)
        .where(JobRow.id == job_id)
        .order_by(ChapterRow.number)
    )
    return [_plain(chapter, text) for chapter, text in rows]


def _plain(chapter: ChapterRow, text: ChapterTextRow | None) -> dict[str, Any]:
    if text is not None:
        item = chapter_item(chapter, text).model_dump(mode="json", exclude={"part"})
        return item | {"access": chapter.access}
    return {
        "source_id": chapter.source_chapter_id,
        "title": chapter.title,
        "url": chapter.url,
        "content_html": None,
        "published_at": chapter.published_at.isoformat() if chapter.published_at else None,
        "access": chapter.access,
    }
