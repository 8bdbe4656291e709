"""The base class of a look-alike, and the log of its requests."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from aiohttp import web

from novel_core.lookalike.server import ThreadedServer

_ROBOTS = "/robots.txt"
# A demo may run for weeks: only the newest are kept.
_KEPT = 100_000


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One request. `path` has its query, as sent; `time` is in seconds since the epoch.

    Names in `headers` match in any case.
    """

    method: str
    path: str
    host: str
    headers: Mapping[str, str]
    time: float


class RequestLog:
    """The requests in order. The server's thread writes it, any thread may read it.

    >>> log = RequestLog()
    >>> log.record("GET", "/works/7?page=2", {"Host": "www.example.com"})
    >>> [(request.host, request.path) for request in log.requests]
    [('www.example.com', '/works/7?page=2')]
    """

    def __init__(self) -> None:
        self._requests: deque[LoggedRequest] = deque(maxlen=_KEPT)
        self._lock = threading.Lock()

    def record(self, method: str, path: str, headers: Mapping[str, str]) -> None:
        request = LoggedRequest(method, path, headers.get("Host", ""), headers, time.time())
        with self._lock:
            self._requests.append(request)

    @property
    def requests(self) -> list[LoggedRequest]:
        with self._lock:
            return list(self._requests)

    def clear(self) -> None:
        with self._lock:
            self._requests.clear()


class LookalikeSite(ThreadedServer):
    """A server in place of the site at `hosts`; its `application` records each request in `log`."""

    #: The hosts of the site, and those of its images.
    hosts: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *, port: int = 0) -> None:
        super().__init__(self.application, port=port)
        self.log = RequestLog()

    def application(self) -> web.Application:
        """A new application for the same content: one is made at each start."""
        raise NotImplementedError

    def is_page(self, path: str) -> bool:
        """Whether a path without its query is a page: neither robots.txt nor an image."""
        return path != _ROBOTS

    @property
    def host_map(self) -> str:
        """The value for NOVEL_HOST_MAP that sends all requests for `hosts` here."""
        return ",".join(f"{host}={self.url}" for host in self.hosts)

    @property
    def requests(self) -> list[LoggedRequest]:
        return self.log.requests

    def paths(self, *, pages_only: bool = False) -> list[str]:
        """The paths requested, with queries; `pages_only` leaves out images and robots.txt."""
        return [
            request.path
            for request in self.requests
            if not pages_only or self.is_page(request.path.partition("?")[0])
        ]

    def count(self, prefix: str = "/") -> int:
        """The number of requests whose path starts with `prefix`."""
        return sum(request.path.startswith(prefix) for request in self.requests)

    def clear(self) -> None:
        """Forget the requests so far."""
        self.log.clear()
