"""Single pages of a site, fetched as by a job: spider, checks, pace, retries, robots.txt."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from protego import Protego
from sqlalchemy import Engine

from novel_core.archive import origins
from novel_core.crawl.allowance import Allowance
from novel_core.crawl.context import CrawlContext
from novel_core.crawl.delegate import CrawlCounts, CrawlDelegate, RobotsRecord, Validators
from novel_core.crawl.pacing import Pacer
from novel_core.crawl.politeness import group_of
from novel_core.crawl.runner import Crawl
from novel_core.db.engine import session
from novel_core.errors import RateLimited, SourceError
from novel_core.jobs.stop_switch import StopSwitch
from novel_core.page import Follow, Page
from novel_core.registry import LoadedSource
from novel_core.registry.lost_pages import explained
from novel_core.runtime import Runtime
from novel_core.source import SourceInfo

if TYPE_CHECKING:
    from novel_core.content.visible import Links


@dataclass(slots=True)
class SitePages:
    """Fetches pages of `source` one by one, within the allowance if there is one, and keeps them in memory.

    `seen` are the pages that arrived, error pages among them. Robots.txt and pauses are those of
    all jobs.
    """

    runtime: Runtime
    source: LoadedSource
    pacer: Pacer
    switch: StopSwitch
    allowance: Allowance | None
    counts: CrawlCounts
    seen: list[Page] = field(default_factory=list)

    @property
    def left(self) -> float:
        """How many requests may still be sent."""
        return self.allowance.left if self.allowance else math.inf

    async def fetch(self, follow: Follow) -> Page:
        """The page of `follow`; the SourceError that it is otherwise."""
        await asyncio.to_thread(self._keep_pause, follow.url)
        delegate = _OnePage(self.runtime.database, self.source.info)
        context = CrawlContext(
            info=self.source.info,
            spider=self.source.spider(),
            parser=self.source.parser(),
            settings=self.runtime.settings,
            delegate=delegate,
            pacer=self.pacer,
            counts=self.counts,
            explain=partial(explained, self.source),
            allowance=self.allowance,
        )
        crawl = Crawl(context, [follow])
        try:
            with self.switch.calling(crawl.stop):
                await crawl.run()
        finally:
            self.seen += delegate.pages
        return delegate.pages[-1]

    def _keep_pause(self, url: str) -> None:
        """RateLimited while the site demands a pause of another job."""
        group = group_of(self.source.info, url)
        with session(self.runtime.database) as opened:
            seconds = origins.pauses_left(opened, [group]).get(group)
        if seconds is not None:
            raise RateLimited(
                f"{group} demands a pause of another {seconds:.0f} seconds.",
                retry_after=seconds,
                url=url,
            )


@dataclass(slots=True)
class _OnePage(CrawlDelegate):
    """The delegate of a crawl that follows nothing."""

    database: Engine
    info: SourceInfo
    pages: list[Page] = field(default_factory=list)

    async def archive(self, page: Page, problem: SourceError | None) -> Page:  # noqa: ARG002
        self.pages.append(page)
        return page

    async def plan(
        self,
        page: Page,  # noqa: ARG002
        follows: Sequence[Follow],  # noqa: ARG002
        links: Links,  # noqa: ARG002
    ) -> Sequence[Follow]:
        return ()

    def validators(self, follow: Follow) -> Validators | None:  # noqa: ARG002
        return None

    async def not_modified(self, follow: Follow) -> None:
        """No request is conditional."""

    async def failed(self, follow: Follow, error: SourceError) -> None:  # noqa: ARG002
        raise error

    async def load_robots(self, origin: str) -> RobotsRecord | None:
        return await asyncio.to_thread(self._load_robots, origin)

    async def save_robots(self, record: RobotsRecord) -> None:
        await asyncio.to_thread(self._save_robots, record)

    async def paused(self, url: str, seconds: float) -> None:
        await asyncio.to_thread(self._pause, url, seconds)

    def _load_robots(self, origin: str) -> RobotsRecord | None:
        with session(self.database) as opened:
            return origins.load_robots(opened, origin)

    def _save_robots(self, record: RobotsRecord) -> None:
        with session(self.database) as opened:
            origins.save_robots(opened, record)

    def _pause(self, url: str, seconds: float) -> None:
        with session(self.database) as opened:
            origins.pause_origin(opened, url, group_of(self.info, url), seconds)


def robots_in_words(database: Engine, origin: str, agent: str) -> str:
    """What the robots.txt of `origin` says of us, in words."""
    with session(database) as opened:
        record = origins.load_robots(opened, origin)
    if record is None or not record.body:
        return "There is no robots.txt, so all pages may be requested."
    rules = Protego.parse(record.body.decode("utf-8", "replace"))
    delay = rules.crawl_delay(agent.split("/", maxsplit=1)[0].strip())
    pace = f", one request in {delay:g} seconds" if delay else ""
    return f"robots.txt allows the pages that were requested{pace}."
