from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web

from novel_core.errors import Blocked, NotFound, PageBroken, PageChanged
from novel_core.page import Page

HOME = "https://www.example.org/"
IMAGE = "https://images.example/1.png"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


def served(body: bytes, content_type: str, status: int = 200) -> Any:
    return lambda _: web.Response(body=body, headers={"Content-Type": content_type}, status=status)


@pytest.fixture
def gallery(world: Any) -> Any:
    world.hosts = ("www.example.org", "images.example")
    world.site.put("/", f"image {IMAGE}\nchapter /c/1")
    world.site.put("/c/1", "text")
    return world


@pytest.mark.parametrize("content_type", ["image/png", "image/jpeg; charset=binary", "IMAGE/WebP"])
def test_an_image_of_another_host_is_kept(gallery: Any, content_type: str) -> None:
    gallery.site.put("images.example/1.png", served(PNG, content_type))
    outcome = gallery.run()
    assert (outcome.error, outcome.failures, outcome.counts.pages) == (None, {}, 3)
    assert gallery.delegate.bodies[IMAGE] == PNG


def test_an_image_is_asked_for_without_cookies_and_without_the_spiders_headers(
    gallery: Any,
) -> None:
    class Spider(gallery.spider):  # type: ignore[misc]
        cookies = {"adult": "yes"}  # noqa: RUF012 - as authors write it
        headers = {"X-Api-Key": "1", "Authorization": "Basic eA=="}  # noqa: RUF012

    gallery.spider = Spider
    gallery.site.put("images.example/1.png", served(PNG, "image/png"))
    gallery.run()
    page, image = gallery.site.hit("/"), gallery.site.hit("/1.png", "images.example")
    assert (page.headers["cookie"], page.headers["x-api-key"]) == ("adult=yes", "1")
    assert {"cookie", "authorization", "x-api-key", "referer"} & set(image.headers) == set()


def test_a_spider_that_sends_its_cookies_everywhere_still_does_not(gallery: Any) -> None:
    import scrapy

    class Spider(gallery.spider):  # type: ignore[misc]
        def make_request(self, follow: Any) -> Any:
            return scrapy.Request(follow.url, headers={"Cookie": "a=1", "Authorization": "x"})

    gallery.spider = Spider
    gallery.site.put("images.example/1.png", served(PNG, "image/png"))
    gallery.run()
    assert gallery.site.hit("/").headers["cookie"] == "a=1"
    image = gallery.site.hit("/1.png", "images.example")
    assert {"cookie", "authorization"} & set(image.headers) == set()


def test_a_password_in_an_address_is_not_sent(gallery: Any) -> None:
    gallery.site.put("/", "image https://reader:secret@images.example/1.png")
    gallery.site.put("images.example/1.png", served(PNG, "image/png"))
    gallery.run()
    assert "authorization" not in gallery.site.hit("/1.png", "images.example").headers
    assert set(gallery.delegate.robots) == {"https://www.example.org", "https://images.example"}


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
        (b"<?xml version='1.0'?><svg/>", "image/png"),
        (b"  \n<SVG onload='x()'>", "image/jpeg"),
        (b"<!DOCTYPE html><title>Sign in</title>", "image/png"),
        (b"<html>Sign in</html>", "text/html"),
        (PNG, "application/octet-stream"),
        (b"", "image/png"),
    ],
)
def test_what_is_no_image_is_refused(gallery: Any, body: bytes, content_type: str) -> None:
    gallery.site.put("images.example/1.png", served(body, content_type))
    outcome = gallery.run()
    assert outcome.error is None
    assert isinstance(outcome.failures[IMAGE], PageBroken)
    assert outcome.failures[IMAGE].hint == "The text is complete without it."
    assert gallery.site.paths("images.example") == ["/1.png"]


@pytest.mark.parametrize(("status", "expected"), [(403, Blocked), (404, NotFound)])
def test_an_image_that_is_refused_costs_the_image_only(
    gallery: Any, status: int, expected: type[Exception]
) -> None:
    gallery.site.put("images.example/1.png", served(b"no", "text/plain", status))
    outcome = gallery.run()
    assert outcome.error is None
    assert isinstance(outcome.failures[IMAGE], expected)
    assert outcome.counts.pages == 2


@pytest.mark.parametrize(
    "url", ["data:image/png;base64,AAAA", "http://[bad/1.png", "http://", "https://a:99999/x.png"]
)
def test_an_address_that_is_none_costs_the_image_only(gallery: Any, url: str) -> None:
    gallery.site.put("/", f"image {url}\nchapter /c/1")

    class Parser(type(gallery.parser)):  # type: ignore[misc]
        def follow(self, page: Page) -> Any:
            from novel_core.page import Follow
            from novel_core.source import PageKind

            return [Follow(url, PageKind.IMAGE)] if page.kind is PageKind.INDEX else []

    gallery.parser = Parser()
    outcome = gallery.run()
    assert outcome.error is None
    assert isinstance(outcome.failures[url], PageChanged)


def test_an_image_is_neither_checked_nor_parsed(gallery: Any) -> None:
    gallery.site.put("images.example/1.png", served(b"are you human\nchapter /c/2", "image/png"))
    outcome = gallery.run()
    assert (outcome.error, outcome.failures) == (None, {})
    assert gallery.site.paths() == ["/", "/c/1"]
