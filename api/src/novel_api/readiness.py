"""Whether this process can do its work: the database decides, Redis only makes jobs start sooner."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Literal

from redis import Redis
from sqlalchemy import Engine

from novel_core.db import migrate
from novel_core.errors import QueueError
from novel_core.queue.connection import check_writable

#: Seconds for which a look is good: probes come from everywhere.
_FRESH = 1.0


@dataclass(frozen=True, slots=True)
class Ready:
    """`queue` is "ok", or says why jobs have to wait."""

    status: Literal["ready", "degraded"]
    database: str
    queue: str


class Readiness:
    def __init__(self, database: Engine, redis: Redis) -> None:
        self._database = database
        self._redis = redis
        self._lock = threading.Lock()
        self._until = 0.0
        self._last: Ready | None = None

    def look(self) -> Ready:
        """The state now; StorageError when the database is away or its schema is not this version's."""
        with self._lock:
            if self._last is None or time.monotonic() >= self._until:
                self._last = None
                migrate.require_current(self._database)
                queue = self._queue()
                state: Literal["ready", "degraded"] = "ready" if queue == "ok" else "degraded"
                self._last = Ready(state, "ok", queue)
                self._until = time.monotonic() + _FRESH
            return self._last

    def _queue(self) -> str:
        try:
            check_writable(self._redis)
        except QueueError as error:
            return error.message
        return "ok"
