"""Looking out for reasons to stop a running job: somebody cancelled it, its worker is to end, it takes too long."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from novel_core.db.engine import session
from novel_core.errors import DeadlinePassed, JobCancelled, NovelError, StorageError
from novel_core.jobs import lifecycle
from novel_core.jobs.background import Background
from novel_core.jobs.lifecycle import Claim
from novel_core.runtime import Runtime

#: Seconds between two looks.
INTERVAL = 2.0

#: A reason to stop, or None.
Check = Callable[[], NovelError | None]


class StopMonitor(Background):
    """Asks every check every two seconds; the first reason is told to `stop`."""

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


def cancellation(runtime: Runtime, claim: Claim) -> Check:
    """Whether somebody wants the job cancelled."""

    def check() -> NovelError | None:
        try:
            with session(runtime.database) as opened:
                wanted = lifecycle.is_cancel_requested(opened, claim)
        except StorageError:  # the heartbeat says when that has lasted too long
            return None
        return JobCancelled("Cancelled.") if wanted else None

    return check


def deadline(seconds: float) -> Check:
    """Whether so many seconds have passed since now."""
    started = time.monotonic()

    def check() -> NovelError | None:
        if time.monotonic() - started < seconds:
            return None
        return DeadlinePassed(f"The attempt was not done within {seconds:g} seconds.")

    return check
