"""Limits of one process: requests of a sender a minute, event streams and searches at once."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs

import anyio
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from novel_api.errors import TooBusy, TooManyRequests
from novel_api.problems import problem_response

_MINUTE = 60.0
#: Senders counted at once. Beyond that the counts start again: memory stays bounded.
_MAX_SENDERS = 100_000


class RateLimit:
    """A sliding window: the requests of this minute, and the part of the last one in the window.

    `per_minute` is the limit over all API processes; each of the `processes` grants its share. 0
    means no limit. Use it from the event loop only.

    >>> rates = RateLimit(2, processes=1, clock=lambda: 90.0)
    >>> for _ in range(3):
    ...     rates.count("address 192.0.2.1")
    Traceback (most recent call last):
    novel_api.errors.TooManyRequests: More than 2 requests within a minute.
    """

    def __init__(
        self, per_minute: int, processes: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit = per_minute
        self._share = math.ceil(per_minute / processes)
        self._clock = clock
        self._minute = 0
        self._counts: Counter[str] = Counter()
        self._last_counts: Counter[str] = Counter()

    def count(self, sender: str) -> None:
        """Count a request. TooManyRequests over the limit, with the seconds to wait."""
        if not self._share:
            return
        minute, passed = divmod(self._clock(), _MINUTE)
        if minute != self._minute or len(self._counts) >= _MAX_SENDERS:
            is_next = minute == self._minute + 1
            self._last_counts = self._counts if is_next else Counter()
            self._counts = Counter()
            self._minute = int(minute)
        now, before = self._counts[sender], self._last_counts[sender]
        free = self._share - 1 - now
        if before * (1 - passed / _MINUTE) <= free:
            self._counts[sender] += 1
            return
        if free >= 0:
            pause = (1 - free / before) * _MINUTE - passed
        else:
            pause = (2 - (self._share - 1) / now) * _MINUTE - passed
        raise TooManyRequests(
            f"More than {self._limit} requests within a minute.", retry_after=pause
        )


#: Seconds until a refused client should try again.
_STREAM_PAUSE = 10.0


class StreamLimit:
    """Places for streams; to be used from the event loop only.

    >>> with StreamLimit(1).place():
    ...     pass
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self.open = 0

    @contextmanager
    def place(self) -> Iterator[None]:
        if self.open >= self._most:
            raise TooBusy(
                f"{self._most} event streams are open already.", retry_after=_STREAM_PAUSE
            )
        self.open += 1
        try:
            yield
        finally:
            self.open -= 1


#: The search parameter of each path that has one.
_FIELDS = {"/": "q", "/novels": "search", "/authors": "search", "/opds/search": "q"}
_AT_ONCE = 3
#: Seconds that a search waits for its turn, and until a refused client should try again.
_PATIENCE, _SEARCH_PAUSE = 5.0, 5.0


class SearchLimit:
    """ASGI middleware. A waiting search holds no thread and no database connection."""

    def __init__(
        self,
        app: ASGIApp,
        render_error: Callable[[Request, Response], Response],
        *,
        at_once: int = _AT_ONCE,
        patience: float = _PATIENCE,
    ) -> None:
        self._app = app
        self._render_error = render_error
        self._places = anyio.Semaphore(at_once)
        self._patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not is_search(scope):
            await self._app(scope, receive, send)
            return
        with anyio.move_on_after(self._patience) as waiting:
            await self._places.acquire()
        if waiting.cancelled_caught:
            error = TooBusy("Too many searches are under way.", retry_after=_SEARCH_PAUSE)
            response = self._render_error(Request(scope), problem_response(error, scope["path"]))
            await response(scope, receive, send)
            return
        try:
            await self._app(scope, receive, send)
        finally:
            self._places.release()


def is_search(scope: Scope) -> bool:
    """Whether a request is a search.

    >>> is_search({"type": "http", "path": "/novels", "query_string": b"search=lamp"})
    True
    >>> is_search({"type": "http", "path": "/novels", "query_string": b"page=2&search="})
    False
    """
    if scope["type"] != "http" or scope["path"] not in _FIELDS or not scope["query_string"]:
        return False
    return _FIELDS[scope["path"]] in parse_qs(scope["query_string"].decode("latin-1"))
