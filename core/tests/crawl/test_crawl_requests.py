"""Requests with a method, headers and a body of their own: the crawl's rules hold for them too."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web

from novel_core.errors import Blocked, PageChanged, PluginError, RedirectRefused
from novel_core.page import Follow, Page, Parser
from novel_core.source import PageKind

HOME = "https://www.example.org/"
API = f"{HOME}api"


def posted(body: bytes, **more: Any) -> Follow:
    return Follow(API, PageKind.INDEX, method="POST", body=body, **more)


@pytest.fixture
def api(world: Any) -> Any:
    """A site whose API answers with what it was sent."""

    async def answer(request: web.Request) -> str:
        headers = request.headers
        sent = (await request.read()).decode()
        return f"{request.method} {headers.get('Content-Type')} {headers.get('X-Key')} {sent}"

    world.site.put("/api", answer)
    return world


def test_method_headers_and_body_are_sent(api: Any) -> None:
    headers = {"Content-Type": "application/json", "X-Key": "k"}
    outcome = api.run(posted(b'{"page": 1}', headers=headers, context={"page": 1}))
    assert outcome.error is None
    [page] = api.delegate.pages
    assert page.text == 'POST application/json k {"page": 1}'
    assert (page.method, page.request_body, page.context) == ("POST", b'{"page": 1}', {"page": 1})
    assert (page.requested_url, page.key) == (API, posted(b'{"page": 1}').key)


def test_a_body_is_a_form_unless_it_says_otherwise(api: Any) -> None:
    api.run(posted(b"page=1"))
    assert api.delegate.pages[0].text.startswith("POST application/x-www-form-urlencoded None")


def test_the_engines_own_headers_win_and_the_spiders_are_sent_too(api: Any) -> None:
    api.spider = type("Spider", (api.spider,), {"headers": {"X-Key": "spider", "X-Spider": "1"}})
    api.run(
        posted(b"", headers={"X-Key": "follow", "User-Agent": "Mozilla/5.0", "Host": "a.example"})
    )
    hit = api.site.hit("/api")
    assert (hit.headers["x-key"], hit.headers["x-spider"]) == ("follow", "1")
    assert hit.headers["user-agent"].startswith("NovelIngestion/")


def test_robots_txt_holds_for_every_method(api: Any) -> None:
    api.site.put("/robots.txt", "User-agent: *\nDisallow: /api")
    outcome = api.run(posted(b"page=1"))
    assert isinstance(outcome.error, Blocked)
    assert api.site.paths() == []


def test_a_request_with_a_body_stays_on_the_sources_hosts(api: Any) -> None:
    away = Follow("https://elsewhere.example/api", PageKind.INDEX, method="POST", body=b"a=1")
    outcome = api.run(away)
    assert isinstance(outcome.error, PageChanged)
    assert "not one of its own hosts" in str(outcome.error)
    assert api.site.hits == []


@pytest.mark.parametrize(
    ("status", "expected"), [(303, "GET None None "), (302, "GET None None "), (307, "POST")]
)
def test_redirects_of_a_form(api: Any, status: int, expected: str) -> None:
    api.site.put("/form", web.Response(status=status, headers={"Location": "/api"}))
    follow = Follow(f"{HOME}form", PageKind.INDEX, method="POST", body=b"page=1")
    assert api.run(follow).error is None
    [page] = api.delegate.pages
    assert page.text.startswith(expected)
    assert (page.url, page.key) == (API, follow.key)


def test_a_form_is_not_redirected_to_another_host(api: Any) -> None:
    api.hosts = (*api.hosts, "elsewhere.example")
    api.site.put(
        "/form", web.Response(status=307, headers={"Location": "https://elsewhere.example/"})
    )
    follow = Follow(f"{HOME}form", PageKind.INDEX, method="POST", body=b"page=1")
    assert isinstance(api.run(follow).error, RedirectRefused)
    assert api.site.paths("elsewhere.example") == []


def test_a_parser_whose_follow_has_a_cookie_is_named(world: Any) -> None:
    class Greedy(Parser):
        def parse(self, page: Page) -> Any:
            raise NotImplementedError

        def follow(self, page: Page) -> list[Follow]:
            return [Follow(API, PageKind.INDEX, headers={"Cookie": "session=1"})]

    world.parser = Greedy()
    world.site.put("/", "text")
    outcome = world.run()
    assert isinstance(outcome.error, PluginError)
    assert "A Follow has no header Cookie: the spider sends it." in str(outcome.error)


def test_a_failed_request_is_sent_again_with_its_body(api: Any) -> None:
    async def second(request: web.Request) -> str:
        return (await request.read()).decode()

    api.site.put("/api", web.Response(status=500), second)
    assert api.run(posted(b"page=1")).error is None
    assert api.delegate.pages[0].text == "page=1"
