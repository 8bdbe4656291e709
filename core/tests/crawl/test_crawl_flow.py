from __future__ import annotations

import asyncio
import logging
import multiprocessing
from typing import Any

import psutil
import pytest
import uvloop
from aiohttp import web

from novel_core.crawl.delegate import Validators
from novel_core.errors import (
    Blocked,
    LoginRequired,
    NotFound,
    PageChanged,
    SiteUnavailable,
    StorageFull,
)
from novel_core.page import Follow, Page
from novel_core.source import PageKind

HOME = "https://www.example.org/"


def test_pages_are_requested_in_the_order_of_the_list_and_counted(world: Any) -> None:
    world.politeness = type(world.politeness)(0, 0, 1)
    world.site.put("/", "chapter /c/3\nchapter /c/1\nchapter /c/2")
    for number in (1, 2, 3):
        world.site.put(f"/c/{number}", f"text {number}")
    outcome = world.run()
    assert outcome.error is None
    assert world.site.paths() == ["/", "/c/3", "/c/1", "/c/2"]
    counts = outcome.counts
    assert (counts.requests, counts.pages, counts.expected, counts.failed) == (5, 4, 4, [])
    robots = len("nothing here")
    assert counts.bytes == robots + sum(len(page.body) for page in world.delegate.pages)
    assert world.delegate.bodies[HOME + "c/2"] == b"text 2"


def test_a_page_is_kept_with_what_its_follow_says(world: Any) -> None:
    world.site.put(
        "/c/1",
        lambda _: web.Response(text="Grüße", headers={"X-Note": "kept", "Set-Cookie": "session=1"}),
    )
    follow = Follow(HOME + "c/1", PageKind.CHAPTER, chapters=("1",), part=2, position=3)
    assert world.run(follow).error is None
    (page,) = world.delegate.pages
    assert (page.chapters, page.part, page.position) == (("1",), 2, 3)
    assert (page.url, page.requested_url, page.status) == (follow.url, follow.url, 200)
    assert page.headers["x-note"] == "kept"
    assert "set-cookie" not in page.headers
    assert page.text == "Grüße"


def test_a_mapped_host_sees_its_own_name_and_our_user_agent(world: Any) -> None:
    world.settings["user_agent"] = "Reader/9 (+https://reader.example)"
    world.site.put("/", "nothing")
    world.run()
    assert world.site.hit("/").host == "www.example.org"
    assert world.site.hit("/").headers["user-agent"] == "Reader/9 (+https://reader.example)"


def test_an_index_page_that_does_not_exist_ends_the_crawl(world: Any) -> None:
    outcome = world.run()
    assert isinstance(outcome.error, NotFound)
    assert [(url, type(error)) for url, error in world.delegate.problems] == [(HOME, NotFound)]
    assert outcome.failures == {}


def test_a_chapter_that_does_not_exist_is_one_chapter_less(world: Any) -> None:
    world.site.put("/", "chapter /c/1\nchapter /c/2")
    world.site.put("/c/2", "text")
    outcome = world.run()
    assert outcome.error is None
    assert {url: type(error) for url, error in outcome.failures.items()} == {HOME + "c/1": NotFound}
    assert [follow.url for follow, _ in outcome.counts.failed] == [HOME + "c/1"]
    assert (outcome.counts.pages, outcome.counts.expected) == (2, 3)


@pytest.mark.parametrize("essential", [True, False])
def test_the_page_to_start_with_is_essential_unless_said_otherwise(
    world: Any, essential: bool
) -> None:
    world.essential = essential
    outcome = world.run(Follow(HOME + "c/1", PageKind.CHAPTER, chapters=("1",)))
    assert isinstance(outcome.error, NotFound if essential else type(None))
    assert list(outcome.failures) == ([] if essential else [HOME + "c/1"])


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, PageChanged),
        (401, LoginRequired),
        (402, LoginRequired),
        (403, Blocked),
        (404, NotFound),
        (410, NotFound),
        (451, NotFound),
        (500, SiteUnavailable),
        (525, SiteUnavailable),
    ],
)
def test_every_status_has_its_error(world: Any, status: int, expected: type[Exception]) -> None:
    world.settings["retry_times"] = 0
    world.site.put("/", lambda _: web.Response(status=status))
    outcome = world.run()
    assert type(outcome.error) is expected
    assert str(status) in str(outcome.error)


def test_the_spider_names_the_error_of_an_error_page(world: Any) -> None:
    class Spider(world.spider):  # type: ignore[misc]
        def check(self, page: Page) -> None:
            if page.status == 404:
                raise LoginRequired("Only for friends of the author.", url=page.url)

    world.spider = Spider
    world.site.put("/", "chapter /c/1")
    assert isinstance(world.run().failures[HOME + "c/1"], LoginRequired)


