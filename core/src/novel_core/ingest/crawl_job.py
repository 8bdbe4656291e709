"""A job as the delegate of its crawl: plans from what is known, archives what is fetched."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from scrapy.http import Response
from sqlalchemy.orm import Session

from novel_core.archive import origins
from novel_core.archive.pages import NOT_MODIFIED, kept_headers
from novel_core.archive.resting import note_problem
from novel_core.archive.writer import ArchiveWriter
from novel_core.crawl.delegate import CrawlCounts, CrawlDelegate, RobotsRecord, Validators
from novel_core.crawl.limits import follow_problem
from novel_core.crawl.politeness import group_of
from novel_core.crawl.response_checks import page_of
from novel_core.db.engine import session
from novel_core.errors import Locked, NotFound, SourceError
from novel_core.ingest.attempt import Attempt
from novel_core.ingest.crawl_plan import CrawlPlan
from novel_core.ingest.known_content import KnownContent
from novel_core.ingest.moved_novels import check_identity
from novel_core.jobs import lifecycle
from novel_core.logs import loggable_url
from novel_core.page import Follow, Page
from novel_core.source import PageKind

if TYPE_CHECKING:
    from novel_core.content.visible import Links

logger = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")


class CrawlJob(CrawlDelegate):
    """Plans from `known`, archives in groups, counts what the job has cost."""

    def __init__(self, attempt: Attempt, known: KnownContent) -> None:
        # Of all crawls of this attempt.
        self.counts = CrawlCounts()
        self._plan = CrawlPlan(attempt, known)
        self.resume(attempt, known)

    def resume(self, attempt: Attempt, known: KnownContent) -> None:
        """Go on with another claim and other known content: the job knows its novel now."""
        self._attempt = attempt
        self._known = known
        self._plan.resume(attempt, known)
        self._writer = ArchiveWriter(attempt.database, attempt.claim, self._write_counts)

    def log_summary(self, seconds: float) -> None:
        """One line about what this attempt requested and reused."""
        fields: dict[str, float] = {
            "requests": self.counts.requests,
            "pages": self.counts.pages,
            "bytes": self.counts.bytes,
            "reused": self._plan.reused,
            "failed": len(self.counts.failed),
            "seconds": round(seconds, 3),
        }
        line = (
            "crawled: {requests} requests, {pages} pages from the network ({bytes:,} bytes),"
            " {reused} from the archive, {failed} failed, {seconds:.1f} s"
        )
        logger.info(line.format(**fields), extra=fields)

    async def archive(self, page: Page, problem: SourceError | None) -> Page:
        page = replace(page, headers=kept_headers(page.headers))
        # Another page may meanwhile have named more chapters for this address.
        if planned := self._plan.planned(page.key, page.kind):
            page = replace(page, chapters=planned.chapters, is_optional=planned.is_optional)
        if page.kind is PageKind.IMAGE and problem is None:
            self._plan.pictures.add(len(page.body))
        await self._writer.store(page, problem.code if problem else None)
        return page

    def is_wanted(self, follow: Follow) -> bool:
        """Leave out a picture that was planned before the others took all the room."""
        if follow.kind is not PageKind.IMAGE or self._plan.pictures.has_room:
            return True
        self._attempt.warn(self._plan.pictures.warnings())
        return False

    async def plan(self, page: Page, follows: Sequence[Follow], links: Links) -> Iterable[Follow]:
        self._attempt.parsed.keep(page, links)
        if self._attempt.claim.source_novel_id is None:
            # Nothing more before it is known which novel this is.
            self._plan.note_read(page.key, ())
            return ()
        if links.parsed is not None:
            check_identity(self._attempt, page, links.parsed, self._known.chapters)
        self._plan.note_read(page.key, page.chapters)
        return self._plan.expand(follows, found_on=page) + self._plan.further(page.key)

    def expand(self, follows: Sequence[Follow]) -> list[Follow]:
        """Those of `follows` to request, and those that already archived pages lead to."""
        return self._plan.expand(follows)

    def validators(self, follow: Follow) -> Validators | None:
        # A page that is not modified has no next link.
        return None if follow.is_walk else self._known.validators(follow)

    async def not_modified(self, follow: Follow) -> None:
        self._plan.note_read(follow.key, follow.chapters)
        await self._writer.store(_without_body(follow, NOT_MODIFIED), None)

    async def failed(self, follow: Follow, error: SourceError) -> None:
        follow = self._plan.failed(follow)
        is_locked = isinstance(error, Locked) and follow.kind is PageKind.CHAPTER
        if follow.is_optional or is_locked:
            await self._set_aside(follow, error)
            return
        await asyncio.to_thread(self._attempt.record_failure, follow, error)
        if follow.is_walk and isinstance(error, NotFound):
            warning = (
                f"Chapter {follow.chapters[0]} is gone, so the walk ends before it; the next update"
                " goes on from the chapter before."
            )
            await asyncio.to_thread(self._attempt.warn, [warning])
        if follow.kind is PageKind.IMAGE:
            # Archived too, so that updates do not request a dead image again.
            await self._writer.store(_without_body(follow, 0), error.code)

    async def _set_aside(self, follow: Follow, error: SourceError) -> None:
        """Note a failed page that is no gap; it is not requested again for a while."""
        self.counts.expected -= 1
        if follow.is_optional:
            warning = f"An optional page could not be fetched: {error.message}"
            await asyncio.to_thread(self._attempt.warn, [warning])
        job_id, code = self._attempt.job_id, error.code
        is_archived = await self._in_session(note_problem, job_id, follow, code)
        if not is_archived and follow_problem(follow, self._attempt.source.info) is None:
            await self._writer.store(_without_body(follow, 0), code)

    async def load_robots(self, origin: str) -> RobotsRecord | None:
        return await self._in_session(origins.load_robots, origin)

    async def save_robots(self, record: RobotsRecord) -> None:
        await self._in_session(origins.save_robots, record)

    async def paused(self, url: str, seconds: float) -> None:
        """Keep the pause in the database too: the queue's server may lose it."""
        shown = loggable_url(url)
        logger.warning(
            "the site requests a pause of %.0f s: %s", seconds, shown, extra={"url": shown}
        )
        group = group_of(self._attempt.source.info, url)
        await self._in_session(origins.pause_origin, url, group, seconds)

    async def _in_session(
        self, call: Callable[Concatenate[Session, P], R], *arguments: P.args, **named: P.kwargs
    ) -> R:
        def run() -> R:
            with session(self._attempt.database) as opened:
                return call(opened, *arguments, **named)

        return await asyncio.to_thread(run)

    def _write_counts(self, opened: Session) -> None:
        lifecycle.progress(
            opened,
            self._attempt.claim,
            requests=self.counts.requests,
            pages=self.counts.pages + self._plan.reused,
            expected=self.counts.expected + self._plan.reused,
        )

    def keep_moved(self) -> None:
        self._plan.keep_moved()

    def check_archive(self) -> None:
        """StorageError if the database has lost a page that this attempt has archived."""
        with session(self._attempt.database) as opened:
            self._writer.check(opened)

    def flush(self) -> None:
        """Write the counters as they are now."""
        with session(self._attempt.database) as opened:
            self._write_counts(opened)


def _without_body(follow: Follow, status: int) -> Page:
    return page_of(follow, Response(follow.url, status=status))
