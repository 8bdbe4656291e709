"""Reading a body: decoded on the way, never more than its kind may have."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

import aiohttp

from novel_core.crawl.decoding import CorruptBody, decoder_for
from novel_core.crawl.limits import PROBLEM_BYTES, ROBOTS_BYTES, size_limit
from novel_core.errors import PageBroken, PageTooLarge
from novel_core.settings import Settings
from novel_core.source import PageKind


@dataclass(frozen=True, slots=True)
class Received:
    body: bytes
    wire_size: int


async def read_body(
    answer: aiohttp.ClientResponse, kind: PageKind | None, url: str, settings: Settings
) -> Received:
    """The body of a page, or the beginning of one that is no page: an error, a false image, a robots.txt."""
    if kind is None:
        return await _read(answer, url, ROBOTS_BYTES, cut=True)
    limit = size_limit(kind, settings)
    content_type = answer.headers.get("Content-Type", "")
    if answer.status >= HTTPStatus.MULTIPLE_CHOICES or (
        kind is PageKind.IMAGE and not content_type.startswith("image/")
    ):
        return await _read(answer, url, min(limit, PROBLEM_BYTES), cut=True)
    if (answer.content_length or 0) > limit:
        raise _too_large(url, limit)
    return await _read(answer, url, limit, cut=False)


async def _read(answer: aiohttp.ClientResponse, url: str, limit: int, *, cut: bool) -> Received:
    body = bytearray()
    wire_size = 0
    try:
        decoder = decoder_for(",".join(answer.headers.getall("Content-Encoding", ())))
        async for chunk in answer.content.iter_any():
            wire_size += len(chunk)
            for piece in decoder.feed(chunk):
                body += piece
                if len(body) > limit:
                    if cut:
                        return Received(bytes(body[:limit]), wire_size)
                    raise _too_large(url, limit)
        decoder.finish()
    except CorruptBody as error:
        raise PageBroken(f"{url} came damaged: {error}.", url=url) from error
    return Received(bytes(body), wire_size)


def _too_large(url: str, limit: int) -> PageTooLarge:
    return PageTooLarge(f"{url} is larger than the limit of {limit:,} bytes.", url=url)
