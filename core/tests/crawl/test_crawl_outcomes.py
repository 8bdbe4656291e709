"""Outcomes that a spider or a parser finds on a page, whatever its status; and gates that are confirmed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from aiohttp import web

from novel_core.errors import (
    Blocked,
    Gated,
    Locked,
    LoginRequired,
    Maintenance,
    NotFound,
    NotYet,
    PageChanged,
    SourceError,
)
from novel_core.page import Follow, Page
from novel_core.requests import PageRequest
from novel_core.source import PageKind

HOME = "https://www.example.org/"
ALLOWED = {"sources": {"example": {"confirm_gates": True}}}


def _raised(page: Page) -> None:
    match page.text.split(" ")[0]:
        case "gate":
            target = page.text.split(" ")[1] if " " in page.text else ""
            method = "POST" if target == "/confirm" else "GET"
            body = b"age=18" if target == "/confirm" else b""
            link = HOME.rstrip("/") + target
            confirm = PageRequest(link, method, body=body) if target else None
            raise Gated("The page asks for the reader's age.", confirm=confirm, url=page.url)
        case "locked":
            raise Locked("For members only.", url=page.url)
        case "maintenance":
            raise Maintenance("Back soon.", retry_after=60.0, url=page.url)
        case "closed":
            raise Maintenance("Back some time.", url=page.url)
        case "gone":
            raise NotFound("It is gone.", url=page.url)
        case "login":
            raise LoginRequired("Log in.", url=page.url)
        case "blocked":
            raise Blocked("No.", url=page.url)
        case "later":
            raise NotYet("Tomorrow.", url=page.url)


def _by_spider(world: Any) -> None:
    world.spider = type("Spider", (world.spider,), {"check": lambda _, page: _raised(page)})


def _by_parser(world: Any) -> None:
    follow: Callable[[Any, Page], Sequence[Follow]] = type(world.parser).follow

    def checked(self: Any, page: Page) -> Sequence[Follow]:
        _raised(page)
        return follow(self, page)

    world.parser = type("Checking", (type(world.parser),), {"follow": checked})()


def _by_check_of_parser(world: Any) -> None:
    check = {"check": lambda _, page: _raised(page)}
    world.parser = type("Checking", (type(world.parser),), check)()


#: Who finds the outcome.
BY = pytest.mark.parametrize("by", [_by_spider, _by_parser])


@pytest.mark.parametrize(
    ("by", "status"),
    [
        (_by_spider, 200),
        (_by_spider, 403),
        (_by_spider, 500),
        (_by_parser, 200),
        (_by_check_of_parser, 403),
        (_by_check_of_parser, 500),
    ],
)
@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("gone", NotFound),
        ("login", LoginRequired),
        ("blocked", Blocked),
        ("later", NotYet),
        ("locked", Locked),
        ("maintenance", Maintenance),
        ("gate", Gated),
    ],
)
def test_an_outcome_is_found_under_any_status(
    world: Any, by: Callable[[Any], None], status: int, word: str, expected: type[SourceError]
) -> None:
    by(world)
    world.site.put("/", web.Response(status=status, text=word))
    outcome = world.run()
    assert type(outcome.error) is expected
    assert world.site.paths() == ["/"]


@pytest.mark.parametrize(
    ("by", "status"),
    [(_by_spider, 200), (_by_spider, 503), (_by_parser, 200), (_by_check_of_parser, 503)],
)
def test_maintenance_without_a_time_lasts_as_long_as_the_response_says(
    world: Any, by: Callable[[Any], None], status: int
) -> None:
    by(world)
    answer = web.Response(status=status, text="closed", headers={"Retry-After": "90"})
    world.site.put("/", answer)
    error = world.run().error
    assert type(error) is Maintenance
    assert error.retry_after == 90


def test_a_challenge_is_no_outcome_of_a_parser(world: Any) -> None:
    _by_check_of_parser(world)
    world.site.put(
        "/", web.Response(status=403, text="login", headers={"cf-mitigated": "challenge"})
    )
    assert type(world.run().error) is Blocked


@BY
@pytest.mark.parametrize("word", ["gone", "login", "later", "locked", "gate"])
def test_one_such_chapter_does_not_end_the_crawl(world: Any, by: Any, word: str) -> None:
    by(world)
    world.site.put("/", "chapter /c/1\nchapter /c/2")
    world.site.put("/c/1", word)
    world.site.put("/c/2", "text")
    outcome = world.run()
    assert outcome.error is None
    assert list(outcome.failures) == [f"{HOME}c/1"]
    assert f"{HOME}c/2" in world.delegate.bodies


@BY
@pytest.mark.parametrize("word", ["blocked", "maintenance"])
def test_what_concerns_the_whole_site_ends_the_crawl(world: Any, by: Any, word: str) -> None:
    by(world)
    world.politeness = type(world.politeness)(0, 0, 1)
    world.site.put("/", "chapter /c/1\nchapter /c/2")
    world.site.put("/c/1", word)
    outcome = world.run()
    assert outcome.error is not None
    assert outcome.error.code == word
    assert world.site.paths() == ["/", "/c/1"]


def _gated(cookie: str) -> Callable[[web.Request], web.StreamResponse]:
    """The page, for those who have the cookie or the parameter; the gate for others."""

    def answer(request: web.Request) -> web.StreamResponse:
        is_open = cookie in request.headers.get("Cookie", "") or "adult" in request.query
        gate = f"gate {'/confirm' if cookie == 'old=1' else '/?adult=yes'}"
        response = web.Response(text="chapter /c/1" if is_open else gate)
        if "adult" in request.query:
            response.set_cookie("old", "1")
        return response

    return answer


def _door(request: web.Request) -> web.StreamResponse:
    assert request.method == "POST"
    response = web.json_response({"ok": True})
    response.set_cookie("old", "1")
    return response


@BY
@pytest.mark.parametrize("cookie", ["old=1", "no cookie"])
def test_a_gate_is_confirmed_if_the_user_allows_it(world: Any, by: Any, cookie: str) -> None:
    by(world)
    world.settings = ALLOWED
    world.site.put("/", _gated(cookie))
    world.site.put("/confirm", _door)
    world.site.put("/c/1", lambda request: f"text {request.headers.get('Cookie')}")
    outcome = world.run()
    assert outcome.error is None
    # Cookies of the gate are kept for the crawl, so no other page is gated.
    assert world.delegate.bodies[f"{HOME}c/1"] == b"text old=1"
    expected = ["/", "/confirm", "/", "/c/1"] if cookie == "old=1" else ["/", "/", "/c/1"]
    assert world.site.paths() == expected
    index = world.delegate.pages[-2]
    assert (index.requested_url, index.key, index.method) == (HOME, HOME, "GET")


@BY
def test_a_gate_is_not_confirmed_unless_the_user_allows_it(world: Any, by: Any) -> None:
    by(world)
    world.site.put("/", _gated("old=1"))
    outcome = world.run()
    assert isinstance(outcome.error, Gated)
    assert "NOVEL_SOURCES__EXAMPLE__CONFIRM_GATES=true" in outcome.error.hint
    assert world.site.paths() == ["/"]


def test_a_gate_is_confirmed_once(world: Any) -> None:
    _by_spider(world)
    world.settings = ALLOWED
    world.site.put("/", "gate /confirm")
    world.site.put("/confirm", _door)
    outcome = world.run()
    assert isinstance(outcome.error, Gated)
    assert "asks again" in outcome.error.hint
    assert world.site.paths() == ["/", "/confirm", "/"]


def test_a_gate_leads_to_the_sources_hosts_and_keeps_robots_txt(world: Any) -> None:
    _by_spider(world)
    world.settings = ALLOWED
    away = PageRequest("https://elsewhere.example/age")

    def check(_: Any, page: Page) -> None:
        raise Gated("How old?", confirm=away, url=page.url)

    world.spider = type("Spider", (world.spider,), {"check": check})
    world.site.put("/", "text")
    assert isinstance(world.run().error, PageChanged)
    _by_spider(world)
    world.delegate.robots.clear()
    world.site.put("/robots.txt", "User-agent: *\nDisallow: /confirm")
    world.site.put("/", "gate /confirm")
    assert isinstance(world.run().error, Blocked)
    assert "/confirm" not in world.site.paths()


def test_a_gate_that_redirects_to_the_page_is_one_request_more(world: Any) -> None:
    _by_spider(world)
    world.settings = ALLOWED

    def answer(request: web.Request) -> str:
        return "text" if "old=1" in request.headers.get("Cookie", "") else "gate /confirm"

    def door(request: web.Request) -> web.StreamResponse:
        response = web.Response(status=303, headers={"Location": "/"})
        response.set_cookie("old", "1")
        return response

    world.site.put("/", answer)
    world.site.put("/confirm", door)
    assert world.run().error is None
    assert world.site.paths() == ["/", "/confirm", "/"]
    assert world.delegate.bodies == {HOME: b"text"}


def test_a_page_that_a_parser_finds_broken_is_requested_once_more(world: Any) -> None:
    from novel_core.errors import PageBroken

    def follow(_: Any, page: Page) -> Sequence[Follow]:
        if page.text == "half":
            raise PageBroken("It is cut.", url=page.url)
        return ()

    world.parser = type("Parser", (type(world.parser),), {"follow": follow})()
    world.site.put("/", "half", "whole")
    assert world.run().error is None
    assert world.site.paths() == ["/", "/"]


def test_an_optional_page_never_ends_the_crawl(world: Any) -> None:
    _by_spider(world)
    follow = Follow(f"{HOME}extra", PageKind.INDEX, is_optional=True)
    for answer in ("blocked", "maintenance", "gone", web.Response(status=404)):
        world.site.put("/extra", answer)
        outcome = world.run(follow)
        assert outcome.error is None
        assert list(outcome.failures) == [f"{HOME}extra"]
