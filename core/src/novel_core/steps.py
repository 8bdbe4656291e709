"""The step that a job is working on, and the time limit of each step.

Parsers, hooks and the sanitiser are code over a site's bytes, and one page may keep them busy
forever. In the main thread they are interrupted when they have used up their processor time, even
within a loop or a regular expression. Code that ignores this is ended with its process
(`novel_core.jobs.watchdog`).
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import FrameType
from typing import TypeVar

from novel_core.errors import PageTooSlow

T = TypeVar("T")

#: Not on Windows, where only the watchdog ends a step.
HAS_TIMER = hasattr(signal, "setitimer")
#: Seconds of processor time between two interrupts, for code that catches the first one.
_AGAIN = 1.0


class _UsedUp(BaseException):
    """Not an Exception, because a parser may catch those."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step: `what` is done to a page or to texts of `chapters`, `since` a monotonic time."""

    what: str
    url: str
    chapters: tuple[str, ...] = ()
    since: float = field(default_factory=time.monotonic)


class Steps:
    """The steps of one attempt at a job; each may take `seconds` of processor time.

    `note` is called with each step before it begins, and with None after it has ended.
    """

    def __init__(self, seconds: float, note: Callable[[Step | None], None] | None = None) -> None:
        self.seconds = seconds
        self._note = note
        self.current: Step | None = None

    def run(self, step: Step, call: Callable[[], T]) -> T:
        if self._note is not None:
            self._note(step)
        self.current = step
        try:
            if HAS_TIMER and threading.current_thread() is threading.main_thread():
                return _interrupted_after(self.seconds, call)
            return call()
        except _UsedUp:
            raise self.too_slow(step) from None
        finally:
            self.current = None
            if self._note is not None:
                self._note(None)

    def too_slow(self, step: Step) -> PageTooSlow:
        return PageTooSlow(
            f"{step.what} {step.url} did not end within {self.seconds:g} seconds of work.",
            url=step.url,
        )


_here: ContextVar[Steps | None] = ContextVar("steps", default=None)


@contextmanager
def steps_of(seconds: float, note: Callable[[Step | None], None] | None = None) -> Iterator[Steps]:
    """Within the block, `limited` interrupts steps after `seconds` of processor time."""
    steps = Steps(seconds, note)
    before = _here.set(steps)
    try:
        yield steps
    finally:
        _here.reset(before)


def limited(what: str, url: str, call: Callable[[], T], *, chapters: tuple[str, ...] = ()) -> T:
    """Return the result of `call`, code that works on the page at `url`. Raises PageTooSlow when it
    exceeds the limit.

    >>> with steps_of(60):
    ...     limited("Reading", "https://example.org/c/1", lambda: "read")
    'read'
    """
    steps = _here.get()
    return call() if steps is None else steps.run(Step(what, url, chapters), call)


_armed = False


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    if _armed:
        raise _UsedUp


def _interrupted_after(seconds: float, call: Callable[[], T]) -> T:
    global _armed  # noqa: PLW0603 - a signal's handler and its timer belong to the process
    # The handler stays, because a late signal would otherwise end the process.
    signal.signal(signal.SIGPROF, _interrupt)
    try:
        _armed = True
        # Processor time, so that a busy machine or a laptop that slept is no reason to interrupt.
        signal.setitimer(signal.ITIMER_PROF, seconds, _AGAIN)
        try:
            return call()
        finally:
            _armed = False
    finally:
        _armed = False
        signal.setitimer(signal.ITIMER_PROF, 0)
