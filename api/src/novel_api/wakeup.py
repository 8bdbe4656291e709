"""Waking the housekeeper: at once for a single submission, together for many."""

from __future__ import annotations

import asyncio

from novel_core.queue.housekeeping import Housekeeper

#: Seconds between two wake-ups.
_PAUSE = 0.1


class Waker:
    """Wakes the housekeeper. Create it in the event loop; `wake` may be called in any thread."""

    def __init__(self, housekeeper: Housekeeper) -> None:
        self._housekeeper = housekeeper
        self._loop = asyncio.get_running_loop()
        self._next = 0.0
        self._pending = False

    def wake(self) -> None:
        """A job was submitted."""
        if not self._pending:
            self._pending = True
            when = max(self._next, self._loop.time())
            self._loop.call_soon_threadsafe(self._loop.call_at, when, self._wake)

    def _wake(self) -> None:
        # First: a job that is committed meanwhile wakes the housekeeper again.
        self._pending = False
        self._next = self._loop.time() + _PAUSE
        self._housekeeper.wake()
