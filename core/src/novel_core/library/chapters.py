"""Chapters of a novel: the list, and the text of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from novel_core.db.chapters import ChapterRow, ChapterTextRow
from novel_core.db.novels import VolumeRow
from novel_core.errors import ChapterNotHeld, UnknownChapter, UsageError
from novel_core.jobs.failures import last_failure
from novel_core.library.novels import row_number

#: Why no text of a chapter is held, by its state.
REASONS = {
    "locked": "locked on the site: paid, early access or for members only",
    "removed": "removed from the site before its text was saved",
    "missing": "its text could not be fetched from the site",
}


@dataclass(frozen=True, slots=True)
class ChapterSummary:
    """A line of the chapter list. `state`: `held`, `locked`, `missing` or `removed`.

    `statistics` has the numbers that the site shows of the chapter.
    """

    number: int
    source_id: str
    title: str
    volume: str | None
    state: str
    words: int | None
    revisions: int
    published_at: datetime | None
    edited_at: datetime | None
    statistics: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ChapterText:
    """A chapter's sanitised HTML. `version` counts from 1 to `versions`."""

    number: int
    source_id: str
    title: str
    url: str
    content_html: str
    note_before_html: str
    note_after_html: str
    words: int
    version: int
    versions: int
    published_at: datetime | None
    edited_at: datetime | None
    statistics: dict[str, Any]
    saved_at: datetime


def list_chapters(
    session: Session, novel_id: int, *, offset: int = 0, limit: int | None = None
) -> list[ChapterSummary]:
    """The merged list in order, without texts: all of it, or a page."""
    # Only for the lines of this page, not for the whole novel.
    other = aliased(ChapterTextRow)
    versions = (
        select(func.count())
        .select_from(other)
        .where(other.chapter_id == ChapterRow.id)
        .correlate(ChapterRow)
        .scalar_subquery()
    )
    rows = session.execute(
        select(ChapterRow, VolumeRow.title, ChapterTextRow.word_count, versions)
        .outerjoin(
            VolumeRow, (VolumeRow.id == ChapterRow.volume_id) & (VolumeRow.novel_id == novel_id)
        )
        .outerjoin(ChapterTextRow, ChapterTextRow.id == ChapterRow.text_id)
        .where(ChapterRow.novel_id == novel_id)
        .order_by(ChapterRow.number)
        .offset(offset)
        .limit(limit)
    )
    return [
        ChapterSummary(
            number=row.number,
            source_id=row.source_chapter_id,
            title=row.title,
            volume=volume,
            state=state_of(row),
            words=words,
            revisions=max(0, (count or 0) - 1),
            published_at=row.published_at,
            edited_at=row.edited_at,
            statistics=row.statistics,
        )
        for row, volume, words, count in rows
    ]


def state_of(row: ChapterRow) -> str:
    if row.removed_at is not None:
        return "removed"
    if row.text_id is not None:
        return "held"
    return "locked" if row.access == "locked" else "missing"


def read_chapter(
    session: Session, novel_id: int, reference: str, *, version: int | None = None
) -> ChapterText:
    """A chapter by its number, or by the source's id written `@id`; `version` selects a revision."""
    row = chapter_row(session, novel_id, reference)
    which = ChapterTextRow.id == row.text_id
    if version is not None:
        which = (ChapterTextRow.chapter_id == row.id) & (ChapterTextRow.version == version)
    text = session.scalar(select(ChapterTextRow).where(which))
    if text is None:
        raise _no_text(session, row, version)
    versions = session.scalar(select(func.count()).where(ChapterTextRow.chapter_id == row.id))
    return ChapterText(
        number=row.number,
        source_id=row.source_chapter_id,
        title=row.title,
        url=row.url,
        content_html=text.content_html,
        note_before_html=text.note_before_html,
        note_after_html=text.note_after_html,
        words=text.word_count,
        version=text.version,
        versions=versions or 0,
        published_at=row.published_at,
        edited_at=row.edited_at,
        statistics=row.statistics,
        saved_at=text.saved_at,
    )


def chapter_row(session: Session, novel_id: int, reference: str) -> ChapterRow:
    """The row of the chapter that `reference` names, by number or by `@id`."""
    condition = ChapterRow.source_chapter_id == reference[1:]
    if not reference.startswith("@"):
        if not reference.isdecimal():
            raise UnknownChapter(
                f"{reference!r} is not a chapter number.",
                hint="Give a number, or @ and the source's chapter id.",
            )
        condition = ChapterRow.number == (row_number(reference) or 0)
    row = session.scalar(select(ChapterRow).where(ChapterRow.novel_id == novel_id, condition))
    if row is None:
        last = session.scalar(
            select(func.max(ChapterRow.number)).where(ChapterRow.novel_id == novel_id)
        )
        raise UnknownChapter(
            f"The novel has no chapter {reference[:40]}.",
            hint=f"Its chapters are numbered 1 to {last}." if last else "It has no chapters.",
        )
    return row


def _no_text(session: Session, row: ChapterRow, version: int | None) -> UsageError:
    if version is not None and row.text_id is not None:
        return UnknownChapter(f"Chapter {row.number} has no version {version}.")
    state = state_of(row)
    failure = last_failure(session, row.novel_id, row.source_chapter_id)
    why = f" {failure[1]}" if failure and state == "missing" else ""
    return ChapterNotHeld(
        f"Chapter {row.number} has no text here: {REASONS[state]}.{why}", state=state
    )
