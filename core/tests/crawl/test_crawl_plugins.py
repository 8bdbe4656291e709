"""What an author's spider and parser may do, and what happens when they are wrong."""

from __future__ import annotations

from typing import Any

import pytest
import scrapy
from aiohttp import web

from novel_core.crawl.delegate import CrawlDelegate
from novel_core.errors import PluginError, RateLimited
from novel_core.page import Follow, Page
from novel_core.requests import PageRequest
from novel_core.source import PageKind

HOME = "https://www.example.org/"


def _fails(*_: Any) -> Any:
    raise KeyError("chapters")


@pytest.mark.parametrize("method", ["make_request", "check", "order"])
def test_a_spider_that_raises_ends_the_crawl_and_is_named(world: Any, method: str) -> None:
    world.spider = type("Spider", (world.spider,), {method: _fails})
    world.site.put("/", "chapter /c/1")
    outcome = world.run()
    assert isinstance(outcome.error, PluginError)
    assert str(outcome.error) == f"The source 'example' failed in {method}: KeyError: 'chapters'"
    assert isinstance(outcome.error.__cause__, KeyError)


def test_a_parser_that_raises_ends_the_crawl_and_is_named(world: Any) -> None:
    world.parser = type("Parser", (type(world.parser),), {"follow": _fails})()
    world.site.put("/", "chapter /c/1")
    outcome = world.run()
    assert isinstance(outcome.error, PluginError)
    assert "failed in follow: KeyError" in str(outcome.error)


def test_a_bug_in_the_middle_of_the_chapters_ends_the_crawl_too(world: Any) -> None:
    class Spider(world.spider):  # type: ignore[misc]
        def check(self, page: Page) -> None:
            if page.kind is PageKind.CHAPTER:
                raise ZeroDivisionError

    world.spider = Spider
    world.site.put("/", "chapter /c/1\nchapter /c/2")
    world.site.put("/c/1", "text")
    outcome = world.run()
    assert isinstance(outcome.error, PluginError)
    assert outcome.failures == {}


@pytest.mark.parametrize("result", [None, "https://www.example.org/", Follow(HOME, PageKind.INDEX)])
def test_make_request_must_return_a_request(world: Any, result: Any) -> None:
    world.spider = type("Spider", (world.spider,), {"make_request": lambda *_: result})
    outcome = world.run()
    assert isinstance(outcome.error, PluginError)
    assert "instead of a PageRequest" in str(outcome.error)


def test_make_request_may_not_pose_as_another_host_or_reader(world: Any) -> None:
    headers = {"Host": "elsewhere.example", "User-Agent": "Mozilla/5.0"}
    world.spider = type("Spider", (world.spider,), {"headers": headers})
    world.site.put("/", "text")
    assert world.run().error is None
    assert world.site.hit("/").headers["user-agent"].startswith("NovelIngestion/")


def test_make_request_may_not_leave_the_source(world: Any) -> None:
    world.spider = type(
        "Spider",
        (world.spider,),
        {"make_request": lambda *_: PageRequest("https://elsewhere.example/")},
    )
    assert isinstance(world.run().error, PluginError)


def test_follows_must_be_follows(world: Any) -> None:
    world.spider = type("Spider", (world.spider,), {"order": lambda *_: ["/c/1"]})
    world.site.put("/", "text")
    outcome = world.run()
    assert isinstance(outcome.error, PluginError)
    assert "is not a Follow" in str(outcome.error)


def test_a_spider_may_ask_an_api_and_change_the_order(world: Any) -> None:
    class Spider(world.spider):  # type: ignore[misc]
        def make_request(self, follow: Follow) -> Any:
            if follow.kind is PageKind.INDEX:
                return PageRequest(follow.url, "POST", body=b'{"id": 7}')
            return super().make_request(follow)

        def order(self, follows: Any) -> Any:
            return sorted(follows, key=lambda follow: follow.url, reverse=True)

    async def api(request: web.Request) -> str:
        assert (request.method, await request.read()) == ("POST", b'{"id": 7}')
        return "chapter /c/1\nchapter /c/2"

    world.spider = Spider
    world.politeness = type(world.politeness)(0, 0, 1)
    world.site.put("/", api)
    assert world.run().error is None
    assert world.site.paths() == ["/", "/c/2", "/c/1"]


def test_the_spiders_settings_add_a_middleware_and_change_nothing_fixed(world: Any) -> None:
    class Spider(world.spider):  # type: ignore[misc]
        custom_settings = {  # noqa: RUF012 - as authors write it
            "DOWNLOADER_MIDDLEWARES": {Stamp: 500},
            "CONCURRENT_REQUESTS": 500,
            "TELNETCONSOLE_ENABLED": True,
            "SCHEDULER": "scrapy.core.scheduler.Scheduler",
        }

    world.spider = Spider
    world.site.put("/", "text")
    assert world.run().error is None
    assert world.site.hit("/").headers["x-stamp"] == "1"


class Stamp:
    def process_request(self, request: scrapy.Request) -> None:
        request.headers["X-Stamp"] = "1"


@pytest.mark.parametrize("method", ["process_request", "process_response"])
def test_a_middleware_of_the_source_that_raises_ends_the_crawl(world: Any, method: str) -> None:
    middleware = type("Middleware", (), {method: _broken})
    world.spider = type(
        "Spider",
        (world.spider,),
        {"custom_settings": {"DOWNLOADER_MIDDLEWARES": {middleware: 500}}},
    )
    world.site.put("/", "text")
    outcome = world.run()
    assert outcome.error is not None
    assert "chapters" in str(outcome.error)


def _broken(self: Any, request: Any = None, response: Any = None) -> Any:
    raise KeyError("chapters")


def test_a_spider_that_cannot_be_made_is_a_plugin_error(world: Any) -> None:
    world.spider = type("Spider", (world.spider,), {"__init__": _fails})
    outcome = world.run()
    assert isinstance(outcome.error, PluginError)
    assert "failed in its spider" in str(outcome.error)


def test_a_spider_that_requests_by_itself_is_a_plugin_error(world: Any) -> None:
    world.spider = type("Spider", (world.spider,), {"start_urls": [HOME + "else"]})
    world.site.put("/", "text")
    outcome = world.run()
    assert isinstance(outcome.error, PluginError)
    assert "itself" in str(outcome.error)
    assert "/else" not in world.site.paths()


def test_a_pause_may_be_found_out_by_the_spider(world: Any) -> None:
    class Spider(world.spider):  # type: ignore[misc]
        def check(self, page: Page) -> None:
            if b"slow down" in page.body:
                raise RateLimited("Slow down.", retry_after=0.002, url=page.url)

    world.spider = Spider
    world.site.put("/", "slow down", "text")
    outcome = world.run()
    assert (outcome.error, world.delegate.bodies) == (None, {HOME: b"text"})


@pytest.mark.parametrize("method", ["archive", "plan", "validators", "load_robots"])
def test_a_delegate_that_raises_ends_the_crawl_with_its_own_error(world: Any, method: str) -> None:
    assert hasattr(CrawlDelegate, method)

    class Broken(type(world.delegate)):  # type: ignore[misc]
        pass

    setattr(Broken, method, _fails)
    world.delegate = Broken()
    world.site.put("/", "chapter /c/1")
    outcome = world.run()
    assert isinstance(outcome.error, KeyError)
