from __future__ import annotations

import io
import struct
from contextlib import suppress
from typing import Any

import pytest
from aiohttp import web
from PIL import Image

from novel_core.errors import Blocked, NotFound, PageBroken, PageChanged, PageTooLarge
from novel_core.page import Page

HOME = "https://www.example.org/"
IMAGE = "https://images.example/1.png"


def picture(kind: str, size: int = 9) -> bytes:
    written = io.BytesIO()
    Image.effect_noise((size, size), 60).convert("RGB").save(written, kind)
    return written.getvalue()


PNG = picture("PNG")
LARGE = picture("PNG", 600)


def with_comment(words: bytes) -> bytes:
    """A JPEG whose comment reads like a document."""
    body = picture("JPEG")
    return body[:2] + b"\xff\xfe" + struct.pack(">H", len(words) + 2) + words + body[2:]


def served(body: bytes, content_type: str, status: int = 200) -> Any:
    headers = {"Content-Type": content_type} if content_type else {}
    return lambda _: web.Response(body=body, headers=headers, status=status)


@pytest.fixture
def gallery(world: Any) -> Any:
    world.hosts = ("www.example.org", "images.example")
    world.site.put("/", f"image {IMAGE}\nchapter /c/1")
    world.site.put("/c/1", "text")
    return world


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("image/png", PNG),
        ("image/jpeg; charset=binary", PNG),
        ("IMAGE/WebP", picture("WEBP")),
        ("IMAGE/PNG", LARGE),
        ("application/octet-stream", LARGE),
        ("binary/octet-stream", PNG),
        ("text/plain", PNG),
        ("", LARGE),
        ("image/svg+xml", PNG),
        ("image/jpeg", with_comment(b'<?xml version="1.0"?><!DOCTYPE plist><plist/>')),
        ("image/jpg", with_comment(b"<html><script>")),
        ("image/*", picture("GIF")),
        ("text/html; charset=utf-8", picture("AVIF")),
    ],
)
def test_an_image_of_another_host_is_kept_whatever_its_label(
    gallery: Any, content_type: str, body: bytes
) -> None:
    gallery.site.put("images.example/1.png", served(body, content_type))
    outcome = gallery.run()
    assert (outcome.error, outcome.failures, outcome.counts.pages) == (None, {}, 3)
    assert gallery.delegate.bodies[IMAGE] == body


@pytest.mark.parametrize("body", [LARGE[:-20], PNG[:50], picture("JPEG", 90)[:-2]])
def test_an_image_without_its_end_is_not_kept_as_whole(gallery: Any, body: bytes) -> None:
    gallery.site.put("images.example/1.png", served(body, "image/png"))
    outcome = gallery.run()
    assert isinstance(outcome.failures[IMAGE], PageBroken)
    assert "without its end" in outcome.failures[IMAGE].message


def test_a_larger_image_than_is_permitted_is_refused_not_cut(gallery: Any) -> None:
    async def in_pieces(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "application/octet-stream"})
        await answer.prepare(request)
        with suppress(ConnectionError):
            for start in range(0, len(LARGE), 50_000):
                await answer.write(LARGE[start : start + 50_000])
        return answer

    assert len(LARGE) > 800_000
    gallery.settings["max_image_bytes"] = 700_000
    gallery.site.put("images.example/1.png", in_pieces)
    assert isinstance(gallery.run().failures[IMAGE], PageTooLarge)


async def _latin_headers(request: web.Request) -> web.StreamResponse:
    """A page whose headers are Latin-1, written by hand: servers of today would not."""
    request.transport.write(  # type: ignore[union-attr]
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 4\r\nConnection: close\r\n"
        b'X-Author: J\xf6rg\r\nContent-Disposition: inline; filename="caf\xe9.html"\r\n\r\ntext'
    )
    request.transport.close()  # type: ignore[union-attr]
    return web.Response()


async def _latin_redirect(request: web.Request) -> web.StreamResponse:
    request.transport.write(  # type: ignore[union-attr]
        b"HTTP/1.1 302 Found\r\nLocation: /c/caf\xe9\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )
    request.transport.close()  # type: ignore[union-attr]
    return web.Response()


def test_headers_are_bytes_of_any_encoding(world: Any) -> None:
    world.site.put("/", "chapter /c/1")
    world.site.put("/c/1", _latin_headers)
    outcome = world.run()
    assert (outcome.error, outcome.failures) == (None, {})
    [page] = [page for page in world.delegate.pages if page.url.endswith("/c/1")]
    assert (page.headers["x-author"], page.body) == ("J\xf6rg", b"text")
    assert page.headers["content-disposition"] == 'inline; filename="caf\xe9.html"'


def test_a_redirect_in_latin_letters_is_followed(world: Any) -> None:
    world.site.put("/", "chapter /c/1")
    world.site.put("/c/1", _latin_redirect)
    world.site.put("/c/caf%E9", "text")
    outcome = world.run()
    assert (outcome.error, outcome.failures) == (None, {})
    assert world.site.paths()[-1] == "/c/caf%E9"


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
    from novel_core.requests import PageRequest

    class Spider(gallery.spider):  # type: ignore[misc]
        def make_request(self, follow: Any) -> Any:
            return PageRequest(follow.url, headers={"Cookie": "a=1", "Authorization": "x"})

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
        (b"\xef\xbb\xbf<svg/>", "image/png"),
        (b"not found", "image/png"),
        (b"no" * 200_000, ""),
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
    body = with_comment(b"are you human\nchapter /c/2")
    gallery.site.put("images.example/1.png", served(body, "image/png"))
    outcome = gallery.run()
    assert (outcome.error, outcome.failures) == (None, {})
    assert gallery.site.paths() == ["/", "/c/1"]
