"""What a job works on at this moment, and how long anybody's code may work on one page.

Parsers, hooks and sanitising are code over a site's bytes: one page may keep them busy for ever. In the main thread they are
interrupted once they have used up their processor time, in the middle of a loop or of a regular expression; what does not
even hear that is ended with its process (`novel_core.jobs.watchdog`).
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

#: Not on Windows: there a watchdog is all there is.
HAS_TIMER = hasattr(signal, "setitimer")
#: Seconds of processor time between two interrupts, for code that swallows the first one.
_AGAIN = 1.0


class _UsedUp(BaseException):
    """Not an Exception, which a parser may well catch and go on."""


@dataclass(frozen=True, slots=True)
class Step:
    """`what` is done to the page at `url`, or to texts of `chapters`; `since` is the monotonic time it began at."""

    what: str
    url: str
    chapters: tuple[str, ...] = ()
    since: float = field(default_factory=time.monotonic)


class Steps:
    """The steps of one attempt at a job; `seconds` is the processor time of each. `note` is told of each before it begins, and
    None once it has ended."""

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
    """Within the block `limited` interrupts what takes longer than so many seconds of processor time."""
    steps = Steps(seconds, note)
    before = _here.set(steps)
    try:
        yield steps
    finally:
        _here.reset(before)


def limited(what: str, url: str, call: Callable[[], T], *, chapters: tuple[str, ...] = ()) -> T:
    """What `call` returns: somebody's code, at work on the page at `url`. PageTooSlow when it does not end.

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
    # The handler stays: a signal that is under way when the timer ends must not meet the default, which is to die.
    signal.signal(signal.SIGPROF, _interrupt)
    try:
        _armed = True
        # Processor time, not the clock's: a busy machine or a laptop that slept is no fault of the page.
        signal.setitimer(signal.ITIMER_PROF, seconds, _AGAIN)
        try:
            return call()
        finally:
            _armed = False
    finally:
        _armed = False
        signal.setitimer(signal.ITIMER_PROF, 0)
