"""Pushing the ids of the jobs whose turn it is to Redis.

A job is committed before it is pushed, so after a failed push it is only late.
"""

from __future__ import annotations

from redis import Redis
from rq import Queue
from sqlalchemy import Engine, update

from novel_core.db.engine import session
from novel_core.db.jobs import JobRow
from novel_core.errors import QueueError
from novel_core.queue.admission import AdmittedJob, admit, has_waiting
from novel_core.queue.connection import count_slots, translated_errors
from novel_core.queue.names import (
    BACKSTOP,
    FAILURE_TTL,
    JOB_FUNCTION,
    QUEUE,
    RESULT_TTL,
    message_id,
)
from novel_core.states import JobState


def dispatch(database: Engine, redis: Redis, *, job_timeout: int) -> int:
    """Push the jobs whose turn it is, as many as workers are free for, and return how many.

    Raise QueueError where Redis cannot be reached: a later call pushes the jobs.
    """
    if not has_waiting(database):
        return 0
    with translated_errors():
        # Without a worker one job is pushed, for the one that starts first.
        slots = max(1, count_slots(redis))
    admitted = admit(database, slots)
    if admitted:
        try:
            _push(redis, admitted, job_timeout)
        except QueueError:
            _unmark(database, admitted)
            raise
    return len(admitted)


def _push(redis: Redis, admitted: list[AdmittedJob], job_timeout: int) -> None:
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
            for job in admitted
        )


def _unmark(database: Engine, admitted: list[AdmittedJob]) -> None:
    with session(database) as opened:
        opened.execute(
            update(JobRow)
            .where(JobRow.id.in_([job.id for job in admitted]), JobRow.status == JobState.QUEUED)
            .values(enqueued_at=None)
            .execution_options(synchronize_session=False)
        )
