"""What is remembered of a site across jobs: its robots.txt, and until when it asks to be left alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from novel_core.crawl.delegate import RobotsRecord
from novel_core.db.jobs import JobRow
from novel_core.db.pages import SiteRow
from novel_core.errors import RateLimited
from novel_core.states import JobState


def load_robots(session: Session, origin: str) -> RobotsRecord | None:
    """The robots.txt held, however old."""
    site = session.get(SiteRow, origin)
    if site is None or site.robots_fetched_at is None:
        return None
    return RobotsRecord(
        origin, site.robots_status or 0, site.robots_body or b"", site.robots_fetched_at
    )


def save_robots(session: Session, record: RobotsRecord) -> None:
    _write(
        session,
        record.origin,
        robots_status=record.status,
        robots_body=record.body,
        robots_fetched_at=record.fetched_at,
    )


def leave_alone(session: Session, url: str, seconds: float) -> None:
    """The site of `url` asked for this pause: every job keeps it."""
    parts = urlsplit(url)
    until = func.now() + timedelta(seconds=seconds)
    longest = func.greatest(SiteRow.blocked_until, until)  # null counts as nothing
    session.execute(
        insert(SiteRow)
        .values(origin=f"{parts.scheme}://{parts.netloc}", blocked_until=until)
        .on_conflict_do_update(index_elements=["origin"], set_={"blocked_until": longest})
    )


def pause_left(session: Session, hosts: Iterable[str]) -> float:
    """Seconds until all of `hosts` may be asked again; 0 when they may be now."""
    left = session.scalar(
        select(func.extract("epoch", func.max(SiteRow.blocked_until) - func.now())).where(
            SiteRow.origin.in_(_origins(hosts))
        )
    )
    return max(0.0, float(left or 0.0))


def pauses(session: Session) -> dict[str, float]:
    """The origins that ask to be left alone, and for how many more seconds."""
    left = func.extract("epoch", SiteRow.blocked_until - func.now())
    rows = session.execute(
        select(SiteRow.origin, left)
        .where(SiteRow.blocked_until > func.now())
        .order_by(SiteRow.origin)
    )
    return {origin: float(seconds) for origin, seconds in rows}


def lift_pause(session: Session, source: str, hosts: Iterable[str]) -> int:
    """Ask the sites of `hosts` again at once, and let the source's jobs that wait for that go on; how many jobs."""
    session.execute(
        update(SiteRow).where(SiteRow.origin.in_(_origins(hosts))).values(blocked_until=None)
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


def _origins(hosts: Iterable[str]) -> list[str]:
    return [f"{scheme}://{host}" for host in hosts for scheme in ("https", "http")]


def _write(session: Session, origin: str, **values: Any) -> None:
    session.execute(
        insert(SiteRow)
        .values(origin=origin, **values)
        .on_conflict_do_update(index_elements=["origin"], set_=values)
    )
