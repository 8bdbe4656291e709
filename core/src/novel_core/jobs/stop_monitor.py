"""Checking a running job for reasons to stop: cancelled, worker shutting down, too slow."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from sqlalchemy import Engine

from novel_core.db.engine import session
from novel_core.errors import DeadlinePassed, JobCancelled, NovelError, StorageError
from novel_core.jobs.background import Background
from novel_core.jobs.lifecycle import Claim
from novel_core.jobs.views import is_cancel_requested

#: Seconds between two rounds of checks.
INTERVAL = 2.0

#: A reason to stop, or None.
Check = Callable[[], NovelError | None]


class StopMonitor(Background):
    """A context manager that runs all checks every two seconds.

    `stop` is called with the first reason found.
    """

    def __init__(self, checks: Sequence[Check], stop: Callable[[NovelError], None]) -> None:
        super().__init__("novel-stop-monitor", INTERVAL)
        self._checks = checks
        self._stop = stop

    def turn(self) -> bool:
        for check in self._checks:
            reason = check()
            if reason is not None:
                self._stop(reason)
                return False
        return True


def cancellation(database: Engine, claim: Claim) -> Check:
    """Return the check that nobody has cancelled the job."""

    def check() -> NovelError | None:
        try:
            with session(database) as opened:
                cancelled = is_cancel_requested(opened, claim.job_id)
        except StorageError:
            # The heartbeat stops the job when the database is away too long.
            return None
        return JobCancelled("Cancelled.") if cancelled else None

    return check


def deadline(seconds: float) -> Check:
    """Return the check that fewer than `seconds` have passed since this call."""
    started = time.monotonic()

    def check() -> NovelError | None:
        if time.monotonic() - started < seconds:
            return None
        return DeadlinePassed(f"The attempt was not done within {seconds:g} seconds.")

    return check
