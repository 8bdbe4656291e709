"""The place of a chapter in its novel: the chapters before and after it, and the reason if its text
is not held.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from novel_core.db.chapters import ChapterRow
from novel_core.jobs.failures import last_failure
from novel_core.library.chapters import REASONS, chapter_row, state_of


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


def place_of(session: Session, novel_id: int, reference: str) -> ChapterPlace:
    """The place of the chapter with this number, or with the source's id written `@id`."""
    row = chapter_row(session, novel_id, reference)
    in_novel = ChapterRow.novel_id == novel_id
    before = select(func.max(ChapterRow.number)).where(in_novel, ChapterRow.number < row.number)
    after = select(func.min(ChapterRow.number)).where(in_novel, ChapterRow.number > row.number)
    total = select(func.count()).select_from(ChapterRow).where(in_novel)
    around = session.execute(
        select(before.scalar_subquery(), after.scalar_subquery(), total.scalar_subquery())
    ).one()
    state = state_of(row)
    return ChapterPlace(
        number=row.number,
        title=row.title,
        url=row.url,
        state=state,
        total=around[2],
        previous=around[0],
        next=around[1],
        reason=REASONS[state] if row.text_id is None else None,
        failure=last_failure(session, novel_id, row.source_chapter_id)
        if state == "missing"
        else None,
    )
