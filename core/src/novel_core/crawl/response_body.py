"""Reading a response's body: decoded on the way, and never more than the limit of its kind."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

import aiohttp

from novel_core.content.pictures import SIGNATURE_BYTES, media_type
from novel_core.crawl.decoding import CorruptBody, decoder_for
from novel_core.crawl.limits import PROBLEM_BYTES, ROBOTS_BYTES, size_limit
from novel_core.errors import PageBroken, PageTooLarge
from novel_core.settings import Settings
from novel_core.source import PageKind


@dataclass(frozen=True, slots=True)
class ReceivedBody:
    body: bytes
    wire_size: int


async def read_body(
    answer: aiohttp.ClientResponse, kind: PageKind | None, url: str, settings: Settings
) -> ReceivedBody:
    """The body of a page; of an error page, a false image or a robots.txt only the beginning."""
    if kind is None:
        return await _read(answer, url, ROBOTS_BYTES, cut_at=ROBOTS_BYTES)
    limit = size_limit(kind, settings)
    if answer.status >= HTTPStatus.MULTIPLE_CHOICES:
        return await _read(answer, url, limit, cut_at=min(limit, PROBLEM_BYTES))
    if (answer.content_length or 0) > limit:
        raise _too_large(url, limit)
    if kind is PageKind.IMAGE:
        return await _read(answer, url, limit, cut_at=PROBLEM_BYTES, unless_picture=True)
    return await _read(answer, url, limit)


async def _read(
    answer: aiohttp.ClientResponse,
    url: str,
    limit: int,
    *,
    cut_at: int | None = None,
    unless_picture: bool = False,
) -> ReceivedBody:
    """At most `limit` bytes, else PageTooLarge; with `cut_at`, only the first `cut_at` bytes of a
    longer body.

    With `unless_picture`, a picture is never cut; its first bytes decide, not its label.
    """
    body = bytearray()
    wire_size = 0
    try:
        decoder = decoder_for(",".join(answer.headers.getall("Content-Encoding", ())))
        async for chunk in answer.content.iter_any():
            wire_size += len(chunk)
            for piece in decoder.feed(chunk):
                body += piece
                is_cut = cut_at is not None and len(body) > cut_at
                if is_cut and not (unless_picture and media_type(bytes(body[:SIGNATURE_BYTES]))):
                    return ReceivedBody(bytes(body[:cut_at]), wire_size)
                if len(body) > limit:
                    raise _too_large(url, limit)
        decoder.finish()
    except CorruptBody as error:
        raise PageBroken(f"{url} came damaged: {error}.", url=url) from error
    return ReceivedBody(bytes(body), wire_size)


def _too_large(url: str, limit: int) -> PageTooLarge:
    return PageTooLarge(f"{url} is larger than the limit of {limit:,} bytes.", url=url)