def test_a_parser_that_finds_an_index_changed_ends_the_crawl(world: Any) -> None:
    class Parser(type(world.parser)):  # type: ignore[misc]
        def follow(self, page: Page) -> Any:
            raise PageChanged("No chapter list.", url=page.url)

    world.parser = Parser()
    world.site.put("/", "something else")
    outcome = world.run()
    assert isinstance(outcome.error, PageChanged)
    assert list(world.delegate.bodies) == [HOME]


def test_an_unchanged_page_is_told_not_archived(world: Any) -> None:
    def chapter(request: web.Request) -> web.Response:
        assert request.headers["If-Modified-Since"] == "Mon, 02 Nov 2026 10:00:00 GMT"
        return web.Response(status=304 if request.headers["If-None-Match"] == '"7"' else 200)

    world.site.put("/", "chapter /c/1")
    world.site.put("/c/1", chapter)
    world.delegate.held[HOME + "c/1"] = Validators('"7"', "Mon, 02 Nov 2026 10:00:00 GMT")
    outcome = world.run()
    assert world.delegate.unchanged == [HOME + "c/1"]
    assert list(world.delegate.bodies) == [HOME]
    assert (outcome.counts.pages, outcome.counts.expected) == (2, 2)


def test_five_unavailable_chapters_in_a_row_end_the_crawl(world: Any) -> None:
    world.settings["retry_times"] = 0
    world.politeness = type(world.politeness)(0, 0, 1)
    world.site.put("/", "\n".join(f"chapter /c/{number}" for number in range(20)))
    for number in range(20):
        world.site.put(f"/c/{number}", lambda _: web.Response(status=502))
    world.site.put("/c/3", "this one comes")
    outcome = world.run()
    assert isinstance(outcome.error, SiteUnavailable)
    assert world.site.paths()[-1] == "/c/8"


def test_a_page_counts_as_under_way_until_it_is_archived(world: Any) -> None:
    archiving: list[str] = []
    most = 0

    async def archive(page: Page) -> None:
        nonlocal most
        archiving.append(page.url)
        most = max(most, len(world.site.paths()) - len(world.delegate.pages))
        await asyncio.sleep(0.005)

    world.delegate.on_archive = archive
    world.politeness = type(world.politeness)(0, 0, 3)
    world.site.put("/", "\n".join(f"chapter /c/{number}" for number in range(12)))
    for number in range(12):
        world.site.put(f"/c/{number}", "text")
    assert world.run().counts.pages == 13
    assert most == 3


def test_a_delegate_that_cannot_archive_ends_the_crawl(world: Any) -> None:
    async def refuse(page: Page) -> None:
        raise StorageFull("No space left.")

    world.delegate.on_archive = refuse
    world.site.put("/", "chapter /c/1")
    assert isinstance(world.run().error, StorageFull)


def test_a_delegate_may_end_the_crawl_over_a_failed_page(world: Any) -> None:
    def refuse(follow: Follow) -> None:
        raise StorageFull("No space left.")

    world.delegate.on_failed = refuse
    world.site.put("/", "chapter /c/1\nchapter /c/2")
    assert isinstance(world.run().error, StorageFull)


def test_many_crawls_run_in_one_loop_at_the_same_time(world: Any) -> None:
    world.site.put("/", "chapter /c/1")
    world.site.put("/c/1", "text")

    async def all_of_them() -> list[int]:
        crawls = [world.crawl() for _ in range(8)]
        return [counts.pages for counts in await asyncio.gather(*(c.run() for c in crawls))]

    assert asyncio.run(world.serving(all_of_them)) == [2] * 8


def test_crawls_leave_nothing_open(world: Any) -> None:
    world.site.put("/", "chapter /c/1")
    world.site.put("/c/1", "text")
    world.run()
    process = psutil.Process()
    before = process.num_fds()
    for _ in range(10):
        assert world.run().error is None
    assert process.num_fds() == before


def test_it_runs_on_uvloop_too(world: Any) -> None:
    world.site.put("/", "chapter /c/1\nchapter /c/2")
    world.site.put("/c/1", "text")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        counts = runner.run(world.serving(lambda: world.crawl().run()))
    assert (counts.pages, len(counts.failed)) == (2, 1)


def _crawl_in_child(world: Any, pages: Any) -> None:
    pages.put(world.run().counts.pages)


def test_a_forked_process_crawls_too(world: Any) -> None:
    world.site.put("/", "chapter /c/1")
    world.site.put("/c/1", "text")
    assert world.run().counts.pages == 2
    fork = multiprocessing.get_context("fork")
    pages = fork.Queue()
    world.site.port = 0
    child = fork.Process(target=_crawl_in_child, args=(world, pages))
    child.start()
    assert pages.get(timeout=30) == 2
    child.join(30)
    assert child.exitcode == 0


def test_a_crawl_makes_no_noise(world: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    world.settings["retry_times"] = 1
    world.site.put("/", "chapter /c/1\nchapter /c/2\nimage /i.png")
    world.site.put("/c/1", lambda _: web.Response(status=500))
    world.run()
    assert [record.getMessage() for record in caplog.records if "aiohttp" not in record.name] == []
