"""A job as the delegate of its crawl: plans from what is known, archives what is fetched."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Concatenate, ParamSpec, TypeVar

from scrapy.http import Response
from sqlalchemy.orm import Session

from novel_core.archive.pages import NOT_MODIFIED, load_page
from novel_core.archive.writer import ArchiveWriter
from novel_core.content.visible import follows_of
from novel_core.crawl.delegate import CrawlCounts, CrawlDelegate, RobotsRecord, Validators
from novel_core.crawl.politeness import group_of
from novel_core.crawl.response_checks import page_of
from novel_core.db.engine import session
from novel_core.errors import PageChanged, SourceError
from novel_core.ingest import origins
from novel_core.ingest.attempt import Attempt
from novel_core.ingest.known_content import KnownContent, PictureAllowance
from novel_core.jobs import lifecycle
from novel_core.jobs.failures import MAX_URL_BYTES
from novel_core.logs import loggable_url
from novel_core.page import Follow, Page
from novel_core.source import PageKind
from novel_core.steps import limited

logger = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")


class CrawlJob(CrawlDelegate):
    """Plans from `known`, archives in groups, counts what the job has cost."""

    def __init__(self, attempt: Attempt, known: KnownContent) -> None:
        self._parser = attempt.source.parser()
        # What this attempt requests or has read, by address.
        self._planned: dict[str, Follow] = {}
        # Of all crawls of this attempt.
        self.counts = CrawlCounts()
        # Pages that an earlier attempt has archived.
        self._reused = 0
        self.resume(attempt, known)

    def resume(self, attempt: Attempt, known: KnownContent) -> None:
        """Go on with another claim and other known content: the job knows its novel now."""
        self._attempt = attempt
        self._known = known
        self._pictures = PictureAllowance(attempt.settings, known.images.values())
        self._writer = ArchiveWriter(attempt.database, attempt.claim, self._write_counts)

    def log_summary(self, seconds: float) -> None:
        """One line about what this attempt requested and reused."""
        fields: dict[str, float] = {
            "requests": self.counts.requests,
            "pages": self.counts.pages,
            "bytes": self.counts.bytes,
            "reused": self._reused,
            "failed": len(self.counts.failed),
            "seconds": round(seconds, 3),
        }
        line = (
            "crawled: {requests} requests, {pages} pages from the network ({bytes:,} bytes),"
            " {reused} from the archive, {failed} failed, {seconds:.1f} s"
        )
        logger.info(line.format(**fields), extra=fields)

    async def archive(self, page: Page, problem: SourceError | None) -> None:
        # Another page may meanwhile have named more chapters for this address.
        planned = self._planned.get(page.requested_url)
        if planned is not None and planned.kind is page.kind:
            page = replace(page, chapters=planned.chapters)
        if page.kind is PageKind.IMAGE and problem is None:
            self._pictures.add(len(page.body))
        await self._writer.store(page, problem.code if problem else None)

    def is_wanted(self, follow: Follow) -> bool:
        """Leave out a picture that was planned before the others took all the room."""
        if follow.kind is not PageKind.IMAGE or self._pictures.has_room:
            return True
        self._attempt.warn(self._pictures.warnings())
        return False

    async def plan(self, page: Page, follows: Sequence[Follow]) -> Iterable[Follow]:
        if self._attempt.claim.source_novel_id is None:
            # Nothing more before it is known which novel this is.
            return ()
        return self.expand(follows, found_on=page.kind)

    def expand(
        self, follows: Sequence[Follow], *, found_on: PageKind = PageKind.INDEX
    ) -> list[Follow]:
        """Those of `follows` to request, and those that already archived pages lead to."""
        wanted: list[Follow] = []
        # Archived pages may lead to each other by the thousand: a stack, no recursion.
        levels = [(iter(by_address(follows).values()), found_on)]
        while levels:
            groups, kind = levels[-1]
            group = next(groups, None)
            if group is None:
                levels.pop()
            elif (follow := self._admitted(group, kind)) is not None:
                archived = self._known.page_of(follow)
                if archived is None:
                    wanted.append(follow)
                elif follow.kind is not PageKind.IMAGE:
                    self._reused += 1
                    url = loggable_url(follow.url)
                    logger.debug("archive: %s", url, extra={"origin": "archive", "url": url})
                    further = self._follows_of(archived)
                    levels.append((iter(by_address(further).values()), follow.kind))
        return wanted

    def _admitted(self, group: Sequence[Follow], found_on: PageKind) -> Follow | None:
        """One Follow for the group's address; None if it is planned already or not needed."""
        follow = joined(group)
        if earlier := self._planned.get(follow.url):
            self._planned[follow.url] = joined([earlier, follow])
            return None
        if follow.kind is PageKind.IMAGE and not self._attempt.settings.fetch_images:
            return None
        if len(follow.url.encode()) > MAX_URL_BYTES:
            self._refuse(follow)
            return None
        # The further parts of a chapter that is being fetched are needed in any case.
        continues = found_on is follow.kind is PageKind.CHAPTER
        if not continues and not any(map(self._known.is_needed, group)):
            return None
        self._planned[follow.url] = follow
        is_new_picture = follow.kind is PageKind.IMAGE and self._known.page_of(follow) is None
        if is_new_picture and not self._pictures.admit():
            self._attempt.warn(self._pictures.warnings())
            return None
        return follow

    def _refuse(self, follow: Follow) -> None:
        """Report an address that is too long to archive; an image's just stays in the text."""
        error = PageChanged(f"The page links to a URL of {len(follow.url):,} characters.")
        if follow.kind is PageKind.INDEX:
            raise error
        if follow.kind is PageKind.CHAPTER:
            self._attempt.record_failure(follow, error)

    def _follows_of(self, page_id: int) -> Sequence[Follow]:
        with session(self._attempt.database) as opened:
            page = load_page(opened, page_id)
        if page.status == NOT_MODIFIED:
            return []
        try:
            return limited("Looking for links on", page.url, lambda: follows_of(self._parser, page))
        except SourceError:
            if page.kind is PageKind.INDEX:
                raise
            # The parse stage reports what is wrong with this chapter.
            return []

    def validators(self, follow: Follow) -> Validators | None:
        return self._known.validators(follow)

    async def not_modified(self, follow: Follow) -> None:
        await self._writer.store(_without_body(follow, NOT_MODIFIED), None)

    async def failed(self, follow: Follow, error: SourceError) -> None:
        await asyncio.to_thread(self._attempt.record_failure, follow, error)
        if follow.kind is PageKind.IMAGE:
            # Archived too, so that updates do not request a dead image again.
            await self._writer.store(_without_body(follow, 0), error.code)

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
            pages=self.counts.pages + self._reused,
            expected=self.counts.expected + self._reused,
        )

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


def by_address(follows: Iterable[Follow]) -> dict[str, list[Follow]]:
    """Group `follows` by address, in order; an address has the kind that its first Follow says."""
    groups: dict[str, list[Follow]] = {}
    for follow in follows:
        group = groups.setdefault(follow.url, [])
        if not group or group[0].kind is follow.kind:
            group.append(follow)
    return groups


def joined(follows: Sequence[Follow]) -> Follow:
    """One Follow for several of one address: the first, with the chapters of all of its kind.

    >>> from novel_core import PageKind
    >>> url = "https://example.org/all"
    >>> follows = [Follow(url, PageKind.CHAPTER, chapters=(chapter,)) for chapter in "12"]
    >>> joined(follows).chapters
    ('1', '2')
    """
    first = follows[0]
    same = [follow for follow in follows if follow.kind is first.kind]
    chapters: dict[str, str | None] = {}
    for follow in same:
        for chapter, marker in zip_longest(follow.chapters, follow.markers):
            chapters.setdefault(chapter, marker)
    markers = tuple(chapters.values()) if any(chapters.values()) else ()
    return replace(first, chapters=tuple(chapters), markers=markers)
