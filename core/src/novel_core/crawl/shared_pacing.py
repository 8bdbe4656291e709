"""One request rate per site across all processes and machines, kept in Redis.

A request reserves the site's next free slot in one round trip, by the server's clock, and sleeps
until it comes. After the sleep it checks again: a pause of the site moves all slots, and a request
that overslept by half a gap would come too close to the next one, so it takes another slot.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
import uuid
from contextlib import suppress

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from novel_core.crawl.pacing import LocalPacer, Rates

#: KEYS: the site's slots, its participants. ARGV: the gap in µs, the slot slept for (0: none yet),
#: the caller's name. Returns µs to wait (0: go), the slot, and the number of processes that
#: reserved one within the last minute.
_RESERVE = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local site = redis.call('HMGET', KEYS[1], 'free', 'paused', 'gap')
local free, paused = tonumber(site[1] or 0), tonumber(site[2] or 0)
local slot = tonumber(ARGV[2])
local gap = math.max(tonumber(ARGV[1]), tonumber(site[3] or 0))
if slot > 0 and paused <= slot and now - slot <= gap / 2 then return {0, ARGV[2], 0} end
slot = math.max(now, free, paused)
redis.call('HSET', KEYS[1], 'free', string.format('%.0f', slot + gap))
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', (slot - now) / 1000 + 3600000))
redis.call('ZADD', KEYS[2], string.format('%.0f', now), ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', string.format('(%.0f', now - 60000000))
redis.call('PEXPIRE', KEYS[2], 60000)
return {slot - now, string.format('%.0f', slot), redis.call('ZCARD', KEYS[2])}
"""
#: KEYS: the site's slots. ARGV: µs of a pause, and of a gap; both only ever grow.
_SLOW_DOWN = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local site = redis.call('HMGET', KEYS[1], 'paused', 'gap')
local paused = math.max(tonumber(site[1] or 0), now + tonumber(ARGV[1]))
local gap = math.max(tonumber(site[2] or 0), tonumber(ARGV[2]))
redis.call('HSET', KEYS[1], 'paused', string.format('%.0f', paused), 'gap', string.format('%.0f', gap))
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', (paused - now) / 1000 + 3600000))
return 1
"""
_MICROSECONDS = 1_000_000
#: Without Redis, a process assumes that at least this many share the rate.
_FEWEST = 2
#: Seconds until a failed server is tried again.
_RETRY = 5.0
_PATIENCE = 1.0


class SharedPacer:
    """The pacer of all processes that share one Redis.

    Without the server, each process keeps to the rate divided by the number of processes that
    shared it last.
    """

    def __init__(self, url: str, source: str, rates: Rates, jitter: float = 0.0) -> None:
        self._redis: Redis = Redis.from_url(
            url,
            socket_timeout=_PATIENCE,
            socket_connect_timeout=_PATIENCE,
            retry=Retry(NoBackoff(), 0),
        )
        self._reserve = self._redis.register_script(_RESERVE)
        self._slow_down = self._redis.register_script(_SLOW_DOWN)
        self._source = source
        self._rates = rates
        self._jitter = jitter
        self._name = f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._sharers = _FEWEST
        self._alone = LocalPacer(self._reduced, jitter, eager=False)
        self._away_until = 0.0
        self._told: set[asyncio.Task[None]] = set()

    async def wait(self, host: str) -> None:
        name, rate = self._rates(host)
        if not rate:
            return
        slot = "0"
        while True:
            if time.monotonic() < self._away_until:
                await self._alone.wait(host)
                return
            gap = _MICROSECONDS / rate * (1 + self._jitter * random.random())  # noqa: S311 - no secret
            try:
                delay, slot, sharers = await self._reserve(
                    keys=self._keys(name), args=[f"{gap:.0f}", slot, self._name]
                )
            except (RedisError, OSError):
                self._away_until = time.monotonic() + _RETRY
                continue
            self._sharers = max(_FEWEST, sharers or self._sharers)
            if delay <= 0:
                return
            await asyncio.sleep(delay / _MICROSECONDS)

    def pause(self, host: str, seconds: float) -> None:
        self._alone.pause(host, seconds)
        self._tell(host, seconds, 0.0)

    def widen(self, host: str, gap: float) -> None:
        self._alone.widen(host, gap * self._sharers)
        self._tell(host, 0.0, gap)

    async def close(self) -> None:
        if self._told:
            await asyncio.wait(self._told)
        with suppress(RedisError, OSError):
            await self._redis.aclose()

    def _tell(self, host: str, pause: float, gap: float) -> None:
        task = asyncio.ensure_future(self._send(host, pause, gap))
        self._told.add(task)
        task.add_done_callback(self._told.discard)

    async def _send(self, host: str, pause: float, gap: float) -> None:
        name, _ = self._rates(host)
        with suppress(RedisError, OSError):
            await self._slow_down(
                keys=self._keys(name)[:1],
                args=[f"{pause * _MICROSECONDS:.0f}", f"{gap * _MICROSECONDS:.0f}"],
            )

    def _keys(self, site: str) -> list[str]:
        # Other hosts are shared by all sources, a source's own hosts are one site. The braces keep
        # the keys in one slot of a cluster.
        place = f"novel:pace:{{{site or self._source}}}"
        return [place, f"{place}:by"]

    def _reduced(self, host: str) -> tuple[str, float]:
        name, rate = self._rates(host)
        return name, rate / self._sharers
