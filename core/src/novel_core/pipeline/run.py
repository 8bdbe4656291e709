"""Running a claimed job through its stages, and giving every way it can end its state."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import ColumnElement, delete, or_, update

from novel_core.db.engine import session
from novel_core.db.jobs import JobFailureRow
from novel_core.db.pages import PageRow
from novel_core.errors import (
    JobStopped,
    LeaseLost,
    NovelError,
    PageBroken,
    RateLimited,
    StorageError,
)
from novel_core.pipeline import lifecycle, retention, sites
from novel_core.pipeline.announcing import announce
from novel_core.pipeline.crawling import CrawlStage
from novel_core.pipeline.lease import Heartbeat
from novel_core.pipeline.lifecycle import Claim
from novel_core.pipeline.parsing import parse_job
from novel_core.pipeline.saving import SaveStage
from novel_core.pipeline.stopping import StopSwitch
from novel_core.registry import LoadedSource
from novel_core.runtime import Runtime
from novel_core.source import PageKind

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class JobOutcome:
    """How an attempt ended; `error` is None when the job is done or has joined another one."""

    job_id: int
    error: NovelError | None


def run_job(runtime: Runtime, claim: Claim, switch: StopSwitch | None = None) -> JobOutcome:
    """Run the job to its end: done, error, or handed back when `switch` is thrown with JobStopped.

    Every NovelError ends in the outcome; anything else is a bug and is raised, after the job was marked with it.
    """
    switch = switch or StopSwitch()
    try:
        with Heartbeat(lambda: _renew(runtime, claim), claim.lease, switch.stop):
            _run_stages(runtime, claim, switch)
    except NovelError as error:
        _end(runtime, claim, error)
        return JobOutcome(claim.job_id, error)
    except Exception as error:
        bug = NovelError(
            f"Unexpected {type(error).__name__}: {error}",
            hint="Please report this with the traceback.",
        )
        _end(runtime, claim, bug)
        raise
    _after(runtime, claim)
    return JobOutcome(claim.job_id, None)


def _run_stages(runtime: Runtime, claim: Claim, switch: StopSwitch) -> None:
    source = runtime.registry.get(claim.source)
    with session(runtime.database) as opened:
        lifecycle.hold(opened, claim)
        # What failed in an earlier attempt is tried again in this one.
        opened.execute(delete(JobFailureRow).where(JobFailureRow.job_id == claim.job_id))
    known = run_async(_crawl(runtime, claim, source, switch))
    if known is None:
        return  # joined another job
    with session(runtime.database) as opened:
        lifecycle.enter_parsing(opened, known)
    parse_job(runtime, known, source, switch)
    with session(runtime.database) as opened:
        lifecycle.enter_saving(opened, known)
    SaveStage(runtime, known, source, switch).run()


async def _crawl(
    runtime: Runtime, claim: Claim, source: LoadedSource, switch: StopSwitch
) -> Claim | None:
    return await CrawlStage(runtime, claim, source, switch).run()


def run_async(main: Coroutine[object, object, T]) -> T:
    """Run a coroutine on uvloop where it exists (not on Windows), on asyncio's own loop elsewhere."""
    with asyncio.Runner(loop_factory=_new_event_loop) as runner:
        return runner.run(main)


def _new_event_loop() -> asyncio.AbstractEventLoop:
    try:
        import uvloop
    except ImportError:  # pragma: no cover - the platform decides
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


def _renew(runtime: Runtime, claim: Claim) -> bool:
    with session(runtime.database) as opened:
        return lifecycle.renew(opened, claim)


def _end(runtime: Runtime, claim: Claim, error: NovelError) -> None:
    """Write how the attempt ended, if the job is still ours and the database is there."""
    if isinstance(error, LeaseLost):
        return
    try:
        with session(runtime.database) as opened:
            if isinstance(error, JobStopped):
                lifecycle.hand_back(opened, claim, error.message)
                return
            lifecycle.fail(opened, claim, error)
            if isinstance(error, RateLimited) and error.url is not None:
                sites.leave_alone(opened, error.url, error.retry_after)
            if not error.retryable or isinstance(error, PageBroken):
                # A page that led to a lasting error is asked for again next time, not read again.
                opened.execute(
                    update(PageRow)
                    .where(PageRow.job_id == claim.job_id, _leads(claim))
                    .values(problem=error.code)
                )
    except (StorageError, LeaseLost):
        return  # the lease runs out by itself, and the job is taken up again
    _after(runtime, claim)


def _leads(claim: Claim) -> ColumnElement[bool]:
    """The pages that lead to all others: the chapter list, and the page that tells whose chapter was given."""
    return or_(PageRow.kind == PageKind.INDEX, PageRow.requested_url == claim.url)


def _after(runtime: Runtime, claim: Claim) -> None:
    settings = runtime.settings
    # The job has ended already: what cannot be done now, the next job does.
    with suppress(StorageError):
        announce(runtime, claim.job_id)
        with session(runtime.database) as opened:
            retention.sweep(
                opened,
                keep_page_days=settings.keep_page_days,
                keep_event_days=settings.keep_event_days,
            )
