"""Current numbers of jobs, queue and workers, from the database and Redis."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from redis import Redis
from rq import Queue
from sqlalchemy import Engine, Float, func, select
from sqlalchemy.orm import Session

from novel_core.db.engine import session
from novel_core.db.jobs import JobFailureRow, JobRow
from novel_core.db.service import WatchRow, WebhookRow
from novel_core.errors import QueueError
from novel_core.queue.connection import translated_errors
from novel_core.queue.load import (
    GroupLoad,
    WorkerLoad,
    group_loads,
    with_requests,
    worker_loads,
)
from novel_core.queue.names import QUEUE
from novel_core.states import TERMINAL, JobState

#: Upper bounds of the durations' buckets, in seconds.
BUCKETS = (1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 14_400.0)
#: Rate groups that are shown one by one; the others are summed up.
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Durations:
    """Durations of a source's finished jobs; `below` counts those within each of BUCKETS."""

    count: int = 0
    total: float = 0.0
    below: tuple[int, ...] = (0,) * len(BUCKETS)

    def __add__(self, other: Durations) -> Durations:
        below = tuple(map(sum, zip(self.below, other.below, strict=True)))
        return Durations(self.count + other.count, self.total + other.total, below)


@dataclass(frozen=True, slots=True)
class Stats:
    jobs: dict[str, int]
    finished: dict[tuple[str, ...], int]
    durations: dict[str, Durations]
    failures: dict[str, int]
    oldest_queued: float
    watches_due: int
    webhooks_due: int
    queue: int | None
    slots: list[WorkerLoad]
    groups: list[GroupLoad]

    @property
    def workers(self) -> dict[str, int]:
        """Slots of workers by state."""
        return dict(Counter(slot.state for slot in self.slots))


def collect(database: Engine, redis: Redis) -> Stats:
    """Collect the numbers. Without Redis `queue` is None and there are no workers."""
    with session(database) as opened:
        groups = group_loads(opened)
    try:
        with translated_errors():
            length: int | None = Queue(QUEUE, connection=redis).count
        slots = worker_loads(redis)
        groups[:SHOWN] = with_requests(redis, groups[:SHOWN])
    except QueueError:
        length, slots = None, []
    with session(database) as opened:
        finished, durations = _ended(opened)
        return Stats(
            jobs=_jobs(finished, opened),
            finished=finished,
            durations=durations,
            failures=_failures(opened),
            oldest_queued=_oldest_queued(opened),
            watches_due=_count(opened, WatchRow.due_at <= func.now()),
            webhooks_due=_count(opened, WebhookRow.due_at <= func.now()),
            queue=length,
            slots=slots,
            groups=groups,
        )


def _jobs(finished: dict[tuple[str, ...], int], opened: Session) -> dict[str, int]:
    """Count jobs by state. Ended ones are counted already; open ones are few, and have an index."""
    rows = opened.execute(
        select(JobRow.status, func.count())
        .where(JobRow.status.not_in(list(TERMINAL)))
        .group_by(JobRow.status)
    )
    # A state without jobs is 0.
    counts = dict.fromkeys((str(state) for state in JobState), 0) | {row[0]: row[1] for row in rows}
    for (_, status, _), count in finished.items():
        counts[status] += count
    return counts


def _ended(opened: Session) -> tuple[dict[tuple[str, ...], int], dict[str, Durations]]:
    """Count ended jobs by source, status and code, and sum up durations, in one query."""
    code = func.coalesce(JobRow.error_code, "")
    # Intervals: converting each to seconds takes ten times as long.
    took = JobRow.finished_at - JobRow.started_at
    timed = (JobRow.status == JobState.DONE) & took.is_not(None)
    rows = opened.execute(
        select(
            JobRow.source,
            JobRow.status,
            code,
            func.count(),
            func.count().filter(timed),
            func.coalesce(func.extract("epoch", func.sum(took).filter(timed)), 0.0).cast(Float),
            *(func.count().filter(timed, took <= timedelta(seconds=bound)) for bound in BUCKETS),
        )
        .where(JobRow.status.in_(list(TERMINAL)))
        .group_by(JobRow.source, JobRow.status, code)
    )
    finished: dict[tuple[str, ...], int] = {}
    durations: dict[str, Durations] = {}
    for source, status, error, count, timed_count, total, *below in rows:
        finished[source, status, error] = count
        if timed_count:
            durations[source] = durations.get(source, Durations()) + Durations(
                timed_count, float(total), tuple(below)
            )
    return finished, durations


def _failures(opened: Session) -> dict[str, int]:
    rows = opened.execute(select(JobFailureRow.code, func.count()).group_by(JobFailureRow.code))
    return {row[0]: row[1] for row in rows}


def _oldest_queued(opened: Session) -> float:
    """Return the seconds that the oldest runnable job has waited."""
    since = func.min(func.coalesce(JobRow.run_after, JobRow.updated_at))
    age = func.extract("epoch", func.now() - since)
    found = opened.scalar(select(age).where(JobRow.status == JobState.QUEUED))
    return max(0.0, float(found or 0.0))


def _count(opened: Session, condition: object) -> int:
    return opened.scalar(select(func.count()).where(condition)) or 0  # type: ignore[arg-type]
