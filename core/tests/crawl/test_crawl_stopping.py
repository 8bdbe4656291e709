from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

from novel_core.errors import Blocked, JobCancelled, JobStopped, LeaseLost
from novel_core.page import Page

HOME = "https://www.example.org/"
LIST = "\n".join(f"chapter /c/{number}" for number in range(50))


class Turnstile:
    """A pacer that lets a number of requests through and nobody afterwards."""

    def __init__(self, places: int) -> None:
        self.places = places
        self.waiting = 0

    async def wait(self, host: str) -> None:
        if self.places:
            self.places -= 1
            return
        self.waiting += 1
        try:
            await asyncio.Event().wait()
        finally:
            self.waiting -= 1

    def pause(self, host: str, seconds: float) -> None:
        raise AssertionError


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - what is waited for happens on the server's side
            await asyncio.sleep(0.001)


async def settled(world: Any) -> int:
    """The number of requests the site has seen, a few moments later."""
    for _ in range(50):
        await asyncio.sleep(0.001)
    return len(world.site.hits)


def test_a_challenge_ends_the_crawl_at_once_whoever_waits(world: Any) -> None:
    world.pacer = Turnstile(places=3)
    world.site.put("/", LIST)
    world.site.put("/c/0", "are you human")

    async def run() -> None:
        with pytest.raises(Blocked):
            await asyncio.wait_for(world.crawl().run(), 20)
        assert await settled(world) == 3

    asyncio.run(world.serving(run))
    assert world.pacer.waiting == 0
    assert world.delegate.failures == {}
    assert [url for url, _ in world.delegate.problems] == [HOME + "c/0"]


def test_a_challenge_of_the_cdn_is_known_whatever_the_status(world: Any) -> None:
    world.site.put("/", lambda _: web.Response(status=503, headers={"cf-mitigated": "challenge"}))
    assert isinstance(world.run().error, Blocked)
    assert world.site.paths() == ["/"]


def test_nothing_is_sent_after_a_challenge_even_without_pacing(world: Any) -> None:
    world.site.put("/", LIST)
    for number in range(50):
        world.site.put(f"/c/{number}", lambda _: asyncio.sleep(30))
    world.site.put("/c/3", "are you human")

    async def slow(page: Page) -> None:
        await asyncio.sleep(0.01)

    world.delegate.on_archive = slow

    async def run() -> None:
        with pytest.raises(Blocked):
            await asyncio.wait_for(world.crawl().run(), 20)
        assert await settled(world) == 6  # robots.txt, the index, and the four that were under way

    asyncio.run(world.serving(run))


@pytest.mark.parametrize("error", [JobStopped("s"), JobCancelled("c"), LeaseLost("l")])
def test_another_thread_may_stop_the_crawl(world: Any, error: Exception) -> None:
    world.site.put("/", LIST)
    for number in range(50):
        world.site.put(f"/c/{number}", lambda _: asyncio.sleep(30))

    async def run() -> None:
        crawl = world.crawl()
        running = asyncio.create_task(crawl.run())
        await until(lambda: len(world.site.paths()) == 5)
        thread = threading.Thread(target=crawl.stop, args=(error,))
        thread.start()
        with pytest.raises(type(error)) as raised:
            await asyncio.wait_for(running, 20)
        thread.join()
        assert raised.value is error
        assert await settled(world) == 6

    asyncio.run(world.serving(run))
    assert list(world.delegate.bodies) == [HOME]
    assert world.delegate.failures == {}


