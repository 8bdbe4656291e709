from __future__ import annotations

import gzip
import tracemalloc
from typing import Any

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard
from aiohttp import web

from novel_core.errors import NotFound, PageBroken, PageTooLarge, SiteUnavailable
from novel_core.page import Follow
from novel_core.source import PageKind

HOME = "https://www.example.org/"
MEGABYTE = 2**20


def packed(encoding: str, body: bytes) -> Any:
    return lambda _: web.Response(
        body=body, headers={"Content-Encoding": encoding, "Content-Type": "text/html"}
    )


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [("gzip", gzip.compress), ("br", brotli.compress), ("zstd", zstandard.compress)],
)
def test_a_packed_page_is_kept_unpacked(world: Any, encoding: str, pack: Any) -> None:
    world.site.put("/", packed(encoding, pack(b"chapter /c/1")))
    world.site.put("/c/1", packed(encoding, pack(b"text " * 1000)))
    assert world.run().error is None
    assert world.delegate.bodies[HOME + "c/1"] == b"text " * 1000
    assert encoding in world.site.hit("/").headers["accept-encoding"]


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("br", lambda data: brotli.compress(data, quality=1)),
        ("zstd", zstandard.compress),
    ],
)
def test_a_bomb_ends_at_the_limit_without_going_off(world: Any, encoding: str, pack: Any) -> None:
    world.settings["max_page_bytes"] = MEGABYTE
    world.site.put("/", "chapter /c/1")
    world.site.put("/c/1", packed(encoding, pack(bytes(64 * MEGABYTE))))
    tracemalloc.start()
    try:
        outcome = world.run()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert isinstance(outcome.failures[HOME + "c/1"], PageTooLarge)
    assert peak < 16 * MEGABYTE


@pytest.mark.parametrize("kind", list(PageKind))
@pytest.mark.parametrize("announced", [True, False])
def test_each_kind_of_page_has_its_limit(world: Any, kind: PageKind, announced: bool) -> None:
    setting = {"index": "max_index_bytes", "chapter": "max_page_bytes", "image": "max_image_bytes"}
    world.settings[setting[kind]] = 10_000
    world.essential = kind is PageKind.INDEX
    content_type = "image/png" if kind is PageKind.IMAGE else "text/html"

    def answer(request: web.Request) -> Any:
        if announced:
            return web.Response(body=b"x" * 10_001, content_type=content_type)
        return _typed_stream(request, content_type)

    world.site.put("/page", answer)
    outcome = world.run(Follow(HOME + "page", kind))
    error = outcome.error or outcome.failures[HOME + "page"]
    assert isinstance(error, PageTooLarge)
    assert "10,000 bytes" in str(error)
    assert world.site.paths() == ["/page"]


async def _typed_stream(request: web.Request, content_type: str) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": content_type})
    await response.prepare(request)
    for _ in range(64):
        await response.write(b"x" * 1024)
    return response


def test_a_page_as_large_as_the_limit_is_kept(world: Any) -> None:
    world.settings["max_index_bytes"] = 10_000
    world.site.put("/", "x" * 10_000)
    assert world.run().error is None


def test_of_a_large_error_page_the_beginning_is_kept(world: Any) -> None:
    kept: list[int] = []

    async def note(page: Any) -> None:
        kept.append(len(page.body))

    world.delegate.on_archive = note
    world.site.put("/", lambda _: web.Response(status=404, body=b"x" * MEGABYTE))
    assert isinstance(world.run().error, NotFound)
    assert kept == [256 * 1024]


async def _cut_off(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000", "Content-Type": "text/html"})
    await response.prepare(request)
    await response.write(b"only this")
    assert request.transport is not None
    request.transport.close()
    return response


def test_a_page_that_is_cut_off_is_asked_for_again(world: Any) -> None:
    world.site.put("/", _cut_off, _cut_off, "all of it")
    outcome = world.run()
    assert outcome.error is None
    assert world.delegate.bodies == {HOME: b"all of it"}
    assert world.site.paths() == ["/"] * 3


def test_a_page_that_is_always_cut_off_is_broken(world: Any) -> None:
    world.settings["retry_times"] = 2
    world.site.put("/", _cut_off)
    assert isinstance(world.run().error, PageBroken)
    assert world.site.paths() == ["/"] * 3


def test_a_packed_page_that_ends_too_early_is_broken(world: Any) -> None:
    world.site.put("/", packed("gzip", gzip.compress(b"text " * 10_000)[:-20]))
    assert isinstance(world.run().error, PageBroken)


async def _hang_up(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.close()
    return web.Response()


def test_a_server_that_hangs_up_is_unavailable(world: Any) -> None:
    world.settings["retry_times"] = 1
    world.site.put("/", _hang_up)
    outcome = world.run()
    assert isinstance(outcome.error, SiteUnavailable)
    assert len(world.site.paths()) >= 2


def test_a_server_that_is_not_there_is_unavailable(world: Any) -> None:
    world.settings |= {"retry_times": 1, "host_map": {"www.example.org": "http://127.0.0.1:9"}}
    assert isinstance(world.run().error, SiteUnavailable)
