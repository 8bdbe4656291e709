"""One rate for all processes through a real Redis: slots, pauses, gaps, and what happens without the server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable

import pytest
from redis import Redis

from novel_core.crawl.pacing import LocalPacer
from novel_core.crawl.politeness import make_pacer
from novel_core.crawl.shared_pacing import SharedPacer
from novel_core.settings import Settings, SourceOverride
from novel_core.source import SourceInfo

HOST = "www.example.org"
INFO = SourceInfo("example", "Example", "https://www.example.org", (HOST,))


def pacer(url: str, rate: float = 50.0, source: str = "example") -> SharedPacer:
    return SharedPacer(url, source, lambda host: ("" if host == HOST else host, rate))


async def timed(waiting: Awaitable[None]) -> float:
    started = time.monotonic()
    await waiting
    return time.monotonic() - started


async def waits_of(*awaited: Awaitable[None]) -> list[float]:
    return sorted(await asyncio.gather(*(timed(one) for one in awaited)))


def test_two_pacers_share_one_rate(redis_url: str) -> None:
    async def main() -> float:
        first, second = pacer(redis_url), pacer(redis_url)
        started = time.monotonic()
        await asyncio.gather(*(one.wait(HOST) for one in (first, second) for _ in range(10)))
        await first.close()
        await second.close()
        return time.monotonic() - started

    assert asyncio.run(main()) >= 19 / 50 - 0.01


def test_other_hosts_and_other_sources_are_other_sites(redis_url: str) -> None:
    async def main() -> list[float]:
        slow = [pacer(redis_url, 0.1, "a"), pacer(redis_url, 0.1, "b")]
        waits = await waits_of(slow[0].wait(HOST), slow[1].wait(HOST), slow[0].wait("elsewhere"))
        for one in slow:
            await one.close()
        return waits

    assert max(asyncio.run(main())) < 5


def test_a_pause_is_kept_by_those_that_sleep_already(redis_url: str) -> None:
    async def main() -> list[float]:
        first, second = pacer(redis_url, 10), pacer(redis_url, 10)
        sleepers = [asyncio.create_task(timed(first.wait(HOST))) for _ in range(3)]
        await asyncio.sleep(0)
        while not (await first._redis.keys("novel:pace:*")):  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(0.01)
        second.pause(HOST, 1.0)
        waits = sorted(await asyncio.gather(*sleepers))
        await first.close()
        await second.close()
        return waits

    waits = asyncio.run(main())
    assert waits[1] >= 0.9
    assert waits[2] >= waits[1] + 0.09


def test_a_crawl_delay_widens_everybody_s_gap(redis_url: str) -> None:
    async def main() -> float:
        first, second = pacer(redis_url), pacer(redis_url)
        first.widen(HOST, 0.3)
        await first.close()
        await second.wait(HOST)
        waited = await timed(second.wait(HOST))
        await second.close()
        return waited

    assert asyncio.run(main()) >= 0.29


def test_the_scripts_are_loaded_again_after_the_server_has_lost_them(redis_url: str) -> None:
    async def main() -> None:
        one = pacer(redis_url)
        await one.wait(HOST)
        with Redis.from_url(redis_url) as redis:
            redis.script_flush()
            redis.flushall()
        await one.wait(HOST)
        assert one._away_until == 0.0
        await one.close()

    asyncio.run(main())


def test_without_a_server_each_keeps_to_its_share(unused_tcp_port: int) -> None:
    async def main() -> float:
        one = pacer(f"redis://127.0.0.1:{unused_tcp_port}", 20)
        started = time.monotonic()
        for _ in range(4):
            await one.wait(HOST)
        await one.close()
        return time.monotonic() - started

    assert asyncio.run(main()) >= 4 * 2 / 20 - 0.02  # half the rate, and the first waits too


def test_no_rate_needs_no_server() -> None:
    look_alike = Settings(sources={"example": SourceOverride(requests_per_second=0)})
    assert isinstance(make_pacer(INFO, look_alike, "redis://127.0.0.1:1"), LocalPacer)
    assert isinstance(make_pacer(INFO, Settings(), None), LocalPacer)


def test_a_rate_is_shared_where_there_is_a_server(redis_url: str) -> None:
    async def main() -> None:
        made = make_pacer(INFO, Settings(), redis_url)
        assert isinstance(made, SharedPacer)
        await made.close()

    asyncio.run(main())


@pytest.fixture
def unused_tcp_port() -> int:
    """A port of the loopback nobody listens on."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
