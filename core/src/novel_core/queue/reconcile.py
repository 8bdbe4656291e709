"""Recovering jobs whose process died, and queued jobs that Redis has lost.

Any number of processes may do so at once.
"""

from __future__ import annotations

from datetime import timedelta

from redis import Redis
from rq import Queue
from sqlalchemy import Engine, func, select

from novel_core.db.engine import session
from novel_core.db.jobs import JobRow
from novel_core.jobs import unclaimed
from novel_core.queue.connection import translated_errors
from novel_core.queue.names import QUEUE, message_id
from novel_core.settings import Settings
from novel_core.states import JobState

#: Seconds a worker may take from popping an id to claiming its job; then the id is lost.
GRACE = 10.0
#: Seconds, for each failure so far, until a job whose process died is run again.
DIED_BACKOFF = 1.0


def release_abandoned(database: Engine, settings: Settings) -> int:
    """Put jobs whose process died back into the queue, and return how many."""
    with session(database) as opened:
        released = unclaimed.release_abandoned(
            opened, max_failures=settings.max_failures, backoff=DIED_BACKOFF
        )
    return len(released)


def mark_lost(database: Engine, redis: Redis) -> int:
    """Mark jobs as not pushed that were pushed a while ago, still wait and are not in the queue.

    Return how many. The queue is read only where it is shorter than it should be; ids of jobs that
    no longer wait make it longer, but only until a worker takes them.
    """
    sent = (JobRow.status == JobState.QUEUED) & JobRow.enqueued_at.is_not(None)
    with session(database) as opened:
        expected = opened.scalar(select(func.count()).select_from(JobRow).where(sent)) or 0
    with translated_errors():
        if not expected or Queue(QUEUE, connection=redis).count >= expected:
            return 0
    suspects = (
        select(JobRow.id, JobRow.dispatch_no)
        .where(
            JobRow.status == JobState.QUEUED,
            JobRow.enqueued_at < func.now() - timedelta(seconds=GRACE),
        )
        .order_by(JobRow.id)
    )
    with session(database) as opened:
        pushed = {message_id(*row): row for row in opened.execute(suspects)}
    if not pushed:
        return 0
    with translated_errors():
        waiting = set(Queue(QUEUE, connection=redis).get_job_ids())
    missing = [row for message, row in pushed.items() if message not in waiting]
    if not missing:
        return 0
    numbers = {row.id: row.dispatch_no for row in missing}
    with session(database) as opened:
        rows = opened.scalars(
            select(JobRow)
            .where(JobRow.id.in_(numbers), JobRow.status == JobState.QUEUED)
            .with_for_update(skip_locked=True)
        ).all()
        # Another reconciler may have pushed it meanwhile.
        lost = [job for job in rows if job.dispatch_no == numbers[job.id]]
        for job in lost:
            job.enqueued_at = None
        opened.flush()
    return len(lost)
