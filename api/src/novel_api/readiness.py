"""Readiness of this process: it needs the database; without Redis it is degraded."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Literal

from redis import Redis
from sqlalchemy import Engine

from novel_core.db import migrate
from novel_core.db.engine import open_database
from novel_core.errors import QueueError, StorageError
from novel_core.queue.connection import check_writable
from novel_core.queue.housekeeping import Housekeeper

#: Seconds that a check may take.
PATIENCE = 5.0
#: Seconds that a result is cached.
_FRESH = 1.0


@dataclass(frozen=True, slots=True)
class Ready:
    """The result of a check. `queue` and `housekeeping` are "ok" or an error message."""

    status: Literal["ready", "degraded"]
    database: str
    queue: str
    housekeeping: str


class Readiness:
    """Checks in a separate thread, so that an unresponsive database blocks no request."""

    def __init__(self, database: Engine, redis: Redis, housekeeper: Housekeeper) -> None:
        # A separate connection: a busy pool must not make the check fail.
        url = database.url.render_as_string(hide_password=False)
        self._database = open_database(url, pool_size=1)
        self._redis = redis
        self._housekeeper = housekeeper
        self._lock = threading.Lock()
        self._until = 0.0
        self._last: Future[Ready] | None = None

    def check(self) -> Ready:
        """Return the state. StorageError if the database is down, too slow or of another schema."""
        try:
            return self._current_check().result(PATIENCE)
        except TimeoutError as error:
            raise _silent() from error

    async def check_async(self) -> Ready:
        """The same from the event loop."""
        running = asyncio.wrap_future(self._current_check())
        done, _ = await asyncio.wait([running], timeout=PATIENCE)
        if not done:
            running.add_done_callback(lambda late: late.cancelled() or late.exception())
            raise _silent()
        return running.result()

    def close(self) -> None:
        self._database.dispose()

    def _current_check(self) -> Future[Ready]:
        """Return the check that runs, a recent one, or a new one."""
        with self._lock:
            last = self._last
            if last is None or (last.done() and time.monotonic() >= self._until):
                last = self._last = Future()
                threading.Thread(
                    target=self._run_check, args=(last,), name="novel-readiness", daemon=True
                ).start()
            return last

    def _run_check(self, answer: Future[Ready]) -> None:
        try:
            migrate.require_current(self._database)
            queue = self._queue()
            housekeeping = self._housekeeper.problem() or "ok"
            well = queue == housekeeping == "ok"
            ready = Ready("ready" if well else "degraded", "ok", queue, housekeeping)
        except Exception as error:  # noqa: BLE001 - raised by the one who waits
            self._until = 0.0
            answer.set_exception(error)
        else:
            self._until = time.monotonic() + _FRESH
            answer.set_result(ready)

    def _queue(self) -> str:
        try:
            check_writable(self._redis)
        except QueueError as error:
            return error.message
        return "ok"


def _silent() -> StorageError:
    return StorageError(f"The database has not responded within {PATIENCE:g} s.")
