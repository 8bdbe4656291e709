"""The function that RQ calls by its name, `novel_worker.job.run`, to run one queued job."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from redis import Redis
from redis.exceptions import RedisError
from rq import Worker

from novel_core.db.engine import session
from novel_core.errors import (
    JobCancelled,
    JobStopped,
    LeaseLost,
    NovelError,
    QueueError,
    StorageError,
)
from novel_core.ingest.attempt_end import JobOutcome
from novel_core.ingest.runner import run_job
from novel_core.jobs import lifecycle
from novel_core.jobs.lifecycle import Claim
from novel_core.jobs.retry_policy import RetryPolicy
from novel_core.jobs.stop_monitor import Check, deadline
from novel_core.jobs.stop_switch import StopSwitch
from novel_core.jobs.views import get_job
from novel_core.logs import about_job, loggable_url
from novel_core.processes.parent import end_with_parent
from novel_core.queue.connection import connect
from novel_core.queue.dispatch import dispatch
from novel_core.runtime import Runtime
from novel_core.states import TERMINAL, JobState
from novel_worker.warm import runtime_of_job

logger = logging.getLogger(__name__)

#: Tries to claim a job whose row is locked, and the seconds between them.
_CLAIM_TRIES, _CLAIM_PAUSE = 10, 0.1
_LEAVING = "The worker is shutting down."


def run(job_id: int) -> str:
    """Run the job if it is free; the result in a word. A final error is raised, for RQ to show.

    The job's row does not depend on that: RQ may call this twice, or kill the process.
    """
    switch = StopSwitch()
    with about_job(job_id), _stopped_by_signal(switch):
        # Only in a work-horse: a worker that does not fork must outlive its job.
        if os.environ.get("RQ_WORKER_ID"):
            end_with_parent()
        with runtime_of_job() as runtime:
            return _run(runtime, job_id, switch)


def _run(runtime: Runtime, job_id: int, switch: StopSwitch) -> str:
    assert runtime.redis_url is not None
    claim = _claim(runtime, job_id)
    if claim is None:
        with session(runtime.database) as opened:
            status = get_job(opened, job_id).status
        whose = "" if status in TERMINAL else ": another process has it"
        logger.info("skipped: the job is %s%s", status, whose)
        return "skipped"
    started = time.monotonic()
    url = loggable_url(claim.url)
    fields = {"source": claim.source, "url": url}
    logger.info("attempt begins: %s %s", claim.source, url, extra=fields)
    redis = connect(runtime.redis_url)
    checks = [
        _shutdown_of_worker(redis),
        deadline(claim.options.timeout or runtime.settings.job_timeout),
    ]
    policy = RetryPolicy(runtime.settings.max_failures, runtime.settings.job_backoff)
    outcome = run_job(
        runtime, claim, switch, checks=checks, retries=policy, leave=_leaving(started)
    )
    _log(outcome, time.monotonic() - started)
    if outcome.again:
        # An idle worker can take it at once.
        with suppress(QueueError, StorageError):
            dispatch(runtime.database, redis, job_timeout=runtime.settings.job_timeout)
        return "handed back"
    if outcome.error is None:
        return "done"
    if isinstance(outcome.error, JobCancelled):
        return "cancelled"
    raise outcome.error


def _claim(runtime: Runtime, job_id: int) -> Claim | None:
    for _ in range(_CLAIM_TRIES):
        with session(runtime.database) as opened:
            claim = lifecycle.claim(opened, job_id, lease=runtime.settings.lease)
            if claim is not None:
                return claim
            if get_job(opened, job_id).status != JobState.QUEUED:
                return None
        time.sleep(_CLAIM_PAUSE)
    return None


def _leaving(started: float) -> Callable[[JobOutcome], None] | None:
    """How a work-horse with a stuck job exits; a worker that does not fork waits for the job."""
    if not os.environ.get("RQ_WORKER_ID"):
        return None

    def leave(outcome: JobOutcome) -> None:
        _log(outcome, time.monotonic() - started)
        logging.shutdown()
        os._exit(1)

    return leave


def _log(outcome: JobOutcome, seconds: float) -> None:
    """Log the end of the attempt; its reason only if it was not logged with the job's new state."""
    code = outcome.error.code if outcome.error is not None else "done"
    unwritten = isinstance(outcome.error, LeaseLost | StorageError)
    reason = f"{code}: {outcome.error.message}" if outcome.error and unwritten else code
    how = "goes back into the queue" if outcome.again else "ended"
    fields = {"code": code, "seconds": round(seconds, 3)}
    logger.info("attempt %s after %.1f s: %s", how, seconds, reason, extra=fields)


def _shutdown_of_worker(redis: Redis) -> Check:
    """Check whether RQ's worker is shutting down, which it notes in its hash."""
    key = Worker.redis_worker_namespace_prefix + os.environ.get("RQ_WORKER_ID", "")

    def check() -> NovelError | None:
        try:
            requested = redis.hget(key, "shutdown_requested_date")
        except (RedisError, OSError):
            return None
        return JobStopped(_LEAVING) if requested else None

    return check


@contextmanager
def _stopped_by_signal(switch: StopSwitch) -> Iterator[None]:
    """Stop the job in order on SIGTERM, from an operator or, when the worker died, the kernel."""
    previous = signal.signal(signal.SIGTERM, lambda *_: switch.stop(JobStopped(_LEAVING)))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)
