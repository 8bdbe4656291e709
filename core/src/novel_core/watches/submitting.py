"""Handing in the updates that are due: one process at a time, a few at once, each in a transaction of its own."""

from __future__ import annotations

import logging
import random
from datetime import timedelta

from sqlalchemy import Engine, func, or_, select, update
from sqlalchemy.orm import Session

from novel_core.db.engine import session
from novel_core.db.jobs import JobRow
from novel_core.db.novels import NovelRow
from novel_core.db.service import WatchRow
from novel_core.errors import NovelError, StorageError
from novel_core.intake import submit
from novel_core.jobs.options import JobOptions
from novel_core.registry import Registry
from novel_core.settings import Settings
from novel_core.states import TERMINAL
from novel_core.watches.interval import interval_of
from novel_core.webhooks import subscribe_default

logger = logging.getLogger(__name__)

#: Held by the process that submits (an arbitrary number, the same in every process): two would exceed the limit of open jobs.
PASS_LOCK = 7_318_003
#: An interval varies by up to this share, so that novels that came together drift apart.
JITTER = 0.1
#: Updates handed in by one pass.
LIMIT = 10


def update_options(settings: Settings) -> JobOptions:
    """What an update of a held novel asks for beside new chapters: the newest held, and those not looked at for longest."""
    return JobOptions(recheck=settings.watch_recheck, rotate=settings.watch_rotate)


def submit_due(database: Engine, registry: Registry, settings: Settings, limit: int = LIMIT) -> int:
    """Submit the updates that are due, at most `limit`, and no more than NOVEL_WATCH_OPEN_JOBS under way; how many.

    A novel that cannot be submitted (its source is not installed any more) is postponed and does not hold up the others.
    """
    with session(database) as guard:
        if not guard.scalar(select(func.pg_try_advisory_xact_lock(PASS_LOCK))):
            return 0  # another process is at it
        room = min(limit, settings.watch_open_jobs - _open_jobs(guard))
        due = _due(guard, room) if room > 0 else []
        return sum(_update(database, registry, settings, novel_id) for novel_id in due)


def _open_jobs(opened: Session) -> int:
    """Those that wait for a site which is down do not count: it is no reason to leave the other sites alone."""
    watched = (
        select(func.count())
        .select_from(WatchRow)
        .join(JobRow, JobRow.id == WatchRow.last_job_id)
        .where(
            JobRow.status.not_in(list(TERMINAL)),
            or_(JobRow.run_after.is_(None), JobRow.run_after <= func.now()),
        )
    )
    return opened.scalars(watched).one()


def _due(opened: Session, limit: int) -> list[int]:
    """Each may be late by its own interval: the most active novels come first, and the quiet ones are never starved."""
    late = WatchRow.due_at + func.make_interval(0, 0, 0, 0, 0, 0, WatchRow.interval)
    return list(
        opened.scalars(
            select(WatchRow.novel_id)
            .where(WatchRow.due_at <= func.now())
            .order_by(late, WatchRow.novel_id)
            .limit(limit)
        )
    )


def _update(database: Engine, registry: Registry, settings: Settings, novel_id: int) -> bool:
    """Whether a job was submitted, or an open one met. Either way the next look is planned."""
    options = update_options(settings)
    try:
        with session(database) as opened:
            url = opened.scalar(select(NovelRow.url).where(NovelRow.id == novel_id))
            if url is None:
                return False  # removed meanwhile
            job_id = submit(opened, registry, settings, url, options).job_id
            subscribe_default(opened, settings, job_id)
            # Last: who removes the novel locks the novel first too, then its watch.
            _plan(opened, novel_id, last_job_id=job_id)
    except StorageError:
        raise
    except NovelError as error:
        logger.warning("watched novel %s is postponed: %s", novel_id, error.message)
    except Exception:
        logger.exception("watched novel %s is postponed", novel_id)
    else:
        return True
    with session(database) as opened:
        _plan(opened, novel_id)
    return False


def _plan(opened: Session, novel_id: int, **values: int) -> None:
    interval = interval_of(opened, novel_id)
    wait = interval * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - no secret
    opened.execute(
        update(WatchRow)
        .where(WatchRow.novel_id == novel_id)
        .values(interval=interval, due_at=func.now() + timedelta(seconds=wait), **values)
    )