def test_a_body_that_dribbles_in_is_abandoned(world: Any) -> None:
    begun = asyncio.Event()

    async def dribble(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/html"})
        await response.prepare(request)
        await response.write(b"once upon a time")
        begun.set()
        await asyncio.sleep(30)
        return response

    world.site.put("/", dribble)

    async def run() -> None:
        crawl = world.crawl()
        running = asyncio.create_task(crawl.run())
        await begun.wait()
        crawl.stop(JobStopped("Stopped."))
        with pytest.raises(JobStopped):
            await asyncio.wait_for(running, 20)

    asyncio.run(world.serving(run))


def test_a_pause_before_a_retry_is_cut_short(world: Any) -> None:
    world.settings |= {"retry_backoff": 60.0}
    world.site.put("/", lambda _: web.Response(status=500))

    async def run() -> None:
        crawl = world.crawl()
        running = asyncio.create_task(crawl.run())
        await until(lambda: world.site.paths() == ["/"])
        await settled(world)
        crawl.stop(JobStopped("Stopped."))
        with pytest.raises(JobStopped):
            await asyncio.wait_for(running, 20)

    asyncio.run(world.serving(run))
    assert world.site.paths() == ["/"]


def test_waiting_for_robots_txt_is_cut_short(world: Any) -> None:
    world.site.put("/robots.txt", lambda _: asyncio.sleep(30))

    async def run() -> None:
        crawl = world.crawl()
        running = asyncio.create_task(crawl.run())
        await until(lambda: len(world.site.hits) == 1)
        crawl.stop(JobStopped("Stopped."))
        with pytest.raises(JobStopped):
            await asyncio.wait_for(running, 20)
        assert await settled(world) == 1

    asyncio.run(world.serving(run))


def test_a_page_being_archived_is_still_archived(world: Any) -> None:
    world.site.put("/", LIST)
    archiving = asyncio.Event()

    async def slow(page: Page) -> None:
        archiving.set()
        await asyncio.sleep(0.05)

    world.delegate.on_archive = slow

    async def run() -> None:
        crawl = world.crawl()
        running = asyncio.create_task(crawl.run())
        await archiving.wait()
        crawl.stop(JobStopped("Stopped."))
        with pytest.raises(JobStopped):
            await asyncio.wait_for(running, 20)

    asyncio.run(world.serving(run))
    assert list(world.delegate.bodies) == [HOME]
    assert world.site.paths() == ["/"]


@pytest.mark.parametrize("turns", range(12))
def test_a_crawl_may_be_stopped_at_any_moment(world: Any, turns: int) -> None:
    """Before it runs, while Scrapy starts, while it runs: it ends, with that error."""
    world.site.put("/", "\n".join(f"chapter /c/{number}" for number in range(300)))

    async def run() -> None:
        crawl = world.crawl()
        running = asyncio.create_task(crawl.run())
        for _ in range(turns):
            await asyncio.sleep(0)
        crawl.stop(JobStopped("Stopped."))
        with pytest.raises(JobStopped):
            await asyncio.wait_for(running, 20)

    asyncio.run(world.serving(run))


def test_the_first_error_counts(world: Any) -> None:
    crawl = world.crawl()
    first = JobStopped("First.")
    crawl.stop(first)
    crawl.stop(JobCancelled("Second."))
    with pytest.raises(JobStopped) as raised:
        asyncio.run(crawl.run())
    assert raised.value is first


def test_stopping_a_crawl_that_is_over_does_nothing(world: Any) -> None:
    world.site.put("/", "text")

    async def run() -> Any:
        crawl = world.crawl()
        counts = await crawl.run()
        crawl.stop(JobStopped("Too late."))
        return crawl, counts

    crawl, counts = asyncio.run(world.serving(run))
    crawl.stop(JobStopped("Much too late."))
    assert counts.pages == 1


def test_a_cancelled_crawl_sends_nothing_more(world: Any) -> None:
    world.site.put("/", LIST)
    for number in range(50):
        world.site.put(f"/c/{number}", lambda _: asyncio.sleep(30))

    async def run() -> None:
        running = asyncio.create_task(world.crawl().run())
        await until(lambda: len(world.site.paths()) == 5)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(running, 20)
        assert await settled(world) == 6

    asyncio.run(world.serving(run))
