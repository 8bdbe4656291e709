"""Retries of temporary failures after a pause; a site's own pause is respected."""

from __future__ import annotations

import asyncio
import random
from urllib.parse import urlsplit

from scrapy import Request

from novel_core.crawl.context import CrawlContext
from novel_core.crawl.request_context import RequestContext
from novel_core.errors import PageBroken, RateLimited, SiteUnavailable
from novel_core.source import PageKind


class StaysUnavailable(SiteUnavailable):
    """Retrying within this crawl does not help."""


class Retries:
    """Up to `retry_times` retries for a failure, one for a page the source calls broken."""

    def __init__(self, context: CrawlContext) -> None:
        self._context = context

    async def after_failure(
        self, request_context: RequestContext, request: Request, error: Exception
    ) -> Request | None:
        """The request to send again after no or half a response, or None. Waits its pause."""
        if not isinstance(error, SiteUnavailable | PageBroken):
            return None
        return await self._again(request_context, request, self._context.settings.retry_times)

    async def after_answer(
        self, request_context: RequestContext, request: Request, problem: Exception | None
    ) -> Request | None:
        """The request to send again after a response that is not the page, or None."""
        times = self._context.settings.retry_times
        if isinstance(problem, RateLimited):
            return await self._after_pause(request_context, request, problem, times)
        if isinstance(problem, SiteUnavailable):
            return await self._again(request_context, request, times)
        if isinstance(problem, PageBroken) and request_context.kind is not PageKind.IMAGE:
            return await self._again(request_context, request, min(1, times))
        return None

    async def _again(
        self, request_context: RequestContext, request: Request, times: int
    ) -> Request | None:
        if request_context.retries >= times or self._context.is_spent:
            return None
        async with self._context.crawl_stop.interruptible():
            await asyncio.sleep(self._backoff(request_context))
        request_context.retries += 1
        return request.copy()

    async def _after_pause(
        self, request_context: RequestContext, request: Request, problem: RateLimited, times: int
    ) -> Request | None:
        settings = self._context.settings
        pause = problem.retry_after or self._backoff(request_context)
        is_over = request_context.retries >= times or self._context.is_spent
        if is_over or pause > settings.max_pause:
            problem.retry_after = problem.retry_after or settings.max_pause
            return None
        request_context.retries += 1
        # All requests to the host wait, not only this one.
        self._context.pacer.pause(urlsplit(request.url).hostname or "", pause)
        await self._context.delegate.paused(request.url, pause)
        return request.copy()

    def _backoff(self, request_context: RequestContext) -> float:
        settings = self._context.settings
        pause = settings.retry_backoff * 2.0**request_context.retries * (1 + random.random() / 4)  # noqa: S311
        return float(min(pause, settings.max_pause))
