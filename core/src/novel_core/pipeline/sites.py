"""What is remembered of a site across jobs: its robots.txt, and until when it asks to be left alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from novel_core.crawl.delegate import RobotsRecord
from novel_core.db.pages import SiteRow


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
    origins = [f"{scheme}://{host}" for host in hosts for scheme in ("https", "http")]
    left = session.scalar(
        select(func.extract("epoch", func.max(SiteRow.blocked_until) - func.now())).where(
            SiteRow.origin.in_(origins)
        )
    )
    return max(0.0, float(left or 0.0))


def _write(session: Session, origin: str, **values: Any) -> None:
    session.execute(
        insert(SiteRow)
        .values(origin=origin, **values)
        .on_conflict_do_update(index_elements=["origin"], set_=values)
    )
