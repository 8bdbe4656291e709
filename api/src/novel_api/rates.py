"""How many requests a minute one sender may make of this process."""

from __future__ import annotations

import math
import threading
import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from novel_api.errors import TooManyRequests

#: Seconds after which counters that have expired are cleared away.
_CLEAR_AFTER = 10.0


class _Counters(MemoryStorage):
    """The library's own start a thread for the clearing 10 ms after each request: half the price of counting it.

    Should the method overridden here be called otherwise one day, that is what happens again.
    """

    def _MemoryStorage__schedule_expiry(self) -> None:  # noqa: N802 - the base's private name
        if not self.timer.is_alive():
            clear = getattr(self, "_MemoryStorage__expire_events")  # noqa: B009 - as above
            self.timer = threading.Timer(_CLEAR_AFTER, clear)
            self.timer.daemon = True
            self.timer.start()


class Rates:
    """`per_minute` is the limit over all API processes; each of the `processes` grants its share. 0 means no limit."""

    def __init__(self, per_minute: int, processes: int) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(_Counters())
        self._told = per_minute
        share = math.ceil(per_minute / processes)
        self._share = RateLimitItemPerMinute(share) if share else None

    def count(self, sender: str) -> None:
        """Count one request; TooManyRequests when it is one too many."""
        if self._share is None or self._limiter.hit(self._share, sender):
            return
        reset = self._limiter.get_window_stats(self._share, sender).reset_time
        raise TooManyRequests(
            f"More than {self._told} requests within a minute.", retry_after=reset - time.time()
        )
