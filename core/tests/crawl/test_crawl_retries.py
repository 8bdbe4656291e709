from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from aiohttp import web

from novel_core.crawl.response_checks import retry_after
from novel_core.errors import PageBroken, RateLimited, SiteUnavailable
from novel_core.page import Page

HOME = "https://www.example.org/"


class NotingPacer:
    """Lets everybody through and notes the pauses asked for."""

    def __init__(self) -> None:
        self.pauses: list[tuple[str, float]] = []

    async def wait(self, host: str) -> None:
        assert host

    def pause(self, host: str, seconds: float) -> None:
        self.pauses.append((host, seconds))


def failing(status: int, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: web.Response(status=status, headers=named)


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504, 520, 522, 530])
def test_a_server_error_is_asked_again(world: Any, status: int) -> None:
    world.site.put("/", failing(status), failing(status), "text")
    outcome = world.run()
    assert (outcome.error, outcome.counts.pages, outcome.counts.requests) == (None, 1, 4)
    assert world.delegate.problems == []


def test_a_server_error_that_stays_is_kept_and_told(world: Any) -> None:
    world.settings["retry_times"] = 2
    world.site.put("/", failing(500))
    outcome = world.run()
    assert isinstance(outcome.error, SiteUnavailable)
    assert world.site.paths() == ["/"] * 3
    assert [url for url, _ in world.delegate.problems] == [HOME]


def test_a_page_that_does_not_exist_is_not_asked_again(world: Any) -> None:
    world.run()
    assert world.site.paths() == ["/"]


def test_a_server_that_does_not_answer_is_unavailable(world: Any) -> None:
    world.settings |= {"retry_times": 1, "http_timeout": 0.1}
    world.site.put("/", lambda _: asyncio.sleep(30))
    outcome = world.run()
    assert isinstance(outcome.error, SiteUnavailable)
    assert "0.1 seconds" in str(outcome.error)
    assert world.site.paths() == ["/"] * 2


def test_a_chapter_the_spider_calls_broken_is_asked_again_once(world: Any) -> None:
    class Spider(world.spider):  # type: ignore[misc]
        def check(self, page: Page) -> None:
            if b"half" in page.body:
                raise PageBroken("Half a chapter.", url=page.url)

    world.spider = Spider
    world.site.put("/", "chapter /c/1\nchapter /c/2")
    world.site.put("/c/1", "half", "whole")
    world.site.put("/c/2", "half")
    outcome = world.run()
    assert outcome.error is None
    assert world.delegate.bodies[HOME + "c/1"] == b"whole"
    assert isinstance(outcome.failures[HOME + "c/2"], PageBroken)
    assert world.site.paths().count("/c/2") == 2


@pytest.mark.parametrize("status", [429, 503])
def test_a_pause_asked_for_in_seconds_is_everybodys(world: Any, status: int) -> None:
    world.pacer = NotingPacer()
    world.site.put("/", failing(status, Retry_After="7"), "text")
    assert world.run().error is None
    assert world.pacer.pauses == [("www.example.org", 7.0)]


def test_a_pause_asked_for_as_a_date_is_everybodys(world: Any) -> None:
    world.pacer = NotingPacer()
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    world.site.put("/", failing(429, Retry_After=moment), "text")
    assert world.run().error is None
    ((host, seconds),) = world.pacer.pauses
    assert host == "www.example.org"
    assert 0 < seconds <= 60


def test_without_a_time_the_pauses_double(world: Any) -> None:
    world.pacer = NotingPacer()
    world.settings["retry_backoff"] = 8.0
    world.site.put("/", failing(429), failing(429), "text")
    assert world.run().error is None
    first, second = (seconds for _, seconds in world.pacer.pauses)
    assert 8 <= first <= 10
    assert 16 <= second <= 20


def test_a_pause_that_is_too_long_ends_the_crawl_at_once(world: Any) -> None:
    world.pacer = NotingPacer()
    world.site.put("/", "chapter /c/1\nchapter /c/2")
    world.site.put("/c/1", failing(429, Retry_After="3600"))
    world.site.put("/c/2", failing(429, Retry_After="3600"))
    outcome = world.run()
    assert isinstance(outcome.error, RateLimited)
    assert outcome.error.retry_after == 3600
    assert world.pacer.pauses == []
    assert outcome.failures == {}


def test_a_site_that_goes_on_asking_for_pauses_is_left_alone(world: Any) -> None:
    world.pacer = NotingPacer()
    world.settings |= {"retry_times": 2, "max_pause": 90}
    world.site.put("/", failing(429))
    outcome = world.run()
    assert isinstance(outcome.error, RateLimited)
    assert outcome.error.retry_after == 90
    assert world.site.paths() == ["/"] * 3


def test_an_image_host_that_asks_for_a_long_pause_costs_the_image_only(world: Any) -> None:
    world.hosts = ("www.example.org", "images.example")
    world.site.put("/", "image https://images.example/1.png\nchapter /c/1")
    world.site.put("images.example/1.png", failing(429, Retry_After="3600"))
    world.site.put("/c/1", "text")
    outcome = world.run()
    assert outcome.error is None
    assert isinstance(outcome.failures["https://images.example/1.png"], RateLimited)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, 0),
        ("", 0),
        ("soon", 0),
        ("-5", 0),
        ("0", 0),
        (" 12 ", 12),
        ("9" * 400, 86400),
        ("1000000000000", 86400),
    ],
)
def test_a_retry_after_that_says_nothing_of_use_says_nothing(
    value: str | None, seconds: float
) -> None:
    assert retry_after(value) == seconds


@pytest.mark.parametrize(
    "value",
    [
        "Mon, 02 Nov 2020 10:00:00 GMT",
        "Mon, 02 Nov 2020 10:00:00 -0000",
        "Mon, 99 Nov 2020 10:00:00 GMT",
    ],
)
def test_a_date_that_is_past_or_wrong_asks_for_no_pause(value: str) -> None:
    assert retry_after(value) == 0
