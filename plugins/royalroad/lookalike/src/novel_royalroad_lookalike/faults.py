"""The responses in the place of a page: one function for each `ChapterFault`."""

from __future__ import annotations

import asyncio
import os
import random
import socket
import struct
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from aiohttp import web

from novel_royalroad_lookalike import answers, damage, error_pages
from novel_royalroad_lookalike.switches import ChapterFault as Fault, SiteSwitches

_DRIP_SECONDS = 0.05
_LINGER_NOT = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Moment:
    """One request that meets a fault. `page()` makes the page that would have been served."""

    request: web.Request
    switches: SiteSwitches
    page: Callable[[], bytes]


async def serve(
    fault: Fault, request: web.Request, switches: SiteSwitches, page: Callable[[], bytes]
) -> web.StreamResponse:
    moment = Moment(request, switches, page)
    if fault in _STREAMED:
        return await _STREAMED[fault](moment)
    return _PLAIN[fault](moment)


def _challenge(_: Moment) -> web.Response:
    headers = {"cf-mitigated": "challenge", "Server": "cloudflare"}
    return answers.page(error_pages.challenge().encode(), 403, headers)


def _binary(_: Moment) -> web.Response:
    return answers.page(b"\x00\x01\xfe\xff" + random.Random(0).randbytes(20_000))  # noqa: S311


def _gzip_bomb(_: Moment) -> web.Response:
    return answers.page(damage.gzip_bomb(), headers={"Content-Encoding": "gzip"})


_PLAIN: dict[Fault, Callable[[Moment], web.Response]] = {
    Fault.NOT_FOUND: lambda _: answers.page(error_pages.not_found().encode(), 404),
    Fault.NOT_FOUND_200: lambda _: answers.page(error_pages.not_found().encode()),
    Fault.CHALLENGE: _challenge,
    Fault.LOGIN: lambda at: answers.page(error_pages.login(at.request.path_qs).encode()),
    Fault.REDESIGN: lambda at: answers.page(at.page()),
    Fault.UNKNOWN_LAYOUT: lambda _: answers.page(damage.UNKNOWN_LAYOUT),
    Fault.TRUNCATED: lambda at: answers.page(damage.truncated(at.page())),
    Fault.EMPTY: lambda _: answers.page(b""),
    Fault.BINARY: _binary,
    Fault.GZIP_BOMB: _gzip_bomb,
    Fault.NESTED: lambda at: answers.page(damage.nested(at.page())),
    Fault.INVALID_UTF8: lambda at: answers.page(damage.invalid_utf8(at.page())),
    Fault.NUL: lambda at: answers.page(damage.nul(at.page())),
    Fault.REDIRECT_LOOP: lambda at: answers.redirect(302, at.request.path_qs),
    Fault.REDIRECT_AWAY: lambda at: answers.redirect(302, at.switches.redirect_target),
    Fault.LIMITED: lambda at: answers.limited(at.switches),
    Fault.UNAVAILABLE: lambda _: answers.unavailable(),
    Fault.ERROR_500: lambda _: answers.words(500, "Internal Server Error"),
}


async def _cut(at: Moment) -> web.StreamResponse:
    body = at.page()
    response = await _begin(at, length=len(body))
    await response.write(damage.truncated(body))
    if at.request.transport is not None:
        # What is written goes out first.
        at.request.transport.close()
    return response


async def _huge(at: Moment) -> web.StreamResponse:
    return await _stream(at, damage.huge(at.page()))


async def _huge_list(at: Moment) -> web.StreamResponse:
    return await _stream(at, damage.huge_list(at.page()))


async def _stream(at: Moment, blocks: Iterable[bytes]) -> web.StreamResponse:
    response = await _begin(at)
    for block in blocks:
        await response.write(block)
    await response.write_eof()
    return response


async def _drip(at: Moment) -> web.StreamResponse:
    body = at.page()
    response = await _begin(at, length=len(body))
    for byte in body:
        await response.write(bytes([byte]))
        await asyncio.sleep(_DRIP_SECONDS)
    await response.write_eof()
    return response


async def _hang(_: Moment) -> web.StreamResponse:
    # Until the client or the server ends it.
    await asyncio.Event().wait()
    return web.Response(status=503)


async def _reset(at: Moment) -> web.StreamResponse:
    transport = at.request.transport
    if transport is not None:
        # uvloop's own socket object does not take options: a second handle on the same socket does.
        with socket.socket(fileno=os.dup(transport.get_extra_info("socket").fileno())) as handle:
            handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        transport.abort()
    return web.Response(status=503)


async def _begin(at: Moment, *, length: int | None = None) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": answers.HTML})
    response.content_length = length
    await response.prepare(at.request)
    return response


_STREAMED: dict[Fault, Callable[[Moment], Awaitable[web.StreamResponse]]] = {
    Fault.CUT: _cut,
    Fault.HUGE: _huge,
    Fault.HUGE_LIST: _huge_list,
    Fault.DRIP: _drip,
    Fault.HANG: _hang,
    Fault.RESET: _reset,
}
