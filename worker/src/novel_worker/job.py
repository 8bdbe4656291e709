"""The function that RQ calls by its name, `novel_worker.job.run`, to run one queued job."""

from __future__ import annotations

import logging
import time
from contextlib import suppress

from redis import Redis

from novel_core.db.engine import session
from novel_core.errors import JobCancelled, LeaseLost, QueueError, StorageError
from novel_core.ingest.attempt_end import JobOutcome
from novel_core.ingest.runner import run_job
from novel_core.jobs import lifecycle
from novel_core.jobs.guard import deadline
from novel_core.jobs.lifecycle import Claim, MustRunAlone
from novel_core.jobs.retry_policy import RetryPolicy
from novel_core.jobs.stop_switch import StopSwitch
from novel_core.jobs.views import get_job
from novel_core.logs import about_job, loggable_url
from novel_core.queue.connection import connect
from novel_core.queue.dispatch import dispatch
from novel_core.runtime import Runtime
from novel_core.states import TERMINAL, JobState
from novel_worker.alone import run_alone
from novel_worker.place import Place, place_of_job
from novel_worker.warm import runtime_of_job

logger = logging.getLogger(__name__)

#: Tries to claim a job whose row is locked, and the seconds between them.
_CLAIM_TRIES, _CLAIM_PAUSE = 10, 0.1


def run(job_id: int) -> str:
    """Run the job if it is free; the result in a word. A final error is raised, for RQ to show.

    The job's row does not depend on that: RQ may call this twice, or kill the process.
    """
    place, switch = place_of_job(), StopSwitch()
    with about_job(job_id), place.stopping(switch), runtime_of_job() as runtime:
        assert runtime.redis_url is not None
        with connect(runtime.redis_url) as redis:
            try:
                claim = _claim(runtime, job_id, is_shared=place.is_shared)
                return (
                    _run(runtime, redis, claim, place, switch) if claim else _skip(runtime, job_id)
                )
            except MustRunAlone:
                return run_alone(runtime, job_id, switch)
            finally:
                # The next job has room now.
                with suppress(QueueError, StorageError):
                    dispatch(runtime.database, redis, job_timeout=runtime.settings.job_timeout)


def _skip(runtime: Runtime, job_id: int) -> str:
    with session(runtime.database) as opened:
        status = get_job(opened, job_id).status
    whose = "" if status in TERMINAL else ": another process has it"
    logger.info("skipped: the job is %s%s", status, whose)
    return "skipped"


def _run(runtime: Runtime, redis: Redis, claim: Claim, place: Place, switch: StopSwitch) -> str:
    started = time.monotonic()
    url = loggable_url(claim.url)
    fields = {"source": claim.source, "url": url}
    logger.info("attempt begins: %s %s", claim.source, url, extra=fields)

    def leave(outcome: JobOutcome) -> None:
        _log(outcome, time.monotonic() - started)
        place.leave()

    settings = runtime.settings
    outcome = run_job(
        runtime,
        claim,
        switch,
        checks=[
            deadline(claim.options.timeout or settings.job_timeout),
            *place.checks(settings, redis),
        ],
        retries=RetryPolicy(settings.max_failures, settings.job_backoff),
        leave=leave if place.can_leave else None,
        guard=place.guard,
    )
    _log(outcome, time.monotonic() - started)
    if outcome.again:
        return "handed back"
    if outcome.error is None:
        return "done"
    if isinstance(outcome.error, JobCancelled):
        return "cancelled"
    raise outcome.error


def _claim(runtime: Runtime, job_id: int, *, is_shared: bool) -> Claim | None:
    for _ in range(_CLAIM_TRIES):
        with session(runtime.database) as opened:
            claim = lifecycle.claim(
                opened,
                job_id,
                lease=runtime.settings.lease,
                is_shared=is_shared,
            )
            if claim is not None:
                return claim
            if get_job(opened, job_id).status != JobState.QUEUED:
                return None
        time.sleep(_CLAIM_PAUSE)
    return None


def _log(outcome: JobOutcome, seconds: float) -> None:
    """Log the end of the attempt; its reason only if it was not logged with the job's new state."""
    code = outcome.error.code if outcome.error is not None else "done"
    unwritten = isinstance(outcome.error, LeaseLost | StorageError)
    reason = f"{code}: {outcome.error.message}" if outcome.error and unwritten else code
    how = "goes back into the queue" if outcome.again else "ended"
    fields = {"code": code, "seconds": round(seconds, 3)}
    logger.info("attempt %s after %.1f s: %s", how, seconds, reason, extra=fields)
