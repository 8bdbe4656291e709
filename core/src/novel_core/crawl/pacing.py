"""One request rate per site: a request reserves the next free slot and sleeps until it comes.

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

#: From a host to the name of its site and that site's requests per second (0: no limit).
Rates = Callable[[str], tuple[str, float]]


class Pacer(Protocol):
    """Hosts of one site share one rate."""

    async def wait(self, host: str) -> None:
        """Return when a request to `host` may be sent."""

    def pause(self, host: str, seconds: float) -> None:
        """Send nothing to the site of `host` for this long."""

    def widen(self, host: str, gap: float) -> None:
        """Keep at least `gap` seconds between two requests to the site of `host` (its Crawl-delay)."""

    async def close(self) -> None:
        """Release what the pacer holds."""


@dataclass(slots=True)
class _Site:
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
        self._sites: dict[str, _Site] = {}

    async def wait(self, host: str) -> None:
        site = self._site(host)
        slot = self._reserve(site)
        while (delay := slot - self._clock()) > 0:
            await self._sleep(delay)
            if slot < site.paused_until:  # paused meanwhile: reserve again
                slot = self._reserve(site)

    def pause(self, host: str, seconds: float) -> None:
        site = self._site(host)
        site.paused_until = max(site.paused_until, self._clock() + seconds)

    def widen(self, host: str, gap: float) -> None:
        site = self._site(host)
        if site.gap:  # 0 means no limit, which only look-alikes use
            site.gap = max(site.gap, gap)

    async def close(self) -> None:
        """Nothing is held."""

    def _reserve(self, site: _Site) -> float:
        slot = max(self._clock(), site.next_free, site.paused_until)
        site.next_free = slot + site.gap * (1 + self._jitter * random.random())  # noqa: S311
        return slot

    def _site(self, host: str) -> _Site:
        name, rate = self._rates(host)
        site = self._sites.get(name)
        if site is None:
            gap = 1 / rate if rate else 0.0
            first = 0.0 if self._eager else self._clock() + gap
            site = self._sites[name] = _Site(gap=gap, next_free=first)
        return site
