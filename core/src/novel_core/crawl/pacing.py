"""One request rate per rate group: a request reserves its next free slot and sleeps until it comes.

`LocalPacer` serves one process; `novel_core.crawl.shared_pacing` serves all processes that share a
queue.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

#: From a host to its rate group and that group's requests per second (0: no limit).
Rates = Callable[[str], tuple[str, float]]


class Pacer(Protocol):
    """Hosts of one group share one rate."""

    async def wait(self, host: str) -> None:
        """Return when a request to `host` may be sent."""

    def pause(self, host: str, seconds: float) -> None:
        """Send nothing to the group of `host` for this long."""

    def widen(self, host: str, gap: float) -> None:
        """Keep at least `gap` seconds between requests to the group of `host` (a Crawl-delay)."""

    async def close(self) -> None:
        """Release what the pacer holds."""


@dataclass(slots=True)
class _Group:
    gap: float
    next_free: float = 0.0
    paused_until: float = 0.0


class LocalPacer:
    """The pacer of one process. With `eager` the first request is sent at once, else after a gap."""

    def __init__(
        self,
        rates: Rates,
        jitter: float = 0.0,
        *,
        eager: bool = True,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._rates = rates
        self._jitter = jitter
        self._eager = eager
        self._clock = clock
        self._sleep = sleep
        self._groups: dict[str, _Group] = {}

    async def wait(self, host: str) -> None:
        group = self._group(host)
        slot = self._reserve(group)
        while (delay := slot - self._clock()) > 0:
            await self._sleep(delay)
            if slot < group.paused_until:  # paused meanwhile: reserve again
                slot = self._reserve(group)

    def pause(self, host: str, seconds: float) -> None:
        group = self._group(host)
        group.paused_until = max(group.paused_until, self._clock() + seconds)

    def widen(self, host: str, gap: float) -> None:
        group = self._group(host)
        if group.gap:  # 0 means no limit, which only look-alikes use
            group.gap = max(group.gap, gap)

    async def close(self) -> None:
        """Nothing is held."""

    def _reserve(self, group: _Group) -> float:
        slot = max(self._clock(), group.next_free, group.paused_until)
        group.next_free = slot + group.gap * (1 + self._jitter * random.random())  # noqa: S311
        return slot

    def _group(self, host: str) -> _Group:
        name, rate = self._rates(host)
        group = self._groups.get(name)
        if group is None:
            gap = 1 / rate if rate else 0.0
            first = 0.0 if self._eager else self._clock() + gap
            group = self._groups[name] = _Group(gap=gap, next_free=first)
        return group
