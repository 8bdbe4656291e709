"""A chapter's place in its novel: its neighbours, and why its text is not held."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from novel_core.db.chapters import ChapterRow
from novel_core.jobs.failures import last_failure
from novel_core.library.chapters import REASONS, chapter_row, state_of


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The numbers of the chapters before and after; None at the ends."""

    previous: int | None
    next: int | None


@dataclass(frozen=True, slots=True)
class ChapterPlace:
    """A chapter of the merged list, held or not; `total` is the length of the list.

    `previous` and `next` are the neighbouring numbers, None at the ends. `reason` says why no text
    is held, None if one is; `failure` is the error code and message of the last attempt to fetch
    it.
    """

    number: int
    title: str
    url: str
    state: str
    total: int
    previous: int | None
    next: int | None
    reason: str | None
    failure: tuple[str, str] | None


def neighbours(
    session: Session, novel_id: int, number: int, *, only_held: bool = True
) -> Neighbours:
    """The neighbours of the chapter with this number; with `only_held`, of those with a text."""
    listed = ChapterRow.novel_id == novel_id
    if only_held:
        listed &= ChapterRow.text_id.is_not(None)
    before = select(func.max(ChapterRow.number)).where(listed, ChapterRow.number < number)
    after = select(func.min(ChapterRow.number)).where(listed, ChapterRow.number > number)
    row = session.execute(select(before.scalar_subquery(), after.scalar_subquery())).one()
    return Neighbours(row[0], row[1])


def place_of(session: Session, novel_id: int, reference: str) -> ChapterPlace:
    """The place of the chapter with this number, or with the source's id written `@id`."""
    row = chapter_row(session, novel_id, reference)
    around = neighbours(session, novel_id, row.number, only_held=False)
    total = session.scalar(select(func.count()).where(ChapterRow.novel_id == novel_id))
    state = state_of(row)
    return ChapterPlace(
        number=row.number,
        title=row.title,
        url=row.url,
        state=state,
        total=total or 0,
        previous=around.previous,
        next=around.next,
        reason=REASONS[state] if row.text_id is None else None,
        failure=last_failure(session, novel_id, row.source_chapter_id)
        if state == "missing"
        else None,
    )
