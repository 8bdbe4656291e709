"""One attempt to send a message: to public addresses only, without redirects or proxies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiohttp

from novel_core.crawl.address_check import RefusedAddress, public_socket
from novel_core.settings import Settings

#: Seconds for the whole exchange.
TIMEOUT = 10.0
#: Bytes of a response that are read, so that the connection can be closed cleanly.
MAX_RESPONSE = 64 * 1024
_FIRST_REDIRECT, _FIRST_FAILURE = 300, 400


@asynccontextmanager
async def sender(settings: Settings, *, connections: int) -> AsyncIterator[aiohttp.ClientSession]:
    guard = None if settings.allow_private_hosts else public_socket
    connector = aiohttp.TCPConnector(limit=connections, socket_factory=guard)
    async with aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        # A proxy would connect where the guard cannot check the address.
        trust_env=False,
        timeout=aiohttp.ClientTimeout(total=None),
        headers={"User-Agent": settings.user_agent, "Content-Type": "application/json"},
    ) as session:
        yield session


async def send(
    session: aiohttp.ClientSession, url: str, body: str, headers: dict[str, str]
) -> tuple[int | None, str | None]:
    """POST `body` to `url`. What the receiver does is in the result, never an exception.

    Return its status, None without a response, and the problem, None when the message was accepted.
    """
    status: int | None = None
    try:
        async with (
            asyncio.timeout(TIMEOUT),
            session.post(
                url, data=body.encode(), headers=headers, allow_redirects=False
            ) as response,
        ):
            status = response.status
            with suppress(aiohttp.ClientError, OSError):
                await _read_a_little(response)
    except TimeoutError:
        # A status that has arrived counts, even if the body is too slow.
        if status is None:
            return None, f"no answer within {TIMEOUT:g} seconds"
    except aiohttp.ClientConnectorError as error:
        if isinstance(error.os_error, RefusedAddress):
            return None, "the address is private, which is refused"
        return None, _words(error)
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return status, _words(error)
    return status, _problem(status)


async def _read_a_little(response: aiohttp.ClientResponse) -> None:
    left = MAX_RESPONSE
    while left > 0 and (part := await response.content.read(left)):
        left -= len(part)


def _problem(status: int | None) -> str | None:
    if status is None or status >= _FIRST_FAILURE:
        return f"answered {status}"
    return f"answered {status}: redirects are not followed" if status >= _FIRST_REDIRECT else None


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
