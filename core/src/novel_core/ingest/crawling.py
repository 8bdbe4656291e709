"""The crawl stage: settles which novel the job is about, then requests what is missing of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy import select
from sqlalchemy.orm import Session

from novel_core.archive.pages import load_page
from novel_core.crawl.politeness import make_pacer
from novel_core.crawl.runner import Crawl
from novel_core.db.engine import session
from novel_core.db.novels import NovelRow
from novel_core.db.pages import PageRow
from novel_core.errors import LeaseLost, PageChanged, RateLimited, StorageError
from novel_core.ingest import origins
from novel_core.ingest.crawl_job import CrawlJob
from novel_core.ingest.known_content import KnownContent, load_known_content
from novel_core.ingest.parsing import parse_page
from novel_core.jobs import identity, lifecycle
from novel_core.jobs.failures import clear_failures
from novel_core.jobs.lifecycle import Claim
from novel_core.jobs.stop_switch import StopSwitch
from novel_core.page import Follow
from novel_core.registry import LoadedSource
from novel_core.runtime import Runtime
from novel_core.source import PageKind, UrlMatch


class CrawlStage:
    """One attempt's crawling: up to two crawls, paced as one."""

    def __init__(
        self, runtime: Runtime, claim: Claim, source: LoadedSource, switch: StopSwitch
    ) -> None:
        self._runtime = runtime
        self._claim = claim
        self._source = source
        self._switch = switch
        self._pacer = make_pacer(source.info, runtime.settings, runtime.redis_url)
        with session(runtime.database) as opened:
            lifecycle.hold(opened, claim)
            self._aside = clear_failures(opened, claim.job_id)
            self._pause = origins.pause_left(opened, source.info.domains)
            known = self._look(opened)
        self._job = CrawlJob(runtime, claim, source, known)

    async def run(self) -> Claim | None:
        """The claim with the job's novel known; None when the job has joined another one."""
        try:
            return await self._run()
        finally:
            with suppress(LeaseLost, StorageError):
                self._job.flush()
            await self._pacer.close()

    async def _run(self) -> Claim | None:
        self._keep_pause()
        if self._claim.source_novel_id is None:
            claim = await self._settle_identity()
            if claim is None:
                return None
            self._claim = claim
            with session(self._runtime.database) as opened:
                self._job.adopted(claim, self._look(opened))
        await self._crawl(self._job.expand([Follow(self._index_url, PageKind.INDEX)]))
        await asyncio.to_thread(self._job.check_archive)
        return self._claim

    async def _crawl(self, start: Sequence[Follow], *, essential: bool = False) -> None:
        if not start:
            return
        crawl = Crawl(
            info=self._source.info,
            spider=self._source.spider(),
            parser=self._source.parser(),
            settings=self._runtime.settings,
            delegate=self._job,
            start=start,
            pacer=self._pacer,
            essential=essential,
        )
        self._job.begin(crawl.counts)
        with self._switch.calling(crawl.stop):
            await crawl.run()

    def _keep_pause(self) -> None:
        """A pause the site asked another job for is kept by this one: waited for, if it is short."""
        if self._pause > self._runtime.settings.max_pause:
            raise RateLimited(
                f"{self._source.info.title} asked to be left alone for another {self._pause:.0f} seconds.",
                retry_after=self._pause,
                hint=f"Run again after that; `novel sources --lift {self._source.name}` asks at once.",
            )
        if self._pause:
            self._pacer.pause(self._source.info.domains[0], self._pause)

    async def _settle_identity(self) -> Claim | None:
        """Fetch the chapter the job was given, and adopt the novel it names."""
        chapter = (self._claim.source_chapter_id,) if self._claim.source_chapter_id else ()
        await self._crawl(
            self._job.expand([Follow(self._claim.url, PageKind.CHAPTER, chapters=chapter)]),
            essential=True,
        )
        await asyncio.to_thread(self._job.check_archive)
        match = self._identity_on_page()
        with session(self._runtime.database) as opened:
            return identity.adopt(opened, self._claim, match)

    def _identity_on_page(self) -> UrlMatch:
        with session(self._runtime.database) as opened:
            page_id = opened.scalars(
                select(PageRow.id).where(
                    PageRow.job_id == self._claim.job_id,
                    PageRow.requested_url == self._claim.url,
                )
            ).one()
            page = load_page(opened, page_id)
        match = parse_page(self._source.parser(), self._source.name, page).novel
        if match is None or match.novel_id is None:
            raise PageChanged("The page does not tell which novel it belongs to.", url=page.url)
        return match

    def _look(self, opened: Session) -> KnownContent:
        """What is held of the job's novel, and where its page is: its final address, where an earlier job has learnt it."""
        index_url = None
        if self._claim.novel_id is not None:
            index_url = opened.scalar(
                select(NovelRow.index_url).where(NovelRow.id == self._claim.novel_id)
            )
        self._index_url = index_url or self._claim.url
        settings = self._runtime.settings
        known = load_known_content(
            opened,
            self._claim,
            reuse_index=settings.reuse_index,
            fetch_images=settings.fetch_images,
        )
        known.aside = self._aside
        return known
