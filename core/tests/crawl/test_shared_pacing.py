"""One rate for all processes through a real Redis: slots, pauses, gaps, and what happens without the server."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from redis import Redis

from novel_core.crawl.pacing import LocalPacer
from novel_core.crawl.politeness import make_pacer
from novel_core.crawl.shared_pacing import COUNTED, SharedPacer, keys_of
from novel_core.queue.load import GroupLoad, with_requests
from novel_core.settings import Settings, SourceOverride
from novel_core.source import SourceInfo

HOST = "www.example.org"
INFO = SourceInfo("example", "Example", "https://www.example.org", (HOST,))
SECOND = 1_000_000  # microseconds, in which slots are counted


class Noting(SharedPacer):
    """Notes what the server answers: microseconds to wait, and the slot."""

    def __init__(self, url: str, rate: float = 50.0, group: str = HOST) -> None:
        super().__init__(url, lambda host: (group if host == HOST else host, rate))
        self.answers: list[tuple[int, int]] = []
        reserve = self._reserve

        async def noted(**arguments: Any) -> Any:
            delay, slot, sharers = await reserve(**arguments)
            self.answers.append((delay, int(slot)))
            return delay, slot, sharers

        self._reserve = noted  # type: ignore[assignment]

    @property
    def slots(self) -> list[int]:
        """The slots in which requests were sent."""
        return [slot for delay, slot in self.answers if delay <= 0]


def gaps(*pacers: Noting) -> list[int]:
    used = sorted(slot for pacer in pacers for slot in pacer.slots)
    return [after - before for before, after in pairwise(used)]


def test_two_pacers_share_one_rate(redis_url: str) -> None:
    async def main() -> list[int]:
        first, second = Noting(redis_url), Noting(redis_url)
        await asyncio.gather(*(one.wait(HOST) for one in (first, second) for _ in range(10)))
        await first.close()
        await second.close()
        return gaps(first, second)

    found = asyncio.run(main())
    assert len(found) == 19
    assert min(found) >= SECOND / 50


def test_requests_that_wait_together_share_a_connection(redis_url: str) -> None:
    async def main() -> None:
        one = Noting(redis_url, 1_000.0)
        await asyncio.gather(*(one.wait(HOST) for _ in range(20)))
        await one.close()

    with Redis.from_url(redis_url) as redis:
        before = redis.info("stats")["total_connections_received"]
        asyncio.run(main())
        assert redis.info("stats")["total_connections_received"] == before + 1


def test_other_hosts_are_other_groups(redis_url: str) -> None:
    async def main() -> list[int]:
        first, second = Noting(redis_url, 0.1, "a"), Noting(redis_url, 0.1, "b")
        await asyncio.gather(first.wait(HOST), second.wait(HOST), first.wait("elsewhere"))
        await first.close()
        await second.close()
        return [delay for one in (first, second) for delay, _ in one.answers]

    assert asyncio.run(main()) == [0, 0, 0]  # nobody waits for another


def test_a_pause_is_kept_by_those_that_sleep_already(redis_url: str) -> None:
    async def main() -> tuple[list[int], int]:
        first, second = Noting(redis_url, 2), Noting(redis_url, 2)
        sleepers = [asyncio.create_task(first.wait(HOST)) for _ in range(3)]
        while len(first.answers) < 3:  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(0)
        sent = len(first.slots)
        second.pause(HOST, 1.0)
        await asyncio.gather(*sleepers)
        with Redis.from_url(redis_url) as redis:
            paused = int(redis.hget(f"novel:pace:{{{HOST}}}", "paused") or 0)  # type: ignore[arg-type]
        await first.close()
        await second.close()
        return first.slots[sent:], paused

    slots, paused = asyncio.run(main())
    assert len(slots) == 2
    assert slots[0] >= paused > 0
    assert slots[1] - slots[0] >= SECOND / 2


def test_a_crawl_delay_widens_everybody_s_gap(redis_url: str) -> None:
    async def main() -> list[int]:
        first, second = Noting(redis_url), Noting(redis_url)
        first.widen(HOST, 0.3)
        await first.close()
        await second.wait(HOST)
        await second.wait(HOST)
        await second.close()
        return gaps(second)

    assert min(asyncio.run(main())) >= 0.3 * SECOND


def test_the_slowest_rate_in_use_is_everybody_s(redis_url: str) -> None:
    """Two sources of one group state 50 requests a second, and 5."""

    async def main() -> list[int]:
        fast, slow = Noting(redis_url, 50), Noting(redis_url, 5)
        await slow.wait(HOST)
        await asyncio.gather(*(one.wait(HOST) for one in (fast, slow, fast, fast)))
        await fast.close()
        await slow.close()
        return gaps(fast, slow)

    assert min(asyncio.run(main())) >= SECOND / 5


def test_a_slow_rate_that_is_no_longer_in_use_is_forgotten(redis_url: str) -> None:
    async def main() -> list[int]:
        fast, slow = Noting(redis_url, 50), Noting(redis_url, 0.001)
        await slow.wait(HOST)
        with Redis.from_url(redis_url) as redis:
            key = f"novel:pace:{{{HOST}}}"
            assert redis.zcard(f"{key}:gaps") == 1
            assert redis.pttl(f"{key}:gaps") > 0  # type: ignore[operator]
            # As after three of its gaps.
            redis.zadd(f"{key}:gaps", {str(1000 * SECOND): 1})
            redis.hset(key, "free", 0)
        await fast.wait(HOST)
        await fast.wait(HOST)
        await fast.close()
        await slow.close()
        return [delay for delay, _ in fast.answers]

    assert max(asyncio.run(main())) < SECOND


def test_two_sources_on_one_host_share_its_rate(redis_url: str) -> None:
    async def main() -> list[float]:
        infos = (INFO, SourceInfo("other", "Other", f"https://{HOST}/forum/", (HOST,)))
        pacers = [make_pacer(info, Settings(), redis_url) for info in infos]
        for pacer in pacers:
            await pacer.wait(HOST)
        with Redis.from_url(redis_url) as redis:
            found = [float(redis.zcard(f"novel:pace:{{{HOST}}}:by"))]  # type: ignore[arg-type]
        for pacer in pacers:
            await pacer.close()
        return found

    assert asyncio.run(main()) == [2.0]


def test_the_scripts_are_loaded_again_after_the_server_has_lost_them(redis_url: str) -> None:
    async def main() -> None:
        one = Noting(redis_url)
        await one.wait(HOST)
        with Redis.from_url(redis_url) as redis:
            redis.script_flush()
            redis.flushall()
        await one.wait(HOST)
        assert one._away_until == 0.0
        await one.close()

    asyncio.run(main())


def test_without_a_server_each_keeps_to_its_share(unused_tcp_port: int) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async def main() -> None:
        one = Noting(f"redis://127.0.0.1:{unused_tcp_port}", 20)
        one._alone = LocalPacer(one._reduced, eager=False, clock=lambda: sum(slept), sleep=sleep)
        for _ in range(4):
            await one.wait(HOST)
        await one.close()

    asyncio.run(main())
    assert slept == pytest.approx([0.1] * 4)  # half the rate, and the first waits too


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


def test_requests_are_counted_by_the_minute(redis_url: str) -> None:
    async def main() -> None:
        first, second = Noting(redis_url), Noting(redis_url)
        await asyncio.gather(*(one.wait(HOST) for one in (first, second) for _ in range(4)))
        await first.close()
        await second.close()

    asyncio.run(main())
    with Redis.from_url(redis_url) as redis:
        [place, *_] = keys_of(HOST)
        minute, asked, before = redis.hmget(place, COUNTED)
        group = GroupLoad(HOST, waiting=0, running=2, rate=50.0)
        # A minute may have begun meanwhile.
        assert int(asked) + int(before) == 8
        [counted] = with_requests(redis, [group])
        assert counted.requests is not None
        assert 0 < counted.requests <= 8
        redis.hset(place, "minute", int(minute) - 2)
        assert with_requests(redis, [group]) == [replace(group, requests=0)]
        unlimited = replace(group, rate=0.0)
        assert with_requests(redis, [unlimited]) == [unlimited]
