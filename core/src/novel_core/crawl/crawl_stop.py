"""How a crawl ends early: from inside, with the error that ended it, or from any thread, with `stop`."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress


class Abandoned(Exception):
    """The crawl is over; whatever was under way is of no interest any more."""


class Ending:
    """The first error counts. From then on nothing is sent, and every wait of the crawl is cut short.

    An end with `grace` lets the requests that are on the wire come home for so many seconds: what they bring is kept.
    """

    def __init__(self) -> None:
        self.error: BaseException | None = None
        # Re-entrant: a signal handler may call `end` while this very thread holds it.
        self._lock = threading.RLock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._on_end: Callable[[], None] | None = None
        self._waits: set[asyncio.Timeout] = set()
        self._on_wire: set[asyncio.Timeout] = set()
        self._grace = 0.0

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

    def end(self, error: BaseException, *, grace: float = 0.0) -> None:
        """Thread-safe: the flag is set before this returns, so nothing is sent afterwards."""
        with self._lock:
            if self.error is not None:
                return
            self.error = error
            self._grace = grace
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

    @contextmanager
    def on_wire(self, wait: asyncio.Timeout) -> Iterator[None]:
        """What `wait` waits for has been sent: an end with grace lets it come."""
        self._on_wire.add(wait)
        try:
            yield
        finally:
            self._on_wire.discard(wait)

    def _interrupt(self) -> None:
        loop = asyncio.get_running_loop()
        for wait in self._waits:
            patience = self._grace if wait in self._on_wire else 0.0
            limit = loop.time() + patience
            with suppress(RuntimeError):  # it has run out in this very moment
                until = wait.when()
                wait.reschedule(limit if until is None else min(until, limit))
        if self._on_end is not None:
            self._on_end()
