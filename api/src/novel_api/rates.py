"""How many requests a minute one sender may make of this process."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable

from novel_api.errors import TooManyRequests

_MINUTE = 60.0
#: Senders counted at once. Beyond that the counts start again: memory stays bounded.
_MAX_SENDERS = 100_000


class Rates:
    """A sliding window: the requests of this minute, and of the last one as much as the window still covers.

    `per_minute` is the limit over all API processes; each of the `processes` grants its share. 0 means no limit. Used
    from the event loop only.

    >>> rates = Rates(2, processes=1, clock=lambda: 90.0)
    >>> for _ in range(3):
    ...     rates.count("address 192.0.2.1")
    Traceback (most recent call last):
    novel_api.errors.TooManyRequests: More than 2 requests within a minute.
    """

    def __init__(
        self, per_minute: int, processes: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit = per_minute
        self._share = math.ceil(per_minute / processes)
        self._clock = clock
        self._minute = 0
        self._counts: Counter[str] = Counter()
        self._last_counts: Counter[str] = Counter()

    def count(self, sender: str) -> None:
        """Count one request; TooManyRequests when it is one too many, with the seconds until the next is taken."""
        if not self._share:
            return
        minute, passed = divmod(self._clock(), _MINUTE)
        if minute != self._minute or len(self._counts) >= _MAX_SENDERS:
            is_next = minute == self._minute + 1
            self._last_counts = self._counts if is_next else Counter()
            self._counts = Counter()
            self._minute = int(minute)
        now, before = self._counts[sender], self._last_counts[sender]
        free = self._share - 1 - now
        if before * (1 - passed / _MINUTE) <= free:
            self._counts[sender] += 1
            return
        if free >= 0:
            pause = (1 - free / before) * _MINUTE - passed
        else:
            pause = (2 - (self._share - 1) / now) * _MINUTE - passed
        raise TooManyRequests(
            f"More than {self._limit} requests within a minute.", retry_after=pause
        )
