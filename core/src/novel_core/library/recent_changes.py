"""What has changed lately in a novel: one line for each job that brought something."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from novel_core.db.chapters import ChapterRow, ChapterTextRow

#: Revised chapters that a line names.
_NAMED = 8


@dataclass(frozen=True, slots=True)
class LateChange:
    """`new` chapters from `first` to `last`, and the numbers of the `revised` ones, of which only the first few are `named`."""

    at: datetime
    new: int
    first: int | None
    last: int | None
    revised: int
    named: tuple[int, ...]


def lately(session: Session, novel_id: int, *, limit: int = 5) -> list[LateChange]:
    """The newest changes first."""
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
        LateChange(row[0], row[1], row[2], row[3], len(row[4] or ()), tuple(row[4] or ())[:_NAMED])
        for row in rows
    ]
