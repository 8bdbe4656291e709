"""What the look-alike was asked for, in order."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from novel_royalroad.lookalike.routes import Kind, parse

# A demo may run for weeks: only the newest are kept.
_KEPT = 100_000
_NOT_PAGES = (Kind.IMAGE, Kind.ROBOTS)


@dataclass(frozen=True, slots=True)
class Seen:
    """One request. `path` is as sent, with its query; `time` in seconds since the epoch; header names match in any case."""

    method: str
    path: str
    host: str
    headers: Mapping[str, str]
    time: float

    @property
    def is_page(self) -> bool:
        """Neither an image nor robots.txt."""
        return parse(self.path.partition("?")[0]).kind not in _NOT_PAGES


class RequestLog:
    """Written by the site's thread, read by any other. Requests to the control are not in it."""

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

    def paths(self, *, pages_only: bool = False) -> list[str]:
        """The paths asked for; with `pages_only` without images and robots.txt."""
        return [seen.path for seen in self.requests if not pages_only or seen.is_page]

    def count(self, prefix: str = "/") -> int:
        """How many requests had a path that begins so."""
        return sum(seen.path.startswith(prefix) for seen in self.requests)

    def clear(self) -> None:
        with self._lock:
            self._seen.clear()
