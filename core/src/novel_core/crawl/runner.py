"""One crawl: from its first pages until no page is left to request, inside a running event loop.

```python
context = CrawlContext(info=info, spider=NovelSpider, parser=parser, settings=settings,
                       delegate=delegate, pacer=make_pacer(info, settings))
crawl = Crawl(context, [Follow("https://www.royalroad.com/fiction/7", PageKind.INDEX)])
counts = await crawl.run()
```
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from novel_core.crawl.context import CrawlContext, NovelCrawler
from novel_core.crawl.crawl_stop import CrawlStop
from novel_core.crawl.delegate import CrawlCounts
from novel_core.crawl.failure_policy import FailurePolicy
from novel_core.crawl.frontier import Frontier
from novel_core.crawl.politeness import politeness_of
from novel_core.crawl.scrapy_settings import quiet_scrapy, scrapy_settings
from novel_core.errors import JobStopped, LeaseLost, NovelError, PluginError
from novel_core.page import Follow
from novel_core.source import PageKind

#: Seconds that requests in flight may take to finish when a crawl is stopped.
GRACE = 5.0


class Crawl:
    """One crawl of one source; run it once.

    The crawl ends with the error of an INDEX page that cannot be fetched. With `essential` the same
    holds for the pages of `start`, except images; it is false for a job that resumes in the middle
    of its chapters.
    """

    def __init__(
        self, context: CrawlContext, start: Sequence[Follow], *, essential: bool = True
    ) -> None:
        self._start = tuple(start)
        self._context = context
        if essential:
            context.essential = frozenset(f for f in start if f.kind is not PageKind.IMAGE)
        self._policy = FailurePolicy(self._context)
        self._frontier = Frontier(self._context, self._policy)
        self._stopping: asyncio.Task[None] | None = None

    @property
    def counts(self) -> CrawlCounts:
        return self._context.counts

    def stop(self, error: NovelError) -> None:
        """End the crawl with `error`; callable from any thread, at any time. No request is sent
        afterwards.

        Requests in flight may finish, so that the next attempt need not repeat them. When the lease
        is lost they are dropped, because nothing may be written any more.
        """
        grace = 0.0 if isinstance(error, LeaseLost) else GRACE
        self._context.crawl_stop.stop(error, grace=grace)

    async def run(self) -> CrawlCounts:
        """Crawl until nothing is left to request; raises the error that ended it early."""
        crawl_stop = self._context.crawl_stop
        await self._frontier.add(self._start)
        if crawl_stop.error is None:
            await self._crawl(crawl_stop)
        if crawl_stop.error is not None:
            raise crawl_stop.error
        return self.counts

    async def _crawl(self, crawl_stop: CrawlStop) -> None:
        quiet_scrapy()
        politeness = politeness_of(self._context.info, self._context.settings)
        try:
            settings = scrapy_settings(politeness.concurrency)
            crawler = NovelCrawler(self._context, settings, self._frontier, self._policy)
            # Without Scrapy's runner, which copies all settings once more and looks for a project.
            task = asyncio.create_task(crawler.crawl_async())
        except Exception as error:  # noqa: BLE001 - the spider's settings are the author's code
            crawl_stop.stop(self._context.plugin_error("its spider", error))
            return
        crawl_stop.begin(lambda: self._begin_stop(crawler))
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            crawl_stop.stop(JobStopped("The crawl was cancelled."))
            await asyncio.wait([task])
            raise
        except Exception as error:  # noqa: BLE001 - as above: Scrapy itself raises nothing here
            crawl_stop.stop(self._context.plugin_error("its spider", error))
        else:
            self._check_complete(crawl_stop)
        finally:
            crawl_stop.close()
            if self._stopping is not None:
                await self._stopping

    def _check_complete(self, crawl_stop: CrawlStop) -> None:
        if self._frontier.has_pending_requests():
            name = self._context.info.name
            crawl_stop.stop(
                PluginError(f"The source {name!r} closed its spider before all was read.")
            )

    def _begin_stop(self, crawler: NovelCrawler) -> None:
        # A task of its own: stopping waits for the very request whose error has asked for it.
        self._stopping = asyncio.create_task(crawler.stop_async())
