"""Names in Redis. They are a protocol: a stock `rq worker ingestion` relies on them."""

from __future__ import annotations

#: One queue only: a worker that waits on several can lose an id it has popped.
QUEUE = "ingestion"
#: Named, never imported here.
JOB_FUNCTION = "novel_worker.job.run"
#: Seconds RQ keeps the result of a job that ended well, and of one that ended with an error.
RESULT_TTL, FAILURE_TTL = 86_400, 7 * 86_400
#: Seconds that RQ's timeout is longer than the job's.
BACKSTOP = 300


def message_id(job_id: int, dispatch_no: int) -> str:
    """Return the RQ job's id, a new one for each push: RQ refuses an id it has seen.

    >>> message_id(42, 3)
    '42-3'
    """
    return f"{job_id}-{dispatch_no}"
