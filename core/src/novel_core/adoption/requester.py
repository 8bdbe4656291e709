"""The requests of one proof: any page of a host, and a novel of a source."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from novel_core.adoption.any_page import AnyPage
from novel_core.adoption.pages import SitePages, robots_in_words
from novel_core.adoption.proof import REQUESTS, Proof, Reading
from novel_core.crawl.allowance import Allowance
from novel_core.crawl.delegate import CrawlCounts
from novel_core.crawl.politeness import make_pacer, politeness_of
from novel_core.jobs.stop_switch import StopSwitch
from novel_core.page import Follow, Page
from novel_core.registry import LoadedSource
from novel_core.runtime import Runtime, set_options
from novel_core.source import PageKind, UrlMatch


@dataclass(slots=True)
class Requester:
    """Sends the requests of one proof, and counts them in `counts`."""

    runtime: Runtime
    switch: StopSwitch
    counts: CrawlCounts = field(default_factory=CrawlCounts)

    async def any_page(self, url: str, hosts: Sequence[str], allowance: Allowance) -> Page:
        """The page at `url`, which may redirect within `hosts`."""
        family = next(iter(self.runtime.registry.families.values()))
        source = LoadedSource(family.plugin, AnyPage(url, tuple(hosts)))
        set_options(self.runtime.settings, source)
        async with self._pages(source, allowance) as pages:
            return await pages.fetch(Follow(url, PageKind.INDEX))

    async def novel(
        self, source: LoadedSource, match: UrlMatch, given: Page | None = None
    ) -> tuple[Reading, list[Page], int]:
        """A novel of the source; with the pages that were seen, and the number of requests.

        `given` is its page, where that was fetched already.
        """
        allowance = Allowance(REQUESTS)
        async with self._pages(source, allowance) as pages:
            reading = await Proof(pages, given).read(match)
        return reading, pages.seen, REQUESTS - allowance.left

    async def robots(self, source: LoadedSource) -> str:
        """What the robots.txt of the source's homepage says, in words."""
        parts = urlsplit(source.info.homepage)
        origin, agent = f"{parts.scheme}://{parts.netloc}", self.runtime.settings.user_agent
        return await asyncio.to_thread(robots_in_words, self.runtime.database, origin, agent)

    @asynccontextmanager
    async def _pages(self, source: LoadedSource, allowance: Allowance) -> AsyncIterator[SitePages]:
        """The pages of a source; the first waits for its turn after those of another one."""
        settings = self.runtime.settings
        pacer = make_pacer(source.info, settings, self.runtime.redis_url)
        rate = politeness_of(source.info, settings).requests_per_second
        if self.counts.requests and rate and self.runtime.redis_url is None:
            pacer.pause(source.info.domains[0], 1 / rate)
        try:
            yield SitePages(self.runtime, source, pacer, self.switch, allowance, self.counts)
        finally:
            await pacer.close()
