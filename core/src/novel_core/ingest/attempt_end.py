"""Writing how an attempt at a job ended: the job's state, and whether it is run again."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, or_, update
from sqlalchemy.orm import Session

from novel_core.archive import origins
from novel_core.crawl.politeness import group_of
from novel_core.db.engine import session
from novel_core.db.pages import PageRow
from novel_core.errors import (
    DeadlinePassed,
    JobCancelled,
    JobError,
    JobStopped,
    LeaseLost,
    Maintenance,
    NovelError,
    PageBroken,
    PageTooSlow,
    RateLimited,
    RunsAlone,
    SiteRemoved,
    SourceError,
    StorageError,
)
from novel_core.jobs import lifecycle
from novel_core.jobs.failures import skip_page
from novel_core.jobs.lifecycle import Claim
from novel_core.jobs.retry_policy import RetryPolicy
from novel_core.jobs.views import is_cancel_requested
from novel_core.runtime import Runtime
from novel_core.sites.naming import is_removed
from novel_core.source import PageKind
from novel_core.steps import Step

#: Seconds between two tries to reach a database that is down.
_STORAGE_PAUSE = 0.5
#: Seconds for which an attempt that was stopped tries to reach the database.
_STOP_PATIENCE = 4.0


@dataclass(frozen=True, slots=True)
class JobOutcome:
    """How an attempt ended. `again` is True if the job is not over.

    `error` is None if the job is done or has joined another one.
    """

    job_id: int
    error: NovelError | None
    again: bool = False


@dataclass(frozen=True, slots=True)
class AttemptEnd:
    """Writes the end of an attempt that failed or was stopped."""

    runtime: Runtime
    claim: Claim
    retries: RetryPolicy | None = None
    is_resumable: bool = True

    def write(self, error: NovelError) -> JobOutcome:
        """Write how the attempt ended, if the job is still this process's.

        A database that is down is waited for until the lease runs out: then another process
        takes the job over.
        """
        again = self._write(error)
        if not again:
            # Not before the first request, which it would delay.
            from novel_core.ingest.announcing import announce

            # If this fails, `announce_pending` announces the job later.
            with suppress(StorageError):
                announce(self.runtime, self.claim.job_id)
        return JobOutcome(self.claim.job_id, error, again=again)

    def write_stuck(self, error: NovelError, step: Step | None) -> JobOutcome:
        """Write the end of an attempt that hangs in `step`; the next attempt skips that page."""
        if isinstance(error, LeaseLost):
            # Nothing of it is ours to write, and the database may never answer.
            return self.write(error)
        with suppress(NovelError), session(self.runtime.database) as opened:
            lifecycle.hold(opened, self.claim)
            if (
                step
                and skip_page(opened, self.claim.job_id, step)
                and isinstance(error, PageTooSlow)
            ):
                error = _PageSkipped(error.message, url=error.url)
        return self.write(error)

    def _write(self, error: NovelError) -> bool:
        if isinstance(error, LeaseLost):
            return True
        # A process that was told to stop may have lost its servers for good.
        patience = _STOP_PATIENCE if isinstance(error, JobStopped) else self.claim.lease
        until = time.monotonic() + patience
        while True:
            try:
                with session(self.runtime.database) as opened:
                    return self._change_state(opened, error)
            except LeaseLost:
                return True
            except StorageError:
                if time.monotonic() > until:
                    return True
                time.sleep(_STORAGE_PAUSE)

    def _change_state(self, opened: Session, error: NovelError) -> bool:
        """Whether the job is run again."""
        claim = self.claim
        if isinstance(error, RunsAlone) and self.is_resumable:
            lifecycle.release_suspect(opened, claim, error)
            return True
        if isinstance(error, JobStopped) and self.is_resumable:
            lifecycle.release(opened, claim, error.message)
            return True
        if isinstance(error, JobCancelled) and not is_cancel_requested(opened, claim.job_id):
            lifecycle.release(opened, claim, "Stopped, but submitted again meanwhile.")
            return True
        if isinstance(error, JobCancelled) and is_removed(opened, claim.source):
            error = SiteRemoved(f"The site {claim.source} was removed.")
        if isinstance(error, Maintenance | RateLimited) and error.url and error.retry_after:
            group = self._group_of(error.url)
            origins.pause_origin(opened, error.url, group, error.retry_after)
        self._forget_leads(opened, error)
        if self.retries is not None:
            if isinstance(error, DeadlinePassed) and lifecycle.has_progressed(opened, claim):
                lifecycle.release(
                    opened, claim, f"{error.message} The next attempt fetches what is missing."
                )
                return True
            delay = self.retries.delay(error, claim.failures)
            if delay is not None:
                lifecycle.retry_later(opened, claim, error, delay)
                return True
        lifecycle.fail(opened, claim, error)
        return False

    def _group_of(self, url: str) -> str:
        if self.claim.is_adoption:
            return urlsplit(url).hostname or ""
        return group_of(self.runtime.registry.get(self.claim.source).info, url)

    def _forget_leads(self, opened: Session, error: NovelError) -> None:
        """Let the next attempt fetch pages with such an error again, and not reuse them.

        That is what leads to all others; of a temporary failure only the page that said so.
        """
        pages = (PageRow.job_id == self.claim.job_id) & _leads(self.claim)
        is_lasting = not error.retryable and not isinstance(error, JobError)
        if not is_lasting and not isinstance(error, PageBroken):
            if not isinstance(error, SourceError):
                return
            pages &= or_(PageRow.url == error.url, PageRow.requested_url == error.url)
        opened.execute(update(PageRow).where(pages).values(problem=error.code))


class _PageSkipped(PageTooSlow):
    """The next attempt skips the page."""

    retryable = True
    default_hint = "Run it again: that skips the page; `novel retry` includes it again."


def _leads(claim: Claim) -> ColumnElement[bool]:
    """The pages that lead to all others: the chapter list, and the page that names the novel."""
    is_list = (PageRow.kind == PageKind.INDEX) & ~PageRow.is_optional
    return or_(is_list, PageRow.requested_url == claim.url)
