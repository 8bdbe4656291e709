from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from novel_core.crawl.delegate import RobotsRecord
from novel_core.crawl.pacing import LocalPacer
from novel_core.errors import AddressRefused, Blocked, RateLimited, SiteUnavailable
from novel_core.page import Follow
from novel_core.source import PageKind

HOST = "www.example.org"
#: The smallest there is.
GIF = b"GIF89a\x01\x00\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
ORIGIN = f"https://{HOST}"
HOME = f"{ORIGIN}/"


def asked_for_robots(world: Any, host: str = HOST) -> int:
    return [(hit.host, hit.path) for hit in world.site.hits].count((host, "/robots.txt"))


def held(body: bytes, age: timedelta) -> RobotsRecord:
    return RobotsRecord(ORIGIN, 200, body, datetime.now(UTC) - age)


def test_an_index_that_robots_txt_forbids_ends_the_crawl(world: Any) -> None:
    world.site.put("/robots.txt", "User-agent: *\nDisallow: /")
    world.site.put("/", "text")
    outcome = world.run()
    assert isinstance(outcome.error, Blocked)
    assert "robots.txt of www.example.org forbids" in str(outcome.error)
    assert world.site.paths() == []


class Noting(LocalPacer):
    """A pacer without limits that notes what it is asked."""

    def __init__(self) -> None:
        super().__init__(lambda host: (host, 0.0))
        self.widened: list[tuple[str, float]] = []

    def widen(self, host: str, gap: float) -> None:
        self.widened.append((host, gap))


def test_a_crawl_delay_reaches_the_pacer(world: Any) -> None:
    world.site.put("/robots.txt", "User-agent: *\nCrawl-delay: 7")
    world.site.put("/", "text")
    world.pacer = Noting()
    assert world.run().error is None
    assert world.pacer.widened == [("www.example.org", 7.0)]


def test_a_chapter_that_robots_txt_forbids_is_one_chapter_less(world: Any) -> None:
    world.site.put("/robots.txt", "User-agent: *\nDisallow: /private/")
    world.site.put("/", "chapter /private/1\nchapter /c/2\nimage /private/i.png")
    world.site.put("/c/2", "text")
    outcome = world.run()
    assert outcome.error is None
    assert {url: type(error).code for url, error in outcome.failures.items()} == {
        HOME + "private/1": "blocked",
        HOME + "private/i.png": "blocked",
    }
    assert world.site.paths() == ["/", "/c/2"]


def test_the_rules_for_our_name_count_before_those_for_all(world: Any) -> None:
    world.settings["user_agent"] = "Reader/2.0 (+https://reader.example)"
    world.site.put(
        "/robots.txt", "User-agent: *\nDisallow: /\n\nUser-agent: reader\nDisallow: /c/1"
    )
    world.site.put("/", "chapter /c/1")
    outcome = world.run()
    assert outcome.error is None
    assert list(outcome.failures) == [HOME + "c/1"]


def test_it_is_asked_for_once_however_many_requests_wait(world: Any) -> None:
    world.politeness = type(world.politeness)(0, 0, 16)
    world.essential = False
    chapters = [Follow(f"{HOME}c/{number}", PageKind.CHAPTER) for number in range(30)]
    for number in range(30):
        world.site.put(f"/c/{number}", "text")
    outcome = world.run(*chapters)
    assert (outcome.counts.pages, outcome.counts.requests) == (30, 31)
    assert asked_for_robots(world) == 1
    assert world.site.hits[0].path == "/robots.txt"


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_site_without_robots_txt_allows_everything(world: Any, status: int) -> None:
    world.site.put(
        "/robots.txt", lambda _: web.Response(status=status, text="User-agent: *\nDisallow: /")
    )
    world.site.put("/", "text")
    assert world.run().error is None
    record = world.delegate.robots[ORIGIN]
    assert (record.origin, record.status, record.body) == (ORIGIN, status, b"")


def test_a_fresh_record_is_used_without_asking(world: Any) -> None:
    world.delegate.robots[ORIGIN] = held(b"User-agent: *\nDisallow: /c/", timedelta(hours=23))
    world.site.put("/", "chapter /c/1")
    assert list(world.run().failures) == [HOME + "c/1"]
    assert asked_for_robots(world) == 0


