"""Running a claimed job through its stages, and writing every way it can end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from functools import partial

from novel_core.db.engine import session
from novel_core.errors import NovelError, OutOfMemory, RunsAlone, StorageError
from novel_core.ingest.attempt import Attempt, Collect
from novel_core.ingest.attempt_end import AttemptEnd, JobOutcome
from novel_core.ingest.crawling import crawl_pages
from novel_core.ingest.parsed_pages import ParsedPages
from novel_core.jobs import lifecycle
from novel_core.jobs.guard import Check, GuardedJob, JobGuard
from novel_core.jobs.lifecycle import Claim
from novel_core.jobs.retry_policy import RetryPolicy
from novel_core.jobs.stop_switch import StopSwitch
from novel_core.runtime import Runtime
from novel_core.states import RECENT
from novel_core.steps import Step, Steps, steps_of


def run_job(  # noqa: PLR0913 - keywords, each with a default
    runtime: Runtime,
    claim: Claim,
    switch: StopSwitch | None = None,
    *,
    collect: Collect = crawl_pages,
    is_resumable: bool = True,
    checks: Sequence[Check] = (),
    retries: RetryPolicy | None = None,
    leave: Callable[[JobOutcome], None] | None = None,
    guard: JobGuard | None = None,
) -> JobOutcome:
    """Run the job to its end: done, error, or released to the queue.

    `collect` brings the pages into the archive: a crawl, or pages that somebody supplies. If no
    other process can go on (`is_resumable` is False), an attempt that is stopped ends the job;
    otherwise it releases the job. `checks` are reasons to stop, besides a request to cancel.
    With `retries` a temporary failure puts the job back into the queue; without, it ends the job.
    `leave` ends this process if code over a page hangs and cannot be interrupted: it is called
    from another thread, with the outcome. `guard` guards this job with others of the process;
    without, it has a guard of its own. Every NovelError ends in the outcome; any other
    exception is a bug: it is written to the job, then raised.
    """
    switch = switch or StopSwitch()
    is_shared = guard is not None
    end = AttemptEnd(runtime, claim, retries, is_resumable=is_resumable)
    note = partial(_note, runtime, claim) if claim.is_careful else None
    steps = Steps(runtime.settings.page_timeout, note)
    stuck = None if leave is None else partial(_end_process, end, leave)
    guarded = GuardedJob(claim, switch, steps, checks, stuck)
    try:
        with ExitStack() as guards:
            guards.enter_context(steps_of(steps))
            if guard is None:
                guard = guards.enter_context(JobGuard(runtime.database, claim.lease))
            guards.enter_context(guard.of(guarded))
            if claim.is_adoption:
                from novel_core.adoption.run import adopt

                adopt(runtime, claim, switch)
            elif claim.kind == RECENT:
                from novel_core.ingest.recent_list import read_list

                read_list(runtime, claim, switch)
            else:
                _ingest(runtime, claim, switch, collect)
    except NovelError as error:
        if guarded.is_stuck:
            # Its end is written already.
            return JobOutcome(claim.job_id, error, again=True)
        return end.write(error)
    except MemoryError:
        needs = "The job needs more memory than there is."
        return end.write(RunsAlone(needs) if is_shared else OutOfMemory(needs))
    except BaseException as error:
        # Another process goes on with a crawl that Ctrl-C has ended at once.
        if isinstance(error, Exception) or not is_resumable:
            bug = f"Unexpected {type(error).__name__}: {error}"
            end.write(NovelError(bug, hint="Please report this with the traceback."))
        raise
    # Not before the first request, which it would delay.
    from novel_core.ingest.announcing import announce

    # If this fails, `announce_pending` announces the job later.
    with suppress(StorageError):
        announce(runtime, claim.job_id)
    return JobOutcome(claim.job_id, None)


def _ingest(runtime: Runtime, claim: Claim, switch: StopSwitch, collect: Collect) -> None:
    """Collect the pages of the job's novel, and save it."""
    source = runtime.registry.get(claim.source)
    with ParsedPages() as parsed:
        collected = collect(Attempt(runtime, claim, source, switch, parsed))
        # None: the job has joined another one.
        if collected is not None:
            # Not before the first request, which it would delay.
            from novel_core.ingest.saving import save_pages
            from novel_core.ingest.site_facts import with_site_facts

            save_pages(with_site_facts(collected))


def _end_process(
    end: AttemptEnd, leave: Callable[[JobOutcome], None], error: NovelError, step: Step | None
) -> None:
    """Runs in another thread while the job's own hangs."""
    outcome = JobOutcome(end.claim.job_id, error, again=True)
    try:
        outcome = end.write_stuck(error, step)
    finally:
        leave(outcome)


def _note(runtime: Runtime, claim: Claim, step: Step | None) -> None:
    with session(runtime.database) as opened:
        lifecycle.note_step(opened, claim, step)
