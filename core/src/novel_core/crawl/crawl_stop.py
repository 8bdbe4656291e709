"""Ending a crawl early: from inside with the error that ended it, or from any thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress


class CrawlStopped(Exception):
    """The crawl is over: requests that still run are dropped."""


class CrawlStop:
    """The first error counts. From then on nothing is sent, and every wait of the crawl is cut
    short.

    With `grace` the requests in flight may finish for that many seconds; their responses are kept.
    """

    def __init__(self) -> None:
        self.error: BaseException | None = None
        # Re-entrant: a signal handler may call `stop` while this very thread holds it.
        self._lock = threading.RLock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._on_end: Callable[[], None] | None = None
        self._waits: set[asyncio.Timeout] = set()
        self._in_flight: set[asyncio.Timeout] = set()
        self._grace = 0.0

    def begin(self, on_end: Callable[[], None]) -> None:
        """Bind to the running loop; `on_end` is called there once the crawl is stopped."""
        with self._lock:
            self._loop = asyncio.get_running_loop()
            self._on_end = on_end
            late = self.error is not None
        if late:
            self._interrupt()

    def close(self) -> None:
        """The crawl is over: a later `stop` changes nothing."""
        with self._lock:
            self._loop = self._on_end = None

    def stop(self, error: BaseException, *, grace: float = 0.0) -> None:
        """Stop the crawl with `error`. Thread-safe; nothing is sent after this returns."""
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
            raise CrawlStopped

    @asynccontextmanager
    async def interruptible(self, seconds: float | None = None) -> AsyncIterator[asyncio.Timeout]:
        """TimeoutError after `seconds`, CrawlStopped once the crawl ends.

        Tasks are not cancelled: Scrapy releases a request on an Exception only, and would hang.
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
    def in_flight(self, wait: asyncio.Timeout) -> Iterator[None]:
        """The request that `wait` belongs to has been sent: a stop with grace lets it finish."""
        self._in_flight.add(wait)
        try:
            yield
        finally:
            self._in_flight.discard(wait)

    def _interrupt(self) -> None:
        loop = asyncio.get_running_loop()
        for wait in self._waits:
            patience = self._grace if wait in self._in_flight else 0.0
            limit = loop.time() + patience
            with suppress(RuntimeError):  # it has just expired
                until = wait.when()
                wait.reschedule(limit if until is None else min(until, limit))
        if self._on_end is not None:
            self._on_end()
