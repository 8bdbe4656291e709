"""Submitting the updates of watched novels that are due.

One process at a time submits a few at once, each in a transaction of its own.
"""

from __future__ import annotations

import logging
import random
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Engine, func, or_, select, update
from sqlalchemy.orm import Session

from novel_core.db.engine import session
from novel_core.db.jobs import JobRow
from novel_core.db.novels import NovelRow
from novel_core.db.service import WatchRow
from novel_core.errors import NovelError, StorageError, UnknownNovel
from novel_core.intake import read_recent_list, refresh
from novel_core.registry import Registry
from novel_core.settings import Settings
from novel_core.states import TERMINAL, JobState
from novel_core.watches import interval_of
from novel_core.watches.recent import Advice, RecentList, load_recent_list

logger = logging.getLogger(__name__)

#: Locked by the process that submits (an arbitrary number, the same in every process), so that
#: the limit of open jobs holds.
PASS_LOCK = 7_318_003
#: An interval varies by up to this share, so that novels that came together drift apart.
JITTER = 0.1
#: Seconds until a novel that waits for the list of its site is looked at again.
WAIT = 20.0
#: Updates submitted by one pass.
LIMIT = 10


def submit_due(database: Engine, registry: Registry, settings: Settings, limit: int = LIMIT) -> int:
    """Submit the updates that are due, and return how many.

    Where a site has a list of recent changes, that is read for all of its novels, and only those
    that it does not show as unchanged are updated. At most `limit`, and no more than NOVEL_WATCH_OPEN_JOBS may be open at once. A novel that cannot
    be submitted (its source is not installed any more) is postponed and does not hold up the
    others.
    """
    with session(database) as guard:
        if not guard.scalar(select(func.pg_try_advisory_xact_lock(PASS_LOCK))):
            # Another process submits.
            return 0
        room = min(limit, settings.watch_open_jobs - _open_jobs(guard))
        due = _due(guard, room) if room > 0 else []
        lists: dict[str, RecentList | None] = {}
        submitted = 0
        for novel in due:
            if novel.source not in lists:
                lists[novel.source] = _recent_list(guard, registry, novel.source)
            recent = lists[novel.source]
            advice = recent.advice(novel.source_id, novel.checked_at) if recent else Advice.UPDATE
            if advice is Advice.UPDATE:
                submitted += _update(database, registry, settings, novel.id)
            elif advice is Advice.UNCHANGED:
                with session(database) as opened:
                    _plan(opened, novel.id)
            else:
                if advice is Advice.ASK and recent is not None:
                    submitted += _ask(database, registry, settings, novel.source)
                    lists[novel.source] = replace(recent, job=JobState.QUEUED)
                with session(database) as opened:
                    _postpone(opened, novel.id)
        return submitted


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


class _Due(NamedTuple):
    """A watched novel that is due."""

    id: int
    source: str
    source_id: str
    checked_at: datetime | None


def _due(opened: Session, limit: int) -> list[_Due]:
    """The novels to update, the latest in relation to their interval first."""
    late = WatchRow.due_at + func.make_interval(0, 0, 0, 0, 0, 0, WatchRow.interval)
    rows = opened.execute(
        select(NovelRow.id, NovelRow.source, NovelRow.source_novel_id, NovelRow.checked_at)
        .join(WatchRow, WatchRow.novel_id == NovelRow.id)
        .where(WatchRow.due_at <= func.now())
        .order_by(late, WatchRow.novel_id)
        .limit(limit)
    )
    return [_Due(*row) for row in rows]


def _recent_list(opened: Session, registry: Registry, source: str) -> RecentList | None:
    """The source's list of recent changes; None where it has none, or cannot be asked."""
    try:
        has_list = registry.get(source).recent_list() is not None
    except NovelError:
        return None
    return load_recent_list(opened, source) if has_list else None


def _ask(database: Engine, registry: Registry, settings: Settings, source: str) -> bool:
    """Submit the job that reads the list."""
    try:
        with session(database) as opened:
            read_recent_list(opened, settings, registry.get(source))
    except StorageError:
        raise
    except NovelError as error:
        logger.warning("the list of recent changes of %s is not read: %s", source, error.message)
        return False
    return True


def _postpone(opened: Session, novel_id: int) -> None:
    """Look at the novel again soon: the list of its site is on the way."""
    opened.execute(
        update(WatchRow)
        .where(WatchRow.novel_id == novel_id)
        .values(due_at=func.now() + timedelta(seconds=WAIT))
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
