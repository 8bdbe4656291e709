"""What the look-alike was asked for, in order."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

# A trial may run for weeks: only the newest are kept.
_KEPT = 100_000


@dataclass(frozen=True, slots=True)
class Seen:
    """One request. `path` is as sent, with its query."""

    path: str
    headers: Mapping[str, str]


class RequestLog:
    """Written by the site's thread, read by any other."""

    def __init__(self) -> None:
        self._seen: deque[Seen] = deque(maxlen=_KEPT)
        self._lock = threading.Lock()

    def record(self, path: str, headers: Mapping[str, str]) -> None:
        with self._lock:
            self._seen.append(Seen(path, headers))

    @property
    def requests(self) -> list[Seen]:
        with self._lock:
            return list(self._seen)

    def clear(self) -> None:
        with self._lock:
            self._seen.clear()
