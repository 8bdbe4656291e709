"""The crawl stage: settles which novel the job is about, then requests the missing pages."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from novel_core.archive import origins
from novel_core.archive.pages import load_page
from novel_core.crawl.context import CrawlContext
from novel_core.crawl.politeness import make_pacer, rate_groups
from novel_core.crawl.robots import RobotsRefusal
from novel_core.crawl.runner import Crawl
from novel_core.db.engine import session
from novel_core.db.novels import NovelRow
from novel_core.db.pages import PageRow
from novel_core.errors import (
    LeaseLost,
    LoginRequired,
    NotFound,
    NovelMoved,
    PageChanged,
    RateLimited,
    SourceError,
    StorageError,
)
from novel_core.ingest.attempt import Attempt
from novel_core.ingest.crawl_job import CrawlJob
from novel_core.ingest.known_content import KnownContent, load_known_content
from novel_core.ingest.moved_novels import follow_move
from novel_core.jobs import events, identity
from novel_core.jobs.failures import clear_failures
from novel_core.page import Follow
from novel_core.plugin import Evidence
from novel_core.processes.event_loop import run_async
from novel_core.registry.lost_pages import explained
from novel_core.source import PageKind, UrlMatch
from novel_core.steps import with_beat


def crawl_pages(attempt: Attempt) -> Attempt | None:
    """Crawl what the job's novel lacks; None if the job has joined another one.

    The first job of an unverified site proves it before.
    """
    source = attempt.source
    if source.site is not None and source.site.evidence is Evidence.UNVERIFIED:
        from novel_core.adoption.run import prove_first_use

        claim = prove_first_use(attempt.runtime, attempt.claim, source, attempt.switch)
        attempt = replace(attempt, claim=claim)
    return run_async(with_beat(CrawlStage(attempt).run()))


class CrawlStage:
    """One attempt's crawling: up to two crawls with one pace."""

    def __init__(self, attempt: Attempt) -> None:
        self._attempt = attempt
        info = attempt.source.info
        self._pacer = make_pacer(info, attempt.settings, attempt.runtime.redis_url)
        with attempt.transaction() as opened:
            self._skipped = clear_failures(opened, attempt.job_id)
            self._pauses = origins.pauses_left(opened, rate_groups(info).values())
            known = self._load_known(opened)
        self._job = CrawlJob(attempt, known)

    async def run(self) -> Attempt | None:
        started = time.monotonic()
        try:
            return await self._run()
        finally:
            self._job.log_summary(time.monotonic() - started)
            with suppress(LeaseLost, StorageError):
                self._job.flush()
            await self._pacer.close()

    async def _run(self) -> Attempt | None:
        self._keep_pause()
        if self._attempt.claim.source_novel_id is None:
            attempt = await self._settle_identity()
            if attempt is None:
                return None
            self._go_on(attempt)
        try:
            await self._crawl_index()
        except NovelMoved as moved:
            claim = await asyncio.to_thread(follow_move, self._attempt, moved)
            if claim is None:
                return None
            self._go_on(replace(self._attempt, claim=claim))
            self._index_url = claim.url
            await self._crawl_index()
        await asyncio.to_thread(self._job.keep_moved)
        await asyncio.to_thread(self._job.check_archive)
        return self._attempt

    def _go_on(self, attempt: Attempt) -> None:
        """Go on with a claim whose novel has become known."""
        self._attempt = attempt
        with session(attempt.database) as opened:
            self._job.resume(attempt, self._load_known(opened))

    async def _crawl_index(self) -> None:
        try:
            await self._crawl(self._job.expand([Follow(self._index_url, PageKind.INDEX)]))
        except SourceError as error:
            other = await asyncio.to_thread(self._other_way, self._index_url, error)
            if other is None or other.novel_id != self._attempt.claim.source_novel_id:
                raise
            # What came from the first address is no page of this list.
            with self._attempt.transaction() as opened:
                opened.execute(
                    update(PageRow)
                    .where(
                        PageRow.job_id == self._attempt.job_id,
                        PageRow.kind == PageKind.INDEX,
                        PageRow.problem.is_(None),
                    )
                    .values(problem=error.code)
                )
            self._index_url = other.url
            await self._crawl(self._job.expand([Follow(other.url, PageKind.INDEX)]))

    def _other_way(self, url: str, error: SourceError) -> UrlMatch | None:
        """Another address of what is at `url`, which the site does not give; it is noted."""
        is_closed = isinstance(error, RobotsRefusal | LoginRequired)
        is_strange = isinstance(error, NotFound | PageChanged) and error.url == url
        if not is_closed and (not is_strange or self._attempt.claim.novel_id is not None):
            return None
        other = self._attempt.source.other_way(url)
        if other is not None:
            with self._attempt.transaction() as opened:
                note = f"{error.message} It is read at {other.url}."
                events.record(opened, self._attempt.job_id, "note", note)
        return other

    async def _crawl(self, start: Sequence[Follow], *, essential: bool = False) -> None:
        if not start:
            return
        source = self._attempt.source
        context = CrawlContext(
            info=source.info,
            spider=source.spider(),
            parser=source.parser(),
            settings=self._attempt.settings,
            delegate=self._job,
            pacer=self._pacer,
            counts=self._job.counts,
            explain=partial(explained, source),
        )
        crawl = Crawl(context, start, essential=essential)
        with self._attempt.switch.calling(crawl.stop):
            await crawl.run()

    def _keep_pause(self) -> None:
        """Keep a pause that the site demanded of another job; a short one is waited for."""
        info = self._attempt.source.info
        longest = max(self._pauses.values(), default=0.0)
        if longest > self._attempt.settings.max_pause:
            raise RateLimited(
                f"{info.title} demands a pause of another {longest:.0f} seconds.",
                retry_after=longest,
                hint=f"Run it again after that; `novel sources --lift {info.name}` ends the pause.",
            )
        for host, group in rate_groups(info).items():
            if group in self._pauses:
                self._pacer.pause(host, self._pauses.pop(group))

    async def _settle_identity(self) -> Attempt | None:
        """Fetch the chapter the job was given, and adopt the novel that its page names."""
        claim = self._attempt.claim
        chapter = (claim.source_chapter_id,) if claim.source_chapter_id else ()
        follow = Follow(claim.url, PageKind.CHAPTER, chapters=chapter)
        match = await self._named_by(follow)
        for _ in range(identity.MOST_STEPS):
            if match.novel_id is not None:
                break
            match = await self._named_by(Follow(match.url, PageKind.CHAPTER))
        else:
            raise PageChanged("The pages do not name their novel.", url=claim.url)
        with session(self._attempt.database) as opened:
            adopted = identity.adopt(opened, claim, match)
        return None if adopted is None else replace(self._attempt, claim=adopted)

    async def _named_by(self, follow: Follow) -> UrlMatch:
        """The novel that a page names, or the page to ask next."""
        try:
            await self._crawl(self._job.expand([follow]), essential=True)
            await asyncio.to_thread(self._job.check_archive)
            return self._identity_on(follow.url)
        except SourceError as error:
            other = await asyncio.to_thread(self._other_way, follow.url, error)
            if other is None:
                raise
            return other

    def _identity_on(self, url: str) -> UrlMatch:
        # Not before the first request, which it would delay.
        from novel_core.ingest.parsing import parse_page

        claim, source = self._attempt.claim, self._attempt.source
        with session(self._attempt.database) as opened:
            page_id = opened.scalars(
                select(PageRow.id).where(
                    PageRow.job_id == claim.job_id, PageRow.requested_url == url
                )
            ).one()
            page = load_page(opened, page_id)
        match = parse_page(source.parser(), source.name, page).novel
        if match is None or (match.novel_id is None and match.url == url):
            unnamed = PageChanged("The page does not name its novel.", url=page.url)
            raise explained(source, page, unnamed)
        return match

    def _load_known(self, opened: Session) -> KnownContent:
        """Load what is known of the job's novel, and the last known URL of its own page."""
        claim, settings = self._attempt.claim, self._attempt.settings
        index_url = None
        if claim.novel_id is not None:
            index_url = opened.scalar(
                select(NovelRow.index_url).where(NovelRow.id == claim.novel_id)
            )
        self._index_url = index_url or claim.url
        return load_known_content(
            opened,
            claim,
            reuse_index=settings.reuse_index,
            fetch_images=settings.fetch_images,
            skipped=self._skipped,
        )
