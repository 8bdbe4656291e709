"""Pushing the ids of queued jobs to Redis.

A job is committed before it is pushed, so after a failed push it is only late.
"""

from __future__ import annotations

from typing import Any

from redis import Redis
from rq import Queue
from sqlalchemy import Engine, Row, func, or_, select, update

from novel_core.db.engine import session
from novel_core.db.jobs import JobRow
from novel_core.errors import QueueError
from novel_core.queue.connection import translated_errors
from novel_core.queue.names import (
    BACKSTOP,
    FAILURE_TTL,
    JOB_FUNCTION,
    QUEUE,
    RESULT_TTL,
    message_id,
)
from novel_core.states import JobState

#: Jobs pushed in one round trip.
BATCH = 500


#: A due job: its id, number of pushes, URL and options.
_DueJob = Row[int, int, str, dict[str, Any]]


def dispatch(database: Engine, redis: Redis, *, job_timeout: int) -> int:
    """Push every queued job that is due and not pushed yet, and return how many.

    Raise QueueError where Redis cannot be reached: a later call pushes the jobs.
    """
    pushed = 0
    while True:
        due_jobs = _mark_pushed(database)
        if not due_jobs:
            return pushed
        try:
            _push(redis, due_jobs, job_timeout)
        except QueueError:
            _unmark(database, due_jobs)
            raise
        pushed += len(due_jobs)
        if len(due_jobs) < BATCH:
            return pushed


def _mark_pushed(database: Engine) -> list[_DueJob]:
    """Mark due jobs as pushed, before they are: a lock during the push would delay a fast worker.

    Jobs of a process that dies before the push are found by `reconcile`.
    """
    # A common table expression: a subquery with a limit may be run more than once.
    due = (
        select(JobRow.id)
        .where(
            JobRow.status == JobState.QUEUED,
            JobRow.enqueued_at.is_(None),
            or_(JobRow.run_after.is_(None), JobRow.run_after <= func.now()),
        )
        .order_by(JobRow.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
        .cte()
    )
    taken = (
        update(JobRow)
        .where(JobRow.id.in_(select(due.c.id)))
        .values(dispatch_no=JobRow.dispatch_no + 1, enqueued_at=func.clock_timestamp())
        .returning(JobRow.id, JobRow.dispatch_no, JobRow.url, JobRow.options)
        .execution_options(synchronize_session=False)
    )
    with session(database) as opened:
        return sorted(opened.execute(taken), key=lambda job: job.id)


def _push(redis: Redis, due_jobs: list[_DueJob], job_timeout: int) -> None:
    with translated_errors():
        Queue(QUEUE, connection=redis).enqueue_many(
            Queue.prepare_data(
                JOB_FUNCTION,
                args=(job.id,),
                timeout=(job.options.get("timeout") or job_timeout) + BACKSTOP,
                result_ttl=RESULT_TTL,
                failure_ttl=FAILURE_TTL,
                description=f"job {job.id}: {job.url}",
                job_id=message_id(job.id, job.dispatch_no),
            )
            for job in due_jobs
        )


def _unmark(database: Engine, due_jobs: list[_DueJob]) -> None:
    with session(database) as opened:
        opened.execute(
            update(JobRow)
            .where(JobRow.id.in_([job.id for job in due_jobs]), JobRow.status == JobState.QUEUED)
            .values(enqueued_at=None)
            .execution_options(synchronize_session=False)
        )
