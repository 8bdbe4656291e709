"""Running a claimed job through its stages, and giving every way it can end its state."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial

from sqlalchemy import ColumnElement, or_, update
from sqlalchemy.orm import Session

from novel_core.db.engine import session
from novel_core.db.pages import PageRow
from novel_core.errors import (
    DeadlinePassed,
    JobCancelled,
    JobError,
    JobStopped,
    LeaseLost,
    NovelError,
    PageBroken,
    PageTooSlow,
    RateLimited,
    StorageError,
)
from novel_core.ingest import origins
from novel_core.ingest.announcing import announce
from novel_core.ingest.crawling import CrawlStage
from novel_core.ingest.saving import save_pages
from novel_core.jobs import lifecycle
from novel_core.jobs.failures import skip_page
from novel_core.jobs.lease import Heartbeat
from novel_core.jobs.lifecycle import Claim
from novel_core.jobs.retry_policy import RetryPolicy
from novel_core.jobs.stop_monitor import Check, StopMonitor, cancellation
from novel_core.jobs.stop_switch import StopSwitch
from novel_core.jobs.views import is_cancel_requested
from novel_core.jobs.watchdog import Watchdog
from novel_core.processes.event_loop import run_async
from novel_core.registry import LoadedSource
from novel_core.runtime import Runtime
from novel_core.source import PageKind
from novel_core.steps import Step, steps_of

#: Seconds between two tries to reach a database that is away, and how long an attempt that was stopped tries.
_STORAGE_PAUSE, _STOP_PATIENCE = 0.5, 4.0


@dataclass(frozen=True, slots=True)
class JobOutcome:
    """How an attempt ended; `error` is None when the job is done or has joined another one, `again` tells that it is not over."""

    job_id: int
    error: NovelError | None
    again: bool = False


def run_job(
    runtime: Runtime,
    claim: Claim,
    switch: StopSwitch | None = None,
    *,
    checks: Sequence[Check] = (),
    retries: RetryPolicy | None = None,
    leave: Callable[[JobOutcome], None] | None = None,
) -> JobOutcome:
    """Run the job to its end: done, error, or handed back when `switch` is thrown with JobStopped.

    `checks` are reasons to stop beside that somebody cancelled the job. With `retries` a failure that time may heal puts the job
    back into the queue; without, it ends the job. `leave` ends this process, when code over a page hangs that hears nothing: it is
    called from another thread, with what became of the job. Every NovelError ends in the outcome; anything else is a bug and is raised,
    after the job was marked with it.
    """
    switch = switch or StopSwitch()
    attempt = _Attempt(runtime, claim, retries)
    reasons = [cancellation(runtime.database, claim), *checks]
    try:
        note = partial(_note, runtime, claim) if claim.is_careful else None
        with steps_of(runtime.settings.page_timeout, note) as steps, ExitStack() as watched:
            if leave is not None:
                end = partial(_end_process, attempt, leave)
                watched.enter_context(Watchdog(steps, switch, claim.lease, end))
            watched.enter_context(
                Heartbeat(lambda: _renew(runtime, claim), claim.lease, switch.stop)
            )
            watched.enter_context(StopMonitor(reasons, switch.stop))
            _run_stages(runtime, claim, switch)
    except NovelError as error:
        again = attempt.end(error)
        return JobOutcome(claim.job_id, error, again=again)
    except Exception as error:
        bug = NovelError(
            f"Unexpected {type(error).__name__}: {error}",
            hint="Please report this with the traceback.",
        )
        attempt.end(bug)
        raise
    _after(runtime, claim)
    return JobOutcome(claim.job_id, None)


def _end_process(
    attempt: _Attempt, leave: Callable[[JobOutcome], None], error: NovelError, step: Step
) -> None:
    """In the watchdog's thread: the job's own hangs in `step`."""
    outcome = JobOutcome(attempt.claim.job_id, error, again=True)
    try:
        outcome = attempt.end_stuck(error, step)
    finally:
        leave(outcome)


def _run_stages(runtime: Runtime, claim: Claim, switch: StopSwitch) -> None:
    source = runtime.registry.get(claim.source)
    known = run_async(_crawl(runtime, claim, source, switch))
    if known is None:
        return  # joined another job
    save_pages(runtime, known, source, switch)


async def _crawl(
    runtime: Runtime, claim: Claim, source: LoadedSource, switch: StopSwitch
) -> Claim | None:
    return await CrawlStage(runtime, claim, source, switch).run()


def _renew(runtime: Runtime, claim: Claim) -> bool:
    with session(runtime.database) as opened:
        return lifecycle.renew(opened, claim)


def _note(runtime: Runtime, claim: Claim, step: Step | None) -> None:
    with session(runtime.database) as opened:
        lifecycle.note_step(opened, claim, step)


@dataclass(frozen=True, slots=True)
class _Attempt:
    runtime: Runtime
    claim: Claim
    retries: RetryPolicy | None

    def end(self, error: NovelError) -> bool:
        """Write how the attempt ended, if the job is still ours; whether it goes on later.

        A database that is away is waited for, as long as the lease lasts: then somebody else takes the job up.
        """
        if isinstance(error, LeaseLost):
            return True
        # Who was told to stop may have lost its servers for good.
        patience = _STOP_PATIENCE if isinstance(error, JobStopped) else self.claim.lease
        until = time.monotonic() + patience
        while True:
            try:
                with session(self.runtime.database) as opened:
                    again = self._write(opened, error)
                break
            except LeaseLost:
                return True
            except StorageError:
                if time.monotonic() > until:
                    return True
                time.sleep(_STORAGE_PAUSE)
        if not again:
            _after(self.runtime, self.claim)
        return again

    def end_stuck(self, error: NovelError, step: Step) -> JobOutcome:
        """A page that a step hangs on is a gap from now on: whoever takes the job up leaves it out."""
        with suppress(NovelError), session(self.runtime.database) as opened:
            lifecycle.hold(opened, self.claim)
            if skip_page(opened, self.claim.job_id, step) and isinstance(error, PageTooSlow):
                error = _LeftOut(error.message, url=error.url)
        return JobOutcome(self.claim.job_id, error, again=self.end(error))

    def _write(self, opened: Session, error: NovelError) -> bool:
        claim = self.claim
        if isinstance(error, JobStopped):
            lifecycle.release(opened, claim, error.message)
            return True
        if isinstance(error, JobCancelled) and not is_cancel_requested(opened, claim.job_id):
            lifecycle.release(opened, claim, "Stopped, and wanted again meanwhile.")
            return True
        if isinstance(error, RateLimited) and error.url is not None:
            origins.leave_alone(opened, error.url, error.retry_after)
        is_lasting = not error.retryable and not isinstance(error, JobError)
        if is_lasting or isinstance(error, PageBroken):
            # A page that led to a lasting error is asked for again next time, not read again.
            opened.execute(
                update(PageRow)
                .where(PageRow.job_id == claim.job_id, _leads(claim))
                .values(problem=error.code)
            )
        if self.retries is not None:
            if isinstance(error, DeadlinePassed) and lifecycle.has_progressed(opened, claim):
                lifecycle.release(
                    opened, claim, f"{error.message} What is missing is left to the next."
                )
                return True
            delay = self.retries.delay(error, claim.failures)
            if delay is not None:
                lifecycle.retry_later(opened, claim, error, delay)
                return True
        lifecycle.fail(opened, claim, error)
        return False


class _LeftOut(PageTooSlow):
    """The next attempt does without the page."""

    retryable = True
    default_hint = "Run it again: the page is left out then, until `novel retry`."


def _leads(claim: Claim) -> ColumnElement[bool]:
    """The pages that lead to all others: the chapter list, and the page that tells whose chapter was given."""
    return or_(PageRow.kind == PageKind.INDEX, PageRow.requested_url == claim.url)


def _after(runtime: Runtime, claim: Claim) -> None:
    # The job has ended already: what cannot be told now, is told by whoever looks for it next.
    with suppress(StorageError):
        announce(runtime, claim.job_id)
