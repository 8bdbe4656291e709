"""What a page that cannot be had means: one chapter less, or the end of the crawl."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from novel_core.crawl.context import Context, Errand
from novel_core.crawl.crawl_stop import Abandoned
from novel_core.crawl.limits import follow_problem
from novel_core.crawl.robots import RobotsRefusal
from novel_core.errors import Blocked, RateLimited, SiteUnavailable, SourceError
from novel_core.page import Follow
from novel_core.source import PageKind

#: After so many chapter pages in a row that the network or the server failed to give, the site is down.
DOWN_AFTER = 5


class Settlement:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._unavailable = 0  # chapter pages in a row

    async def admit(self, follows: Iterable[Follow]) -> None:
        """Put pages on the frontier, except those that lead where nothing may be asked."""
        context = self._context
        admitted: list[Follow] = []
        for follow in follows:
            context.counts.expected += 1
            problem = follow_problem(follow, context.info)
            if problem is None:
                admitted.append(follow)
            else:
                await self.settle(context.errand(follow), problem)
        context.frontier.push(admitted)

    def ends_crawl(self, errand: Errand, error: Exception) -> bool:
        if not isinstance(error, SourceError) or errand.essential:
            return True
        if errand.kind is PageKind.IMAGE:
            # Only the source's own pace concerns the chapters.
            return isinstance(error, RateLimited) and self._is_own(error.url)
        return isinstance(error, Blocked | RateLimited) and not isinstance(error, RobotsRefusal)

    def _is_own(self, url: str | None) -> bool:
        return urlsplit(url or "").hostname in self._context.info.domains

    def had(self, errand: Errand) -> None:
        """A page came as it should."""
        if errand.kind is PageKind.CHAPTER:
            self._unavailable = 0

    async def settle(self, errand: Errand, error: Exception) -> None:
        """Once for each page that cannot be had."""
        ending, follow = self._context.ending, errand.follow
        if errand.settled or ending.error is not None or isinstance(error, Abandoned):
            return
        errand.settled = True
        if follow is None or not isinstance(error, SourceError) or self.ends_crawl(errand, error):
            ending.end(error)
            return
        self._context.counts.failed.append((follow, error))
        try:
            await self._context.delegate.failed(follow, error)
            self._context.delegate.progress(self._context.counts)
        except Exception as refusal:  # noqa: BLE001 - whatever the delegate says, it ends the crawl
            ending.end(refusal)
        self._count_outage(errand, error)

    def _count_outage(self, errand: Errand, error: SourceError) -> None:
        if errand.kind is not PageKind.CHAPTER:
            return
        self._unavailable = self._unavailable + 1 if isinstance(error, SiteUnavailable) else 0
        if self._unavailable >= DOWN_AFTER:
            self._context.ending.end(error)
