"""How often a watched novel is updated: computed from the times of its chapters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from novel_core.db.chapters import ChapterRow

#: Seconds.
SHORTEST, LONGEST = 3600.0, 7 * 86_400.0
#: For a novel whose source does not give its chapters' times.
UNKNOWN = 86_400.0
#: The newest chapters that count: an author's habits change.
RECENT = 10
#: The interval is half the usual gap between chapters, …
SHARE_OF_GAP = 0.5
#: … or a tenth of the time since the newest chapter, if that is longer.
SHARE_OF_SILENCE = 0.1


def interval_of(session: Session, novel_id: int, *, now: datetime | None = None) -> float:
    """Return the seconds between two updates of the novel."""
    published = session.scalars(
        select(ChapterRow.published_at)
        .where(ChapterRow.novel_id == novel_id, ChapterRow.published_at.is_not(None))
        .order_by(ChapterRow.published_at.desc())
        .limit(RECENT + 1)
    )
    moments = [moment for moment in published if moment is not None]
    return interval_between(moments, now or datetime.now(UTC))


def interval_between(published: Sequence[datetime], now: datetime) -> float:
    """Return the interval in seconds for chapters published at these times, the newest first.

    >>> days = [datetime(2026, 1, day, tzinfo=UTC) for day in (9, 7, 5, 3)]
    >>> interval_between(days, now=datetime(2026, 1, 10, tzinfo=UTC)) / 86_400
    1.0
    >>> interval_between(days, now=datetime(2026, 2, 18, tzinfo=UTC)) / 86_400
    4.0
    >>> interval_between([], now=datetime(2026, 1, 10, tzinfo=UTC)) / 86_400
    1.0
    """
    if not published:
        return UNKNOWN
    silence = (now - published[0]).total_seconds()
    # Chapters uploaded together have gaps near 0: then only the time since the newest counts.
    gaps = [(newer - older).total_seconds() for newer, older in pairwise(published)]
    usual = median(gaps) if gaps else 0.0
    return min(max(usual * SHARE_OF_GAP, silence * SHARE_OF_SILENCE, SHORTEST), LONGEST)
