"""Submitting the updates of watched novels that are due.

One process at a time submits a few at once, each in a transaction of its own.
"""

from __future__ import annotations

import logging
import random
from datetime import timedelta

from sqlalchemy import Engine, func, or_, select, update
from sqlalchemy.orm import Session

from novel_core.db.engine import session
from novel_core.db.jobs import JobRow
from novel_core.db.service import WatchRow
from novel_core.errors import NovelError, StorageError, UnknownNovel
from novel_core.intake import refresh
from novel_core.registry import Registry
from novel_core.settings import Settings
from novel_core.states import TERMINAL
from novel_core.watches import interval_of

logger = logging.getLogger(__name__)

#: Locked by the process that submits (an arbitrary number, the same in every process), so that
#: the limit of open jobs holds.
PASS_LOCK = 7_318_003
#: An interval varies by up to this share, so that novels that came together drift apart.
JITTER = 0.1
#: Updates submitted by one pass.
LIMIT = 10


def submit_due(database: Engine, registry: Registry, settings: Settings, limit: int = LIMIT) -> int:
    """Submit the updates that are due, and return how many.

    At most `limit`, and no more than NOVEL_WATCH_OPEN_JOBS may be open at once. A novel that cannot
    be submitted (its source is not installed any more) is postponed and does not hold up the
    others.
    """
    with session(database) as guard:
        if not guard.scalar(select(func.pg_try_advisory_xact_lock(PASS_LOCK))):
            # Another process submits.
            return 0
        room = min(limit, settings.watch_open_jobs - _open_jobs(guard))
        due = _due(guard, room) if room > 0 else []
        return sum(_update(database, registry, settings, novel_id) for novel_id in due)


def _open_jobs(opened: Session) -> int:
    """The open updates, but for those that wait for a site that is down."""
    updates = (
        select(func.count())
        .select_from(WatchRow)
        .join(JobRow, JobRow.id == WatchRow.last_job_id)
        .where(
            JobRow.status.not_in(list(TERMINAL)),
            or_(JobRow.run_after.is_(None), JobRow.run_after <= func.now()),
        )
    )
    return opened.scalars(updates).one()


def _due(opened: Session, limit: int) -> list[int]:
    """The novels to update, the latest in relation to their interval first."""
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
    """Whether the novel has an open job now. Either way its next update is planned."""
    try:
        with session(database) as opened:
            job = refresh(opened, registry, settings, novel_id, scheduled=True)
            # Last: who removes the novel locks the novel first too, then its watch.
            _plan(opened, novel_id, last_job_id=job.job_id)
    except StorageError:
        raise
    except UnknownNovel:
        # Removed meanwhile, with its watch.
        return False
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
