"""One attempt to send a message: to public addresses only, once, without redirects, proxies or cookies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import aiohttp

from novel_core.crawl.address_check import RefusedAddress, public_socket
from novel_core.settings import Settings

#: Seconds for the whole exchange.
TIMEOUT = 10.0
#: Bytes of an answer that are read, so that the receiver can end it in good order; what it says does not matter.
MAX_ANSWER = 64 * 1024
_FIRST_REDIRECT, _FIRST_FAILURE = 300, 400


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` is None when there was no answer; `problem` is None when the message was heard."""

    status: int | None
    problem: str | None


@asynccontextmanager
async def sender(settings: Settings, *, connections: int) -> AsyncIterator[aiohttp.ClientSession]:
    guard = None if settings.allow_private_hosts else public_socket
    connector = aiohttp.TCPConnector(limit=connections, socket_factory=guard)
    async with aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,  # a proxy would connect where the guard cannot look
        timeout=aiohttp.ClientTimeout(total=None),
        headers={"User-Agent": settings.user_agent, "Content-Type": "application/json"},
    ) as session:
        yield session


async def send(
    session: aiohttp.ClientSession, url: str, body: str, headers: dict[str, str]
) -> Answer:
    """POST `body`; never raises for what the receiver does."""
    status: int | None = None
    try:
        async with (
            asyncio.timeout(TIMEOUT),
            session.post(url, data=body.encode(), headers=headers, allow_redirects=False) as answer,
        ):
            status = answer.status
            with suppress(aiohttp.ClientError, OSError):
                await _read_a_little(answer)
    except TimeoutError:
        # Once the status is there it counts, however slowly the rest comes.
        if status is None:
            return Answer(None, f"no answer within {TIMEOUT:g} seconds")
    except aiohttp.ClientConnectorError as error:
        if isinstance(error.os_error, RefusedAddress):
            return Answer(None, "the address is private, which is refused")
        return Answer(None, _words(error))
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return Answer(status, _words(error))
    return Answer(status, _problem(status))


async def _read_a_little(answer: aiohttp.ClientResponse) -> None:
    left = MAX_ANSWER
    while left > 0 and (part := await answer.content.read(left)):
        left -= len(part)


def _problem(status: int | None) -> str | None:
    if status is None or status >= _FIRST_FAILURE:
        return f"answered {status}"
    return f"answered {status}: redirects are not followed" if status >= _FIRST_REDIRECT else None


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
