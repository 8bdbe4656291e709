"""Stopping a job from outside: from the heartbeat's thread, a signal handler or a request to cancel."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from novel_core.errors import NovelError


class StopSwitch:
    """Thrown once, from any thread; the first error counts.

    A stage either looks at it between batches (`check`) or lends it a callback for as long as it runs (`watched_by`).

    >>> from novel_core.errors import JobStopped
    >>> switch = StopSwitch()
    >>> switch.stop(JobStopped("Stopped."))
    >>> switch.check()
    Traceback (most recent call last):
    novel_core.errors.JobStopped: Stopped.
    """

    def __init__(self) -> None:
        # Re-entrant: a signal handler may call `stop` while this very thread holds it.
        self._lock = threading.RLock()
        self._error: NovelError | None = None
        self._callback: Callable[[NovelError], None] | None = None

    def stop(self, error: NovelError) -> None:
        with self._lock:
            if self._error is not None:
                return
            self._error = error
            callback = self._callback
        if callback is not None:
            callback(error)

    @property
    def error(self) -> NovelError | None:
        """What the switch was thrown with."""
        return self._error

    def check(self) -> None:
        """Raise the error the switch was thrown with, if it was."""
        if self._error is not None:
            raise self._error

    @contextmanager
    def watched_by(self, callback: Callable[[NovelError], None]) -> Iterator[None]:
        with self._lock:
            self._callback = callback
        try:
            # Looked at after lending the callback: a stop that comes in between meets one of the two.
            self.check()
            yield
        finally:
            with self._lock:
                self._callback = None
        self.check()
