"""Which novels are watched."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Select, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from novel_core.db.jobs import JobRow
from novel_core.db.novels import NovelRow
from novel_core.db.service import WatchRow
from novel_core.errors import UnknownNovel
from novel_core.jobs.views import get_job
from novel_core.watches.interval import interval_of


@dataclass(frozen=True, slots=True)
class WatchView:
    """A watched novel: next updated at `due_at`, then about every `interval` seconds.

    `last_job_status` is null before the first update.
    """

    novel_id: int
    slug: str
    title: str
    interval: float
    due_at: datetime
    last_job_id: int | None
    last_job_status: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class AddedWatch:
    """A watch; `is_new` is False where the novel was watched already."""

    view: WatchView
    is_new: bool


def watch(session: Session, novel_id: int, *, now: datetime | None = None) -> AddedWatch:
    """Watch the novel from now on. Where it is watched already, nothing changes.

    The first update comes at a random moment within the interval, so that many novels added
    together are spread. Raise UnknownNovel where there is no such novel.

    >>> watch(session, novel_id).is_new, watch(session, novel_id).is_new
    (True, False)
    """
    # Locked, so that it cannot be removed before the watch is committed.
    held = select(NovelRow.id).where(NovelRow.id == novel_id)
    if session.scalar(held.with_for_update(read=True, key_share=True)) is None:
        raise UnknownNovel(f"There is no novel {novel_id} in the library.")
    now = now or datetime.now(UTC)
    interval = interval_of(session, novel_id, now=now)
    wait = timedelta(seconds=random.uniform(0, interval))  # noqa: S311 - no secret
    added = session.scalar(
        insert(WatchRow)
        .values(novel_id=novel_id, interval=interval, due_at=now + wait)
        .on_conflict_do_nothing()
        .returning(WatchRow.novel_id)
    )
    (view,) = _views(session, _watches().where(WatchRow.novel_id == novel_id))
    return AddedWatch(view, is_new=added is not None)


def unwatch(session: Session, novel_id: int) -> WatchView | None:
    """Stop watching the novel, and return the watch it had, or None.

    An open job continues.

    >>> added = watch(session, novel_id)
    >>> unwatch(session, novel_id) == added.view
    True
    """
    views = _views(session, _watches().where(WatchRow.novel_id == novel_id))
    session.execute(delete(WatchRow).where(WatchRow.novel_id == novel_id))
    return next(iter(views), None)


def list_watches(session: Session) -> list[WatchView]:
    """The watched novels, the next one due first."""
    return _views(session, _watches().order_by(WatchRow.due_at, WatchRow.novel_id))


def _watches() -> Select[WatchRow, NovelRow]:
    return select(WatchRow, NovelRow).join(NovelRow, NovelRow.id == WatchRow.novel_id)


def _views(session: Session, query: Select[WatchRow, NovelRow]) -> list[WatchView]:
    rows = session.execute(query).all()
    # One query for all jobs: as long as they are referred to, the session gives them to `get_job`
    # without a query.
    last = [watch.last_job_id for watch, _ in rows]
    _jobs = session.scalars(select(JobRow).where(JobRow.id.in_(last))).all()
    return [_view(session, *row) for row in rows]


def _view(session: Session, row: WatchRow, novel: NovelRow) -> WatchView:
    status = get_job(session, row.last_job_id).status if row.last_job_id is not None else None
    return WatchView(
        novel_id=row.novel_id,
        slug=novel.slug,
        title=novel.title,
        interval=row.interval,
        due_at=row.due_at,
        last_job_id=row.last_job_id,
        last_job_status=status,
        created_at=row.created_at,
    )
