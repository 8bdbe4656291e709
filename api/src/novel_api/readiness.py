"""Whether this process can do its work: the database decides, Redis only makes jobs start sooner."""

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

#: Seconds that a look may take.
PATIENCE = 5.0
#: Seconds for which a look is good: probes come from everywhere.
_FRESH = 1.0


@dataclass(frozen=True, slots=True)
class Ready:
    """`queue` and `housekeeping` are "ok", or say what is wrong."""

    status: Literal["ready", "degraded"]
    database: str
    queue: str
    housekeeping: str


class Readiness:
    """Looks in a thread of its own: a database that does not answer at all holds up no request."""

    def __init__(self, database: Engine, redis: Redis, housekeeper: Housekeeper) -> None:
        # A connection of its own: whether the service works does not depend on how much it has to do.
        url = database.url.render_as_string(hide_password=False)
        self._database = open_database(url, pool_size=1)
        self._redis = redis
        self._housekeeper = housekeeper
        self._lock = threading.Lock()
        self._until = 0.0
        self._last: Future[Ready] | None = None

    def look(self) -> Ready:
        """The state now; StorageError when the database is away, does not answer, or is not of this version's schema."""
        try:
            return self._ask().result(PATIENCE)
        except TimeoutError as error:
            raise _silent() from error

    async def look_soon(self) -> Ready:
        """The same without a thread that waits."""
        asked = asyncio.wrap_future(self._ask())
        done, _ = await asyncio.wait([asked], timeout=PATIENCE)
        if not done:
            asked.add_done_callback(lambda late: late.cancelled() or late.exception())
            raise _silent()
        return asked.result()

    def close(self) -> None:
        self._database.dispose()

    def _ask(self) -> Future[Ready]:
        """The look under way, or one that is fresh, or a new one."""
        with self._lock:
            last = self._last
            if last is None or (last.done() and time.monotonic() >= self._until):
                last = self._last = Future()
                threading.Thread(
                    target=self._look, args=(last,), name="novel-readiness", daemon=True
                ).start()
            return last

    def _look(self, answer: Future[Ready]) -> None:
        try:
            migrate.require_current(self._database)
            queue = self._queue()
            housekeeping = self._housekeeper.problem() or "ok"
            well = queue == housekeeping == "ok"
            ready = Ready("ready" if well else "degraded", "ok", queue, housekeeping)
        except Exception as error:  # noqa: BLE001 - raised where the answer is waited for
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
    return StorageError(f"The database has not answered within {PATIENCE:g} s.")
