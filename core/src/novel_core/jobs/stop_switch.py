"""Stopping a job from another thread: the heartbeat, a signal handler or a request to cancel."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from novel_core.errors import NovelError


class StopSwitch:
    """A switch that any thread can throw with the error to stop with; the first error counts.

    A stage either checks it between batches (`check`) or has it call a function (`calling`).

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
        #: The error the switch was thrown with.
        self.error: NovelError | None = None
        self._callback: Callable[[NovelError], None] | None = None

    def stop(self, error: NovelError) -> None:
        """Throw the switch. Thread-safe, and safe in a signal handler."""
        with self._lock:
            if self.error is not None:
                return
            self.error = error
            callback = self._callback
        if callback is not None:
            callback(error)

    def check(self) -> None:
        """Raise the error the switch was thrown with, if it was."""
        if self.error is not None:
            raise self.error

    @contextmanager
    def calling(self, callback: Callable[[NovelError], None]) -> Iterator[None]:
        """Call `callback` once if the switch is thrown during the block.

        The error is raised at the end of the block.
        """
        with self._lock:
            self._callback = callback
        try:
            # After the callback is set, so that a stop at this moment is noticed by one of the two.
            self.check()
            yield
        finally:
            with self._lock:
                self._callback = None
        self.check()
