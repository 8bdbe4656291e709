"""How a crawl ends early: from inside, with the error that ended it, or from any thread, with `stop`."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress


class Abandoned(Exception):
    """The crawl is over; whatever was under way is of no interest any more."""


class Ending:
    """The first error counts. From then on nothing is sent, and every wait of the crawl is cut short."""

    def __init__(self) -> None:
        self.error: BaseException | None = None
        # Re-entrant: a signal handler may call `end` while this very thread holds it.
        self._lock = threading.RLock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._on_end: Callable[[], None] | None = None
        self._waits: set[asyncio.Timeout] = set()

    def begin(self, on_end: Callable[[], None]) -> None:
        """The crawl runs on this loop from now on; `on_end` is called there, once an error has come."""
        with self._lock:
            self._loop = asyncio.get_running_loop()
            self._on_end = on_end
            late = self.error is not None
        if late:
            self._interrupt()

    def close(self) -> None:
        """The crawl is over: an error that comes later changes nothing."""
        with self._lock:
            self._loop = self._on_end = None

    def end(self, error: BaseException) -> None:
        """Thread-safe: the flag is set before this returns, so nothing is sent afterwards."""
        with self._lock:
            if self.error is not None:
                return
            self.error = error
            loop = self._loop
        if loop is not None:
            with suppress(RuntimeError):  # the loop has been closed meanwhile
                loop.call_soon_threadsafe(self._interrupt)

    def check(self) -> None:
        if self.error is not None:
            raise Abandoned

    @asynccontextmanager
    async def interruptible(self, seconds: float | None = None) -> AsyncIterator[asyncio.Timeout]:
        """TimeoutError after `seconds`, Abandoned once the crawl ends.

        Cancelling the tasks instead would hang Scrapy, which lets go of a request on an Exception only.
        """
        self.check()
        try:
            async with asyncio.timeout(seconds) as wait:
                self._waits.add(wait)
                try:
                    yield wait
                finally:
                    self._waits.discard(wait)
        except TimeoutError:
            self.check()
            raise

    def _interrupt(self) -> None:
        now = asyncio.get_running_loop().time()
        for wait in self._waits:
            with suppress(RuntimeError):  # it has run out in this very moment
                wait.reschedule(now)
        if self._on_end is not None:
            self._on_end()
