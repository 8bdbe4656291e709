"""What a look-alike was asked for, in order."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

# A demo may run for weeks: only the newest are kept.
_KEPT = 100_000


@dataclass(frozen=True, slots=True)
class Seen:
    """One request. `path` is as sent, with its query; `time` in seconds since the epoch; header names match in any case."""

    method: str
    path: str
    host: str
    headers: Mapping[str, str]
    time: float


class RequestLog:
    """Written by the site's thread, read by any other.

    >>> log = RequestLog()
    >>> log.record("GET", "/works/7?page=2", {"Host": "www.example.com"})
    >>> [(seen.host, seen.path) for seen in log.requests]
    [('www.example.com', '/works/7?page=2')]
    """

    def __init__(self) -> None:
        self._seen: deque[Seen] = deque(maxlen=_KEPT)
        self._lock = threading.Lock()

    def record(self, method: str, path: str, headers: Mapping[str, str]) -> None:
        seen = Seen(method, path, headers.get("Host", ""), headers, time.time())
        with self._lock:
            self._seen.append(seen)

    @property
    def requests(self) -> list[Seen]:
        with self._lock:
            return list(self._seen)

    def clear(self) -> None:
        with self._lock:
            self._seen.clear()
