"""The step that a job is working on, and the time limit of each step.

Parsers, hooks and the sanitiser are code over a site's bytes, and one page may keep them busy
forever. In the main thread they are interrupted when they have used up their processor time, even
within a loop or a regular expression; in another thread, between two lines of Python. Code that
ignores this is ended with its process
(`novel_core.jobs.guard`).
"""

from __future__ import annotations

import asyncio
import ctypes
import signal
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import FrameType
from typing import TypeVar

from novel_core.errors import PageTooSlow

T = TypeVar("T")

#: Not on Windows, where only the job's guard ends a step.
HAS_TIMER = hasattr(signal, "setitimer")
#: Seconds of processor time between two interrupts, for code that catches the first one.
_AGAIN = 1.0
#: Seconds between two beats of a crawl's event loop.
_BEAT = 1.0


class _UsedUp(BaseException):
    """Not an Exception, because a parser may catch those."""


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """A step: `what` is done to a page or to texts of `chapters`. Each is one of its own."""

    what: str
    url: str
    chapters: tuple[str, ...] = ()


class Steps:
    """The steps of one attempt at a job; each may take `seconds` of processor time.

    `note` is called with each step before it begins, and with None after it has ended.
    """

    def __init__(self, seconds: float, note: Callable[[Step | None], None] | None = None) -> None:
        self.seconds = seconds
        self._note = note
        self.current: Step | None = None
        #: When the event loop of the attempt's crawl turned last; None while there is none.
        self.beat: float | None = None
        self._in_thread: _Work | None = None
        self._lock = threading.Lock()

    def run(self, step: Step, call: Callable[[], T]) -> T:
        if self._note is not None:
            self._note(step)
        self.current = step
        try:
            if HAS_TIMER and threading.current_thread() is threading.main_thread():
                return _interrupted_after(self.seconds, call)
            return self._run_in_thread(call)
        except _UsedUp:
            raise self.too_slow(step) from None
        finally:
            self.current = None
            if self._note is not None:
                self._note(None)

    def _run_in_thread(self, call: Callable[[], T]) -> T:
        self._in_thread = _Work(self.seconds)
        try:
            try:
                return call()
            finally:
                self._leave_thread()
        except _UsedUp:
            # It may have come while the thread was leaving.
            self._leave_thread()
            raise

    def _leave_thread(self) -> None:
        """No interrupt reaches the thread from here on."""
        with self._lock:
            if self._in_thread is not None:
                self._in_thread.spare()
                self._in_thread = None

    def interrupt_used_up(self) -> None:
        """Interrupt a step in another thread that has used up its processor time."""
        with self._lock:
            if self._in_thread is not None:
                self._in_thread.interrupt_used_up()

    def too_slow(self, step: Step) -> PageTooSlow:
        return PageTooSlow(
            f"{step.what} {step.url} did not end within {self.seconds:g} seconds of work.",
            url=step.url,
        )


class _Work:
    """The work of a thread that no signal can interrupt, made by that thread."""

    def __init__(self, seconds: float) -> None:
        self._thread = threading.get_ident()
        # macOS counts no other thread's processor time: there it is time by the clock.
        count = getattr(time, "pthread_getcpuclockid", None)
        self._clock = time.CLOCK_MONOTONIC if count is None else count(self._thread)
        self._until = time.clock_gettime(self._clock) + seconds

    def interrupt_used_up(self) -> None:
        if time.clock_gettime(self._clock) >= self._until:
            self._until += _AGAIN
            self._raise(ctypes.py_object(_UsedUp))

    def spare(self) -> None:
        """Take back an interrupt that has not come yet."""
        self._raise(None)

    def _raise(self, error: ctypes.py_object[type[_UsedUp]] | None) -> None:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread), error)


_here: ContextVar[Steps | None] = ContextVar("steps", default=None)


@contextmanager
def steps_of(steps: Steps) -> Iterator[Steps]:
    """Within the block, `limited` runs its calls as these steps."""
    before = _here.set(steps)
    try:
        yield steps
    finally:
        _here.reset(before)


def limited(what: str, url: str, call: Callable[[], T], *, chapters: tuple[str, ...] = ()) -> T:
    """Return the result of `call`, code that works on the page at `url`. Raises PageTooSlow when it
    exceeds the limit.

    >>> with steps_of(Steps(60)):
    ...     limited("Reading", "https://example.org/c/1", lambda: "read")
    'read'
    """
    steps = _here.get()
    return call() if steps is None else steps.run(Step(what, url, chapters), call)


async def with_beat(main: Awaitable[T]) -> T:
    """Await `main`, and note for the attempt's watch that its event loop turns."""
    steps = _here.get()
    if steps is None:
        return await main

    async def beat() -> None:
        while True:
            steps.beat = time.monotonic()
            await asyncio.sleep(_BEAT)

    beating = asyncio.create_task(beat())
    try:
        return await main
    finally:
        beating.cancel()
        steps.beat = None


_armed = _handled = False


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    if _armed:
        raise _UsedUp


def _interrupted_after(seconds: float, call: Callable[[], T]) -> T:
    global _armed, _handled  # noqa: PLW0603 - a signal's handler and its timer belong to the process
    if not _handled:
        # The handler stays, because a late signal would otherwise end the process.
        signal.signal(signal.SIGPROF, _interrupt)
        _handled = True
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
