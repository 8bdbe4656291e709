"""What jobs share about an origin: its robots.txt, and the pause it demands."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import urlsplit

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from novel_core.crawl.delegate import RobotsRecord
from novel_core.db.jobs import JobRow
from novel_core.db.pages import OriginRow
from novel_core.errors import RateLimited
from novel_core.states import JobState


def load_robots(session: Session, origin: str) -> RobotsRecord | None:
    """The saved robots.txt, of any age."""
    row = session.get(OriginRow, origin)
    if row is None or row.robots_fetched_at is None:
        return None
    return RobotsRecord(
        origin, row.robots_status or 0, row.robots_body or b"", row.robots_fetched_at
    )


def save_robots(session: Session, record: RobotsRecord) -> None:
    values = {
        "robots_status": record.status,
        "robots_body": record.body,
        "robots_fetched_at": record.fetched_at,
    }
    session.execute(
        insert(OriginRow)
        .values(origin=record.origin, **values)
        .on_conflict_do_update(index_elements=["origin"], set_=values)
    )


def pause_origin(session: Session, url: str, group: str, seconds: float) -> None:
    """Save the pause that the origin of `url` demands; every job keeps it for its rate group."""
    parts = urlsplit(url)
    until = func.now() + timedelta(seconds=seconds)
    # NULL counts as nothing.
    longest = func.greatest(OriginRow.blocked_until, until)
    session.execute(
        insert(OriginRow)
        .values(origin=f"{parts.scheme}://{parts.netloc}", rate_group=group, blocked_until=until)
        .on_conflict_do_update(
            index_elements=["origin"], set_={"rate_group": group, "blocked_until": longest}
        )
    )


def pauses_left(session: Session, groups: Iterable[str]) -> dict[str, float]:
    """The rate groups among `groups` that are paused, and the seconds until requests are allowed."""
    left = func.extract("epoch", func.max(OriginRow.blocked_until) - func.now())
    rows = session.execute(
        select(OriginRow.rate_group, left)
        .where(OriginRow.rate_group.in_(set(groups)), OriginRow.blocked_until > func.now())
        .group_by(OriginRow.rate_group)
    )
    return {str(group): float(seconds) for group, seconds in rows}


def pauses(session: Session) -> dict[str, float]:
    """The origins that demand a pause, and its remaining seconds."""
    left = func.extract("epoch", OriginRow.blocked_until - func.now())
    rows = session.execute(
        select(OriginRow.origin, left)
        .where(OriginRow.blocked_until > func.now())
        .order_by(OriginRow.origin)
    )
    return {origin: float(seconds) for origin, seconds in rows}


def lift_pause(session: Session, source: str, groups: Iterable[str]) -> int:
    """End the pause of the rate groups, and release the source's jobs that wait; their number."""
    session.execute(
        update(OriginRow).where(OriginRow.rate_group.in_(set(groups))).values(blocked_until=None)
    )
    waiting = session.execute(
        update(JobRow)
        .where(
            JobRow.source == source,
            JobRow.status == JobState.QUEUED,
            JobRow.error_code == RateLimited.code,
            JobRow.run_after > func.now(),
        )
        .values(run_after=None, updated_at=func.now())
        .execution_options(synchronize_session=False)
    )
    return int(waiting.rowcount)  # type: ignore[attr-defined]
