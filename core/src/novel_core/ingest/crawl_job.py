"""A job as the owner of its crawl: what is held comes from the database, what is fetched goes there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from sqlalchemy.orm import Session

from novel_core.archive.pages import NOT_MODIFIED, ArchiveWriter, load_page
from novel_core.content.visible import follows_of
from novel_core.crawl.delegate import CrawlCounts, CrawlDelegate, RobotsRecord, Validators
from novel_core.db.engine import session
from novel_core.errors import NovelError, PageChanged, SourceError
from novel_core.ingest import origins
from novel_core.ingest.follows import by_address, joined
from novel_core.ingest.known_content import KnownContent
from novel_core.ingest.picture_allowance import PictureAllowance
from novel_core.jobs import events, lifecycle
from novel_core.jobs.failures import MAX_URL_BYTES, write_failure
from novel_core.jobs.lifecycle import Claim
from novel_core.page import Follow, Page
from novel_core.registry import LoadedSource
from novel_core.runtime import Runtime
from novel_core.source import PageKind
from novel_core.steps import limited

T = TypeVar("T")
R = TypeVar("R")


class CrawlJob(CrawlDelegate):
    """Plans from `known`, archives in groups, counts what the job has cost."""

    def __init__(
        self, runtime: Runtime, claim: Claim, source: LoadedSource, known: KnownContent
    ) -> None:
        self._runtime = runtime
        self._claim = claim
        self._parser = source.parser()
        self._known = known
        self._pictures = PictureAllowance(runtime.settings, known.images.values())
        self._asked: dict[str, Follow] = {}  # what this attempt requests or has read, by address
        self._counts = CrawlCounts()
        self._reused = 0  # pages an earlier attempt has archived
        self._earlier = CrawlCounts()  # of crawls of this attempt that have ended
        self._writer = ArchiveWriter(runtime.database, claim, self._write_counts)

    @property
    def failures(self) -> int:
        return len(self._counts.failed) + len(self._earlier.failed)

    def begin(self, counts: CrawlCounts) -> None:
        """Another crawl of the same job starts counting."""
        self._earlier = CrawlCounts(
            requests=self._earlier.requests + self._counts.requests,
            pages=self._earlier.pages + self._counts.pages,
            expected=self._earlier.expected + self._counts.expected,
            failed=self._earlier.failed + self._counts.failed,
        )
        self._counts = counts

    async def archive(self, page: Page, problem: SourceError | None) -> None:
        # Meanwhile another page may have told that more chapters are on this one.
        asked = self._asked.get(page.requested_url)
        if asked is not None and asked.kind is page.kind:
            page = replace(page, chapters=asked.chapters)
        if page.kind is PageKind.IMAGE and problem is None:
            self._pictures.add(len(page.body))
        await self._writer.store(page, problem)

    def is_wanted(self, follow: Follow) -> bool:
        """A picture that was planned before the others took all the room is left out."""
        if follow.kind is not PageKind.IMAGE or self._pictures.has_room:
            return True
        self._tell_of_pictures()
        return False

    def _tell_of_pictures(self) -> None:
        warning = self._pictures.warning()
        if warning is not None:
            with session(self._runtime.database) as opened:
                events.record(opened, self._claim.job_id, "warning", warning)

    async def plan(self, page: Page, follows: Sequence[Follow]) -> Iterable[Follow]:
        if self._claim.source_novel_id is None:
            return ()  # nothing more before it is known which novel this is
        return self.expand(follows, found_on=page.kind)

    def expand(
        self, follows: Sequence[Follow], *, found_on: PageKind = PageKind.INDEX
    ) -> list[Follow]:
        """Of `follows`, those to request; pages that an earlier attempt has archived are read in their place."""
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
                    further = self._follows_of(archived)
                    levels.append((iter(by_address(further).values()), follow.kind))
        return wanted

    def _admitted(self, group: Sequence[Follow], found_on: PageKind) -> Follow | None:
        """What the Follows of one address ask for, unless it is known, unwanted or held."""
        follow = joined(group)
        if earlier := self._asked.get(follow.url):
            self._asked[follow.url] = joined([earlier, follow])
            return None
        if follow.kind is PageKind.IMAGE and not self._runtime.settings.fetch_images:
            return None
        if len(follow.url.encode()) > MAX_URL_BYTES:
            self._refuse(follow)
            return None
        # The further parts of a chapter that is being fetched are needed whatever is held.
        continues = found_on is follow.kind is PageKind.CHAPTER
        if not continues and not any(map(self._known.is_needed, group)):
            return None
        self._asked[follow.url] = follow
        is_new_picture = follow.kind is PageKind.IMAGE and self._known.page_of(follow) is None
        if is_new_picture and not self._pictures.admit():
            self._tell_of_pictures()
            return None
        return follow

    def _refuse(self, follow: Follow) -> None:
        """An address no page can be kept under; an image's stays in the text, and is no loss to a reader."""
        error = PageChanged(f"The page links to an address of {len(follow.url):,} characters.")
        if follow.kind is PageKind.INDEX:
            raise error
        if follow.kind is PageKind.CHAPTER:
            record_failure(self._runtime, self._claim, follow, error)

    def _follows_of(self, page_id: int) -> Sequence[Follow]:
        with session(self._runtime.database) as opened:
            page = load_page(opened, page_id)
        if page.status == NOT_MODIFIED:
            return []
        try:
            return limited("Looking for links on", page.url, lambda: follows_of(self._parser, page))
        except SourceError:
            if page.kind is PageKind.INDEX:
                raise
            return []  # the parse stage says what is wrong with this chapter

    def validators(self, follow: Follow) -> Validators | None:
        return self._known.validators(follow)

    async def not_modified(self, follow: Follow) -> None:
        answer = Page(
            url=follow.url,
            kind=follow.kind,
            body=b"",
            status=NOT_MODIFIED,
            requested_url=follow.url,
            chapters=follow.chapters,
            part=follow.part,
            position=follow.position,
        )
        await self._writer.store(answer, None)

    async def failed(self, follow: Follow, error: SourceError) -> None:
        await asyncio.to_thread(record_failure, self._runtime, self._claim, follow, error)
        if follow.kind is PageKind.IMAGE:
            # Kept as a page too, so that a dead image is not asked for at every update.
            nothing = Page(
                url=follow.url, kind=follow.kind, body=b"", status=0, requested_url=follow.url
            )
            await self._writer.store(nothing, error)

    async def load_robots(self, origin: str) -> RobotsRecord | None:
        return await asyncio.to_thread(self._in_session, origins.load_robots, origin)

    async def save_robots(self, record: RobotsRecord) -> None:
        await asyncio.to_thread(self._in_session, origins.save_robots, record)

    async def paused(self, url: str, seconds: float) -> None:
        """Kept in the database too: the queue's server may forget."""
        await asyncio.to_thread(self._leave_alone, url, seconds)

    def _leave_alone(self, url: str, seconds: float) -> None:
        with session(self._runtime.database) as opened:
            origins.leave_alone(opened, url, seconds)

    def _in_session(self, call: Callable[[Session, T], R], argument: T) -> R:
        with session(self._runtime.database) as opened:
            return call(opened, argument)

    def progress(self, counts: CrawlCounts) -> None:
        """The counters reach the database with the next page."""

    def _write_counts(self, opened: object) -> None:
        counts, earlier = self._counts, self._earlier
        lifecycle.progress(
            opened,  # type: ignore[arg-type]
            self._claim,
            requests=earlier.requests + counts.requests,
            pages=earlier.pages + counts.pages + self._reused,
            expected=earlier.expected + counts.expected + self._reused,
        )

    def check_archive(self) -> None:
        """StorageError when the database has lost what this attempt has fetched: the next one asks for it again."""
        with session(self._runtime.database) as opened:
            self._writer.check(opened)

    def adopted(self, claim: Claim, known: KnownContent) -> None:
        """The job knows its novel now."""
        self._claim = claim
        self._known = known
        self._pictures = PictureAllowance(self._runtime.settings, known.images.values())
        self._writer = ArchiveWriter(self._runtime.database, claim, self._write_counts)

    def flush(self) -> None:
        """Write the counters as they stand now."""
        with session(self._runtime.database) as opened:
            self._write_counts(opened)


def record_failure(runtime: Runtime, claim: Claim, follow: Follow, error: NovelError) -> None:
    """Keep what could not be had, and why, if the job is still ours."""
    with session(runtime.database) as opened:
        lifecycle.hold(opened, claim)
        write_failure(opened, claim.job_id, follow, error)
