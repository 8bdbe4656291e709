"""One request rate per group across all processes and machines, kept in Redis.

A request reserves the group's next free slot in one round trip, by the server's clock, and sleeps
until it comes. After the sleep it checks again: a pause of the group moves all slots, and a request
that overslept by half a gap would come too close to the next one, so it takes another slot. Where
sources of one group state different rates, all of them keep the slowest one in use.
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

#: KEYS: the group's slots, its participants, their gaps. ARGV: the caller's gap in µs, the factor by
#: which this one is longer, the slot slept for (0: none yet), the caller's name. Returns µs to wait
#: (0: go), the slot, and the number of processes that reserved one within the last minute. A gap is
#: in use until a minute, or three such gaps, after its last reservation. Requests that may go are
#: counted by the minute.
_RESERVE = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local group = redis.call('HMGET', KEYS[1], 'free', 'paused', 'gap')
local free, paused = tonumber(group[1] or 0), tonumber(group[2] or 0)
local gap, slot = tonumber(ARGV[1]), tonumber(ARGV[3])
local function count()
    local minute = string.format('%.0f', math.floor(now / 60000000))
    local counted = redis.call('HMGET', KEYS[1], 'minute', 'asked')
    if counted[1] ~= minute then
        local before = tonumber(counted[1] or 0) == tonumber(minute) - 1 and counted[2] or 0
        redis.call('HSET', KEYS[1], 'minute', minute, 'before', before, 'asked', 0)
    end
    redis.call('HINCRBY', KEYS[1], 'asked', 1)
end
local kept = math.max(60000000, 3 * gap)
redis.call('ZADD', KEYS[3], string.format('%.0f', now + kept), ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', string.format('%.0f', now))
redis.call('PEXPIREAT', KEYS[3], string.format('%.0f', (now + kept) / 1000 + 3600000))
for _, other in ipairs(redis.call('ZRANGE', KEYS[3], 0, -1)) do gap = math.max(gap, tonumber(other)) end
gap = math.max(gap * tonumber(ARGV[2]), tonumber(group[3] or 0))
if slot > 0 and paused <= slot and now - slot <= gap / 2 then
    count()
    return {0, ARGV[3], 0}
end
slot = math.max(now, free, paused)
redis.call('HSET', KEYS[1], 'free', string.format('%.0f', slot + gap))
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', (slot - now) / 1000 + 3600000))
redis.call('ZADD', KEYS[2], string.format('%.0f', now), ARGV[4])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', string.format('(%.0f', now - 60000000))
redis.call('PEXPIRE', KEYS[2], 60000)
if slot <= now then count() end
return {slot - now, string.format('%.0f', slot), redis.call('ZCARD', KEYS[2])}
"""
#: KEYS: the group's slots. ARGV: µs of a pause, and of a gap; both only ever grow.
_SLOW_DOWN = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local group = redis.call('HMGET', KEYS[1], 'paused', 'gap')
local paused = math.max(tonumber(group[1] or 0), now + tonumber(ARGV[1]))
local gap = math.max(tonumber(group[2] or 0), tonumber(ARGV[2]))
redis.call('HSET', KEYS[1], 'paused', string.format('%.0f', paused), 'gap', string.format('%.0f', gap))
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', (paused - now) / 1000 + 3600000))
return 1
"""
#: Fields of a group's slots: the minute since 1970 of the last request, the requests of that minute,
#: and of the one before.
COUNTED = ("minute", "asked", "before")
_MICROSECONDS = 1_000_000
#: Without Redis, a process assumes that at least this many share the rate.
_FEWEST = 2
#: Seconds until a failed server is tried again.
_RETRY = 5.0
_PATIENCE = 1.0


def keys_of(group: str) -> list[str]:
    """The group's slots, its participants, their gaps."""
    # The braces keep the keys in one slot of a cluster.
    place = f"novel:pace:{{{group}}}"
    return [place, f"{place}:by", f"{place}:gaps"]


class SharedPacer:
    """The pacer of all processes that share one Redis.

    Without the server, each process keeps to the rate divided by the number of processes that
    shared it last.
    """

    def __init__(self, url: str, rates: Rates, jitter: float = 0.0) -> None:
        self._redis: Redis = Redis.from_url(
            url,
            socket_timeout=_PATIENCE,
            socket_connect_timeout=_PATIENCE,
            retry=Retry(NoBackoff(), 0),
        )
        self._reserve = self._redis.register_script(_RESERVE)
        self._slow_down = self._redis.register_script(_SLOW_DOWN)
        self._rates = rates
        self._jitter = jitter
        self._name = f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._sharers = _FEWEST
        self._alone = LocalPacer(self._reduced, jitter, eager=False)
        self._away_until = 0.0
        self._turn = asyncio.Lock()
        self._told: set[asyncio.Task[None]] = set()

    async def wait(self, host: str) -> None:
        group, rate = self._rates(host)
        if not rate:
            return
        gap = f"{_MICROSECONDS / rate:.0f}"
        slot = "0"
        while True:
            answer = await self._ask(group, gap, slot)
            if answer is None:
                await self._alone.wait(host)
                return
            delay, slot, sharers = answer
            self._sharers = max(_FEWEST, sharers or self._sharers)
            if delay <= 0:
                return
            await asyncio.sleep(delay / _MICROSECONDS)

    async def _ask(self, group: str, gap: str, slot: str) -> tuple[int, str, int] | None:
        """What the server answers; None while it is away."""
        longer = 1 + self._jitter * random.random()  # noqa: S311 - no secret
        args = [gap, f"{longer:.4f}", slot, self._name]
        # In turn: requests that wait together would open a connection each.
        async with self._turn:
            if time.monotonic() < self._away_until:
                return None
            try:
                delay, slot, sharers = await self._reserve(keys=keys_of(group), args=args)
            except (RedisError, OSError):
                self._away_until = time.monotonic() + _RETRY
                return None
        return delay, slot, sharers

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
        group, _ = self._rates(host)
        with suppress(RedisError, OSError):
            await self._slow_down(
                keys=keys_of(group)[:1],
                args=[f"{pause * _MICROSECONDS:.0f}", f"{gap * _MICROSECONDS:.0f}"],
            )

    def _reduced(self, host: str) -> tuple[str, float]:
        group, rate = self._rates(host)
        return group, rate / self._sharers
