"""The download handler: the only place that sends requests.

A request waits for its slot and is counted; its address is checked on the connection, and its body
is limited in size.
"""

from __future__ import annotations

import asyncio
import logging
import time
from urllib.parse import urlsplit

import aiohttp
import yarl
from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import HtmlResponse, Response

from novel_core.crawl.address_check import RefusedAddress, public_socket
from novel_core.crawl.context import context_of
from novel_core.crawl.cookies import CrawlCookies
from novel_core.crawl.request_context import RequestContext
from novel_core.crawl.response_body import read_body
from novel_core.errors import AddressRefused, PageBroken, PageChanged, SiteUnavailable, SourceError
from novel_core.logs import loggable_url
from novel_core.source import PageKind

logger = logging.getLogger(__name__)

#: Room for the long security headers of some sites (aiohttp's default is 8 kB).
_HEADER_BYTES = 64 * 1024


class DownloadHandler(BaseDownloadHandler):
    """Sends requests with aiohttp: to public addresses, or to the mapped address of a host in
    `host_map`.

    A mapped request keeps its canonical URL and Host header; only the connection goes elsewhere.
    """

    lazy = True

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._context = context_of(crawler)
        self._settings = self._context.settings
        self._connections = crawler.settings.getint("CONCURRENT_REQUESTS") + 1
        self._guarded = self._session(None if self._settings.allow_private_hosts else public_socket)
        self._mapped = self._session(None)
        self._cookies = CrawlCookies(self._context.info.domains)

    async def download_request(self, request: Request) -> Response:
        context = self._context
        host = urlsplit(request.url).hostname or ""
        if context.allowance is not None:
            # robots.txt is not counted.
            is_page = RequestContext.of(request).follow is not None
            context.allowance.admit(request.url, is_counted=is_page)
        try:
            async with context.crawl_stop.interruptible() as wait:
                await context.pacer.wait(host)
                context.crawl_stop.check()
                context.counts.requests += 1
                wait.reschedule(asyncio.get_running_loop().time() + self._settings.http_timeout)
                with context.crawl_stop.in_flight(wait):
                    return await self._send(request, host)
        except TimeoutError:
            limit = self._settings.http_timeout
            _log(request, limit, problem="no answer in time")
            raise SiteUnavailable(
                f"{request.url} did not answer within {limit:g} seconds.", url=request.url
            ) from None

    async def close(self) -> None:
        await self._guarded.close()
        await self._mapped.close()

    async def _send(self, request: Request, host: str) -> Response:
        started = time.monotonic()
        try:
            return await self._exchange(request, host, started)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            problem = _as_source_error(error, request.url)
            _log(request, time.monotonic() - started, problem=problem.message)
            raise problem from error

    async def _exchange(self, request: Request, host: str, started: float) -> Response:
        url = yarl.URL(request.url, encoded=True)
        headers = request.headers.to_tuple_list()
        session = self._guarded
        if url.user is not None:
            # No login by a link.
            url = url.with_user(None)
        kind = RequestContext.of(request).kind
        if kind is not PageKind.IMAGE:
            self._cookies.add_to(headers, request.url)
        target = self._settings.host_map.get(host)
        if target is not None:
            headers.append(("Host", url.host_port_subcomponent or ""))
            url = yarl.URL(target + url.raw_path_qs, encoded=True)
            session = self._mapped
        async with session.request(
            request.method,
            url,
            data=request.body or None,
            headers=headers,
            allow_redirects=False,
        ) as answer:
            self._cookies.keep(request.url, answer.cookies)
            received = await read_body(answer, kind, request.url, self._settings)
            self._context.counts.bytes += received.wire_size
            seconds = time.monotonic() - started
            _log(request, seconds, status=answer.status, size=received.wire_size)
            is_html = "html" in answer.headers.get("Content-Type", "").lower()
            return (HtmlResponse if is_html else Response)(
                request.url,
                status=answer.status,
                # As received: bytes of any encoding.
                headers=list(answer.raw_headers),
                body=received.body,
                request=request,
            )

    def _session(self, guard: aiohttp.SocketFactoryType | None) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._connections, socket_factory=guard),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            # A proxy would connect where the address check cannot look.
            trust_env=False,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
            max_line_size=_HEADER_BYTES,
            max_field_size=_HEADER_BYTES,
            skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
        )


def _log(
    request: Request,
    seconds: float,
    *,
    status: int | None = None,
    size: int | None = None,
    problem: str | None = None,
) -> None:
    if logger.isEnabledFor(logging.DEBUG):
        url = loggable_url(request.url)
        outcome = problem or f"{status}, {size:,} bytes"
        logger.debug(
            "network: %s %s: %s, %.3f s",
            request.method,
            url,
            outcome,
            seconds,
            extra={
                "origin": "network",
                "url": url,
                "http_status": status,
                "bytes": size,
                "seconds": round(seconds, 3),
            },
        )


def _as_source_error(error: Exception, url: str) -> SourceError:
    host = urlsplit(url).hostname
    match error:
        case aiohttp.ClientConnectorCertificateError():
            return SiteUnavailable(f"The TLS certificate of {host} is not trusted.", url=url)
        case aiohttp.ClientConnectorDNSError():
            return SiteUnavailable(f"{host} was not found (no DNS entry).", url=url)
        case aiohttp.ClientConnectorError(os_error=RefusedAddress()):
            return AddressRefused(
                f"{host} has a private address; only public ones are allowed.", url=url
            )
        case aiohttp.ClientPayloadError():
            return PageBroken(f"{url} was cut off before its end.", url=url)
        case aiohttp.InvalidURL() | UnicodeError():
            return PageChanged(f"{url} is not a valid URL.", url=url)
    reason = str(error) or type(error).__name__
    return SiteUnavailable(f"{url} could not be fetched: {reason}.", url=url)
