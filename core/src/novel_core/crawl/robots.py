"""robots.txt: fetched once per host and crawl, stored, obeyed for pages and images."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Self
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler

from novel_core.crawl.context import CrawlContext, context_of
from novel_core.crawl.decoding import ACCEPTED
from novel_core.crawl.delegate import RobotsRecord
from novel_core.crawl.request_context import RequestContext
from novel_core.crawl.retries import StaysUnavailable
from novel_core.errors import AddressRefused, Blocked, RateLimited, RedirectRefused, SourceError


class RobotsRefusal(Blocked):
    """robots.txt forbids this one address; others may be allowed."""


class RobotsMiddleware:
    def __init__(self, crawler: Crawler, context: CrawlContext) -> None:
        self._crawler = crawler
        self._context = context
        # The product token: the part before the version.
        self._agent = context.settings.user_agent.split("/")[0].strip()
        self._rules: dict[str, asyncio.Task[Protego]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler, context_of(crawler))

    async def process_request(self, request: Request) -> None:
        if RequestContext.of(request).follow is None:
            return
        parts = urlsplit(request.url)
        place = parts.netloc.rpartition("@")[2].lower()
        origin = f"{parts.scheme}://{place}"
        task = self._rules.get(origin)
        if task is None:
            task = self._rules[origin] = asyncio.create_task(
                self._obtain(origin, parts.hostname or "")
            )
        rules = task.result() if task.done() else await asyncio.shield(task)
        if not rules.can_fetch(request.url, self._agent):
            raise RobotsRefusal(
                f"robots.txt of {place} forbids {request.url}.",
                url=request.url,
                hint="The site does not want programs to read this address, so it is not requested.",
            )

    async def _obtain(self, origin: str, host: str) -> Protego:
        rules = await self._load(origin)
        delay = rules.crawl_delay(self._agent)
        if delay:
            # A longer delay than the longest pause of a run is capped.
            self._context.pacer.widen(host, min(delay, self._context.settings.max_pause))
        return rules

    async def _load(self, origin: str) -> Protego:
        context = self._context
        held = await context.delegate.load_robots(origin)
        # A record from the future: a clock was set back, so its age is unknown.
        if held is not None and 0 <= _age(held) < context.settings.robots_ttl:
            return _parse(held)
        try:
            record = await self._fetch(origin)
        except SourceError as error:
            if held is not None:
                return _parse(held)
            if isinstance(error, AddressRefused | RateLimited):
                raise
            raise StaysUnavailable(
                f"Could not fetch {origin}/robots.txt, so no page of this site is requested: {error}",
                url=f"{origin}/robots.txt",
            ) from error
        await context.delegate.save_robots(record)
        return _parse(record)

    async def _fetch(self, origin: str) -> RobotsRecord:
        """Fetch robots.txt. A status 4xx or endless redirects mean no rules (RFC 9309)."""
        request = Request(
            f"{origin}/robots.txt",
            headers={
                "User-Agent": self._context.settings.user_agent,
                "Accept": "text/plain,*/*;q=0.8",
                "Accept-Encoding": ACCEPTED,
            },
            meta={"download_slot": ""},
        )
        RequestContext(follow=None).attach(request)
        try:
            response = await self._crawler.engine.download_async(request)
            status, body = response.status, response.body
        except RedirectRefused:
            status, body = HTTPStatus.NOT_FOUND.value, b""
        if status >= HTTPStatus.BAD_REQUEST:
            body = b""
        return RobotsRecord(origin, status, body, datetime.now(UTC))


def _age(record: RobotsRecord) -> float:
    return (datetime.now(UTC) - record.fetched_at).total_seconds()


def _parse(record: RobotsRecord) -> Protego:
    return Protego.parse(record.body.decode("utf-8", "replace"))
