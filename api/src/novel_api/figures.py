"""The figures behind the metrics, as the database and Redis have them at this moment."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from redis import Redis
from rq import Queue, Worker
from rq.worker import BaseWorker
from sqlalchemy import Engine, Float, func, select
from sqlalchemy.orm import Session

from novel_core.db.engine import session
from novel_core.db.jobs import JobFailureRow, JobRow
from novel_core.db.service import WatchRow, WebhookRow
from novel_core.errors import QueueError
from novel_core.queue.connection import translated_errors
from novel_core.queue.names import QUEUE
from novel_core.states import TERMINAL, JobState

#: Upper bounds of the durations' buckets, in seconds.
BUCKETS = (1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 14_400.0)


@dataclass(frozen=True, slots=True)
class Durations:
    """Of one source's jobs that are done; `below` counts those within each of BUCKETS."""

    count: int
    total: float
    below: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    jobs: dict[str, int]
    finished: dict[tuple[str, ...], int]
    durations: dict[str, Durations]
    failures: dict[str, int]
    oldest_queued: float
    watches_due: int
    webhooks_due: int
    queue: int | None
    workers: dict[str, int]


def collect(database: Engine, redis: Redis) -> Figures:
    """One look at both; without Redis, `queue` is None and there are no workers."""
    try:
        with translated_errors():
            length: int | None = Queue(QUEUE, connection=redis).count
            workers = dict(Counter(_state(worker) for worker in Worker.all(connection=redis)))
    except QueueError:
        length, workers = None, {}
    with session(database) as opened:
        return Figures(
            jobs=_jobs(opened),
            finished=_finished(opened),
            durations=_durations(opened),
            failures=_failures(opened),
            oldest_queued=_oldest_queued(opened),
            watches_due=_count(opened, WatchRow.due_at <= func.now()),
            webhooks_due=_count(opened, WebhookRow.due_at <= func.now()),
            queue=length,
            workers=workers,
        )


def _state(worker: BaseWorker) -> str:
    return str(getattr(worker.get_state(), "value", worker.get_state()))


def _jobs(opened: Session) -> dict[str, int]:
    rows = opened.execute(select(JobRow.status, func.count()).group_by(JobRow.status))
    # A state without jobs is a zero, not a gap.
    return dict.fromkeys((str(state) for state in JobState), 0) | {row[0]: row[1] for row in rows}


def _finished(opened: Session) -> dict[tuple[str, ...], int]:
    code = func.coalesce(JobRow.error_code, "")
    rows = opened.execute(
        select(JobRow.source, JobRow.status, code, func.count())
        .where(JobRow.status.in_(list(TERMINAL)))
        .group_by(JobRow.source, JobRow.status, code)
    )
    return {(row[0], row[1], row[2]): row[3] for row in rows}


def _durations(opened: Session) -> dict[str, Durations]:
    took = func.extract("epoch", JobRow.finished_at - JobRow.started_at).cast(Float)
    rows = opened.execute(
        select(
            JobRow.source,
            func.count(),
            func.coalesce(func.sum(took), 0.0),
            *(func.count().filter(took <= bound) for bound in BUCKETS),
        )
        .where(
            JobRow.status == JobState.DONE,
            JobRow.started_at.is_not(None),
            JobRow.finished_at.is_not(None),
        )
        .group_by(JobRow.source)
    )
    return {row[0]: Durations(row[1], float(row[2]), tuple(row[3:])) for row in rows}


def _failures(opened: Session) -> dict[str, int]:
    rows = opened.execute(select(JobFailureRow.code, func.count()).group_by(JobFailureRow.code))
    return {row[0]: row[1] for row in rows}


def _oldest_queued(opened: Session) -> float:
    """Seconds that the job waiting longest could have been run already."""
    since = func.min(func.coalesce(JobRow.run_after, JobRow.updated_at))
    age = func.extract("epoch", func.now() - since)
    found = opened.scalar(select(age).where(JobRow.status == JobState.QUEUED))
    return max(0.0, float(found or 0.0))


def _count(opened: Session, condition: object) -> int:
    return opened.scalar(select(func.count()).where(condition)) or 0  # type: ignore[arg-type]
