"""What a failed page means: a missing chapter or picture, or the end of the crawl."""

from __future__ import annotations

from urllib.parse import urlsplit

from novel_core.crawl.context import CrawlContext
from novel_core.crawl.crawl_stop import CrawlStopped
from novel_core.crawl.request_context import RequestContext
from novel_core.crawl.robots import RobotsRefusal
from novel_core.errors import Blocked, Maintenance, RateLimited, SiteUnavailable, SourceError
from novel_core.source import PageKind

#: The site counts as down after this many unavailable chapter pages in a row.
DOWN_AFTER = 5


class FailurePolicy:
    """Counts failures, reports them to the delegate, and stops the crawl when it must."""

    def __init__(self, context: CrawlContext) -> None:
        self._context = context
        self._unavailable = 0  # chapter pages in a row

    def ends_crawl(self, request_context: RequestContext, error: Exception) -> bool:
        if not isinstance(error, SourceError) or request_context.essential:
            return True
        if request_context.kind is PageKind.IMAGE:
            # A rate limit of another host does not concern the chapters.
            return isinstance(error, RateLimited) and self._is_own(error.url)
        if request_context.follow is not None and request_context.follow.is_optional:
            return False
        ends = isinstance(error, Blocked | Maintenance | RateLimited)
        return ends and not isinstance(error, RobotsRefusal)

    def _is_own(self, url: str | None) -> bool:
        return urlsplit(url or "").hostname in self._context.info.domains

    def record_success(self, request_context: RequestContext) -> None:
        if request_context.kind is PageKind.CHAPTER:
            self._unavailable = 0

    async def record_failure(self, request_context: RequestContext, error: Exception) -> None:
        """Take note of a page that could not be fetched; only the first failure of a page counts."""
        crawl_stop, follow = self._context.crawl_stop, request_context.follow
        if (
            request_context.is_failure_recorded
            or crawl_stop.error is not None
            or isinstance(error, CrawlStopped)
        ):
            return
        request_context.is_failure_recorded = True
        if (
            follow is None
            or not isinstance(error, SourceError)
            or self.ends_crawl(request_context, error)
        ):
            crawl_stop.stop(error)
            return
        self._context.counts.failed.append((follow, error))
        try:
            await self._context.delegate.failed(follow, error)
        except Exception as refusal:  # noqa: BLE001 - any error of the delegate ends the crawl
            crawl_stop.stop(refusal)
        self._count_outage(request_context, error)

    def _count_outage(self, request_context: RequestContext, error: SourceError) -> None:
        if request_context.kind is not PageKind.CHAPTER:
            return
        self._unavailable = self._unavailable + 1 if isinstance(error, SiteUnavailable) else 0
        if self._unavailable >= DOWN_AFTER:
            self._context.crawl_stop.stop(error)
