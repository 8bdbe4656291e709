"""Looking out for reasons to stop a running job: somebody cancelled it, its worker is to end, it takes too long."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Self

from novel_core.db.engine import session
from novel_core.errors import DeadlinePassed, JobCancelled, NovelError, StorageError
from novel_core.pipeline import lifecycle
from novel_core.pipeline.lifecycle import Claim
from novel_core.runtime import Runtime

#: Seconds between two looks.
INTERVAL = 2.0

#: A reason to stop, or None.
Check = Callable[[], NovelError | None]


class Lookout:
    """Asks every check every two seconds, in a thread of its own; the first reason is told to `stop`."""

    def __init__(self, checks: Sequence[Check], stop: Callable[[NovelError], None]) -> None:
        self._checks = checks
        self._stop = stop
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._look, name="novel-lookout", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._closed.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._closed.wait(INTERVAL):
            for check in self._checks:
                reason = check()
                if reason is not None:
                    self._stop(reason)
                    return


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
