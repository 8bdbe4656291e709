"""How many requests a minute one sender may make of this process."""

from __future__ import annotations

import math
import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from novel_core.errors import TooManyRequests


class Rates:
    """`per_minute` is the limit over all API processes; each of the `processes` grants its share. 0 means no limit."""

    def __init__(self, per_minute: int, processes: int) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
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
