from __future__ import annotations

from typing import Any, ClassVar

import pytest
from aiohttp import web

from novel_core.errors import AddressRefused, PageChanged, RedirectRefused
from novel_core.page import Follow
from novel_core.source import PageKind

HOME = "https://www.example.org/"


def to(location: str, status: int = 302) -> Any:
    return lambda _: web.Response(status=status, headers={"Location": location})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirected_page_knows_both_its_addresses(world: Any, status: int) -> None:
    world.site.put("/", to("/fiction/7/title", status))
    world.site.put("/fiction/7/title", "chapter c/1")
    world.site.put("/fiction/7/c/1", "text")
    outcome = world.run()
    assert (outcome.error, outcome.counts.pages, outcome.counts.expected) == (None, 2, 2)
    index = world.delegate.pages[0]
    assert (index.url, index.requested_url) == (HOME + "fiction/7/title", HOME)


def test_a_redirect_to_the_canonical_host_stays_on_the_mapped_one(world: Any) -> None:
    world.site.put("/", to(HOME + "there"))
    world.site.put("/there", "text")
    assert world.run().error is None
    assert world.site.paths() == ["/", "/there"]


def test_a_redirect_to_another_host_of_the_source_is_followed(world: Any) -> None:
    world.hosts = world.domains = ("www.example.org", "m.example.org")
    world.site.put("/", to("//m.example.org/there"))
    world.site.put("m.example.org/there", "text")
    assert world.run().error is None
    assert world.delegate.pages[0].url == "https://m.example.org/there"


def test_cookies_do_not_follow_to_another_host(world: Any) -> None:
    class Spider(world.spider):  # type: ignore[misc]
        cookies = {"adult": "yes"}  # noqa: RUF012 - as authors write it

    world.spider = Spider
    world.hosts = world.domains = ("www.example.org", "m.example.org")
    world.site.put("/", to("/here"))
    world.site.put("/here", to("https://m.example.org/there"))
    world.site.put("m.example.org/there", "text")
    assert world.run().error is None
    assert world.site.hit("/here").headers["cookie"] == "adult=yes"
    assert "cookie" not in world.site.hit("/there", "m.example.org").headers


@pytest.mark.parametrize(
    "location",
    ["https://elsewhere.example/", "ftp://www.example.org/", "javascript:alert(1)", "http://[bad/"],
)
def test_a_redirect_that_leaves_the_source_is_refused(world: Any, location: str) -> None:
    world.hosts = ("www.example.org", "elsewhere.example")
    world.site.put("elsewhere.example/", "not to be read")
    world.site.put("/", to(location))
    outcome = world.run()
    assert isinstance(outcome.error, RedirectRefused)
    assert world.site.paths("elsewhere.example") == []
    assert [type(problem) for _, problem in world.delegate.problems] == [RedirectRefused]


def test_a_chapter_that_redirects_away_is_one_chapter_less(world: Any) -> None:
    world.site.put("/", "chapter /c/1\nchapter /c/2")
    world.site.put("/c/1", to("https://ads.example/"))
    world.site.put("/c/2", "text")
    outcome = world.run()
    assert outcome.error is None
    assert isinstance(outcome.failures[HOME + "c/1"], RedirectRefused)


def sets_a_cookie(request: web.Request) -> web.Response:
    """Lets nobody in who does not bring the cookie that it sets."""
    if request.cookies.get("seen") == "yes":
        return web.Response(text="chapter /c/1\nimage /a.png\nimage https://cdn.example/b.png")
    return web.Response(status=302, headers={"Location": "/", "Set-Cookie": "seen=yes; Path=/"})


def test_a_site_that_sets_a_cookie_and_redirects_to_itself_is_read(world: Any) -> None:
    world.hosts = ("www.example.org", "cdn.example")
    world.site.put("/", sets_a_cookie)
    world.site.put("/c/1", "text")
    outcome = world.run()
    assert outcome.error is None
    assert world.site.hit("/c/1").headers["cookie"] == "seen=yes"
    assert "cookie" not in world.site.hit("/a.png").headers
    assert "cookie" not in world.site.hit("/b.png", "cdn.example").headers
    assert not [page for page in world.delegate.pages if "set-cookie" in page.headers]
    # The next run begins without it.
    world.site.hits.clear()
    assert world.run().error is None
    assert "cookie" not in world.site.hit("/").headers


def test_a_cookie_of_the_source_counts_more_than_the_sites(world: Any) -> None:
    class Adult(world.spider):
        cookies: ClassVar[dict[str, str]] = {"seen": "mine"}

    world.spider = Adult
    page = web.Response(text="chapter /c/1", headers={"Set-Cookie": "seen=theirs; Path=/"})
    page.headers.add("Set-Cookie", "more=1; Path=/; Domain=example.org")
    world.site.put("/", page)
    world.site.put("/c/1", "text")
    assert world.run().error is None
    assert world.site.hit("/c/1").headers["cookie"] == "seen=mine; more=1"


def test_redirects_that_never_end_are_refused(world: Any) -> None:
    world.settings["max_redirects"] = 3
    world.site.put("/", to("/again"))
    world.site.put("/again", to("/"))
    outcome = world.run()
    assert isinstance(outcome.error, RedirectRefused)
    assert "never ended" in str(outcome.error)
    assert world.site.paths() == ["/", "/again", "/", "/again"]


def test_a_redirect_without_a_target_is_refused(world: Any) -> None:
    world.site.put("/", lambda _: web.Response(status=302))
    assert isinstance(world.run().error, RedirectRefused)


def test_an_image_redirected_to_a_private_address_is_refused(world: Any) -> None:
    world.site.put("/", "image /cover.png")
    world.site.put("/cover.png", to("http://169.254.169.254/latest/meta-data"))
    outcome = world.run()
    assert outcome.error is None
    assert isinstance(outcome.failures[HOME + "cover.png"], AddressRefused)


@pytest.mark.parametrize(
    "url", ["https://elsewhere.example/c/1", "ftp://www.example.org/c/1", "data:text/html,x"]
)
def test_a_page_elsewhere_is_never_requested(world: Any, url: str) -> None:
    world.site.put("/", f"chapter {url}")
    outcome = world.run()
    assert outcome.error is None
    assert isinstance(outcome.failures[url], PageChanged)
    assert (outcome.counts.pages, outcome.counts.expected) == (1, 2)


def test_an_index_elsewhere_ends_the_crawl_before_it_begins(world: Any) -> None:
    outcome = world.run(Follow("https://elsewhere.example/", PageKind.INDEX))
    assert isinstance(outcome.error, PageChanged)
    assert outcome.counts.requests == 0
