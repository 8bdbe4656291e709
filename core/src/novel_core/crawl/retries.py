"""Asking again: what may get better is repeated after a pause, and a site that asks for a pause gets it."""

from __future__ import annotations

import asyncio
import random
from urllib.parse import urlsplit

from scrapy import Request

from novel_core.crawl.context import Context, Errand
from novel_core.errors import PageBroken, RateLimited, SiteUnavailable
from novel_core.source import PageKind


class StaysUnavailable(SiteUnavailable):
    """Asking again within this crawl is of no use."""


class Retries:
    """How often: `retry_times` for what the network or the server did, once for a page the source calls broken."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def after_failure(
        self, errand: Errand, request: Request, error: Exception
    ) -> Request | None:
        """Nothing, or only a part of it, came back. The request to send again, once its pause is over, or None."""
        if not isinstance(error, SiteUnavailable | PageBroken):
            return None
        return await self._again(errand, request, self._context.settings.retry_times)

    async def after_answer(
        self, errand: Errand, request: Request, problem: Exception | None
    ) -> Request | None:
        """A response came, but not the page. The request to send again, or None when that is how it stays."""
        times = self._context.settings.retry_times
        if isinstance(problem, RateLimited):
            return await self._after_pause(errand, request, problem, times)
        if isinstance(problem, SiteUnavailable):
            return await self._again(errand, request, times)
        if isinstance(problem, PageBroken) and errand.kind is not PageKind.IMAGE:
            return await self._again(errand, request, min(1, times))
        return None

    async def _again(self, errand: Errand, request: Request, times: int) -> Request | None:
        if errand.retries >= times:
            return None
        async with self._context.ending.interruptible():
            await asyncio.sleep(self._backoff(errand))
        errand.retries += 1
        return request.copy()

    async def _after_pause(
        self, errand: Errand, request: Request, problem: RateLimited, times: int
    ) -> Request | None:
        settings = self._context.settings
        pause = problem.retry_after or self._backoff(errand)
        if errand.retries >= times or pause > settings.max_pause:
            problem.retry_after = problem.retry_after or settings.max_pause
            return None
        errand.retries += 1
        # Everybody waits, not this request alone.
        self._context.pacer.pause(urlsplit(request.url).hostname or "", pause)
        await self._context.delegate.paused(request.url, pause)
        return request.copy()

    def _backoff(self, errand: Errand) -> float:
        settings = self._context.settings
        pause = settings.retry_backoff * 2.0**errand.retries * (1 + random.random() / 4)  # noqa: S311
        return float(min(pause, settings.max_pause))