def test_an_old_record_is_replaced(world: Any) -> None:
    world.delegate.robots[ORIGIN] = held(b"User-agent: *\nDisallow: /", timedelta(hours=25))
    world.site.put("/robots.txt", "User-agent: *\nAllow: /")
    world.site.put("/", "text")
    assert world.run().error is None
    assert world.delegate.robots[ORIGIN].body == b"User-agent: *\nAllow: /"


def test_an_old_record_counts_while_no_new_one_can_be_had(world: Any) -> None:
    world.delegate.robots[ORIGIN] = held(b"User-agent: *\nDisallow: /c/", timedelta(days=9))
    world.site.put("/robots.txt", lambda _: web.Response(status=503))
    world.site.put("/", "chapter /c/1")
    outcome = world.run()
    assert outcome.error is None
    assert list(outcome.failures) == [HOME + "c/1"]


def test_without_any_record_a_failing_robots_txt_keeps_us_out(world: Any) -> None:
    world.settings["retry_times"] = 2
    world.site.put("/robots.txt", lambda _: web.Response(status=500))
    world.site.put("/", "text")
    outcome = world.run()
    assert isinstance(outcome.error, SiteUnavailable)
    assert "Could not fetch" in str(outcome.error)
    assert (asked_for_robots(world), world.site.paths()) == (3, [])
    assert world.delegate.robots == {}


def test_a_robots_txt_that_comes_late_is_waited_for(world: Any) -> None:
    world.site.put("/robots.txt", lambda _: web.Response(status=502), "User-agent: *\nAllow: /")
    world.site.put("/", "text")
    assert world.run().error is None


def test_a_long_pause_asked_for_there_ends_the_crawl(world: Any) -> None:
    world.site.put(
        "/robots.txt", lambda _: web.Response(status=429, headers={"Retry-After": "7200"})
    )
    outcome = world.run()
    assert isinstance(outcome.error, RateLimited)
    assert outcome.error.retry_after == 7200


def test_it_may_be_redirected_even_to_another_host(world: Any) -> None:
    world.hosts = (HOST, "static.example")
    world.site.put(
        "/robots.txt",
        lambda _: web.Response(status=301, headers={"Location": "https://static.example/r.txt"}),
    )
    world.site.put("static.example/r.txt", "User-agent: *\nDisallow: /c/")
    world.site.put("/", "chapter /c/1")
    assert list(world.run().failures) == [HOME + "c/1"]


def test_one_that_redirects_for_ever_is_none(world: Any) -> None:
    world.site.put(
        "/robots.txt", lambda _: web.Response(status=301, headers={"Location": "/robots.txt"})
    )
    world.site.put("/", "text")
    assert world.run().error is None
    assert asked_for_robots(world) == 6


def test_only_the_beginning_of_a_huge_one_is_read(world: Any) -> None:
    rules = "User-agent: *\nDisallow: /c/\n"
    world.site.put("/robots.txt", rules + "# filling\n" * 200_000)
    world.site.put("/", "chapter /c/1")
    assert list(world.run().failures) == [HOME + "c/1"]
    assert len(world.delegate.robots[ORIGIN].body) == 512 * 1024


def test_a_private_host_is_refused_as_such(world: Any) -> None:
    world.hosts = ()
    world.domains = ("127.0.0.1",)
    outcome = world.run(Follow("http://127.0.0.1:9/", PageKind.INDEX))
    assert isinstance(outcome.error, AddressRefused)


def test_image_hosts_have_their_own(world: Any) -> None:
    world.hosts = (HOST, "images.example", "down.example")
    world.settings["retry_times"] = 0
    world.site.put("images.example/robots.txt", "User-agent: *\nDisallow: /no/")
    world.site.put("down.example/robots.txt", lambda _: web.Response(status=500))
    image = lambda _: web.Response(body=GIF, content_type="image/png")  # noqa: E731
    for where in ("images.example/yes.png", "images.example/no/1.png", "down.example/1.png"):
        world.site.put(where, image)
    world.site.put(
        "/",
        "image https://images.example/yes.png\n"
        "image https://images.example/no/1.png\n"
        "image https://down.example/1.png",
    )
    outcome = world.run()
    assert outcome.error is None
    assert {url: error.code for url, error in outcome.failures.items()} == {
        "https://images.example/no/1.png": "blocked",
        "https://down.example/1.png": "site_unavailable",
    }
    assert asked_for_robots(world, "images.example") == 1
