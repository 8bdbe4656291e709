"""Pages that somebody supplies, in a crawl's place: a web archive's."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from novel_core.archive.pages import in_batches
from novel_core.archive.resting import load_set_aside
from novel_core.archive.writer import ArchiveWriter
from novel_core.db.engine import session
from novel_core.errors import NovelError, PageTooSlow
from novel_core.ingest.attempt import Attempt
from novel_core.ingest.crawl_job import CrawlJob
from novel_core.ingest.known_content import KnownContent, PictureAllowance, load_known_content
from novel_core.jobs import lifecycle
from novel_core.jobs.failures import clear_failures
from novel_core.page import Follow, Page
from novel_core.processes.event_loop import run_async
from novel_core.source import PageKind

#: Seconds; archived pages of any age replace the site's.
_ANY_AGE = 500 * 365 * 86_400.0
#: Pages and bytes of one commit.
_BATCH, _BATCH_BYTES = 100, 4 * 2**20


@dataclass(frozen=True, slots=True)
class SuppliedPage:
    """A page, and the code of the problem that it was archived with elsewhere."""

    page: Page
    problem: str | None = None


class SuppliedPages:
    """Archives `pages` as a job's pages; `count` is their number.

    A page that a crawl would then still request is missing. A chapter page is a gap with the
    error `missing`; a page of the chapter list ends the job with that error.
    """

    def __init__(
        self, pages: Iterable[SuppliedPage], count: int, missing: type[NovelError]
    ) -> None:
        self._pages = pages
        self._expected = count
        self._missing = missing
        self._archived = 0
        self._start = ""

    def collect(self, attempt: Attempt) -> Attempt:
        """Archive the pages, and record what is missing."""
        with attempt.transaction() as opened:
            skipped = clear_failures(opened, attempt.job_id)
        known = self._load_known(attempt, skipped)
        run_async(self._archive(attempt, known))
        self._record_gaps(attempt, skipped)
        return attempt

    async def _archive(self, attempt: Attempt, known: KnownContent) -> None:
        def count(opened: Session) -> None:
            self._write_counts(opened, attempt)

        pictures = PictureAllowance(attempt.settings, known.images.values())
        writer = ArchiveWriter(attempt.database, attempt.claim, count)
        for batch in in_batches(self._sized(attempt), count=_BATCH, size=_BATCH_BYTES):
            stored = []
            for page, problem in ((supplied.page, supplied.problem) for supplied in batch):
                if page.kind is PageKind.IMAGE:
                    # The search for gaps warns of pictures that are left out.
                    if not pictures.admit():
                        continue
                    pictures.add(len(page.body))
                if page.kind is PageKind.INDEX and not page.position and not self._start:
                    self._start = page.requested_url
                is_skipped = page.key in known.skipped
                stored.append(writer.store(page, PageTooSlow.code if is_skipped else problem))
            self._archived += len(stored)
            await asyncio.gather(*stored)
        with session(attempt.database) as opened:
            count(opened)
            writer.check(opened)

    def _sized(self, attempt: Attempt) -> Iterator[tuple[SuppliedPage, int]]:
        for supplied in self._pages:
            attempt.switch.check()
            yield supplied, len(supplied.page.body)

    def _record_gaps(self, attempt: Attempt, skipped: frozenset[str]) -> None:
        known = self._load_known(attempt, skipped)
        missing = CrawlJob(attempt, known).expand([Follow(self._start, PageKind.INDEX)])
        missing = [follow for follow in missing if not follow.is_optional]
        for follow in missing:
            if follow.kind is PageKind.INDEX:
                raise self._missing(f"A page of the chapter list is missing: {follow.url}")
        with session(attempt.database) as opened:
            locked = load_set_aside(opened, attempt.claim.novel_id, attempt.job_id).locked
        gaps = [
            follow
            for follow in missing
            if follow.kind is PageKind.CHAPTER
            # A walk would go on from a saved chapter.
            and not (follow.is_walk and not known.is_needed(follow))
            and not (follow.chapters and locked.issuperset(follow.chapters))
        ]
        for follow in gaps:
            attempt.record_failure(follow, self._missing("This page is missing."))
        self._expected = self._archived + len(gaps)
        with session(attempt.database) as opened:
            self._write_counts(opened, attempt)

    def _write_counts(self, opened: Session, attempt: Attempt) -> None:
        expected = max(self._archived, self._expected)
        lifecycle.progress(
            opened, attempt.claim, requests=0, pages=self._archived, expected=expected
        )

    def _load_known(self, attempt: Attempt, skipped: frozenset[str]) -> KnownContent:
        with session(attempt.database) as opened:
            return load_known_content(
                opened,
                attempt.claim,
                reuse_index=_ANY_AGE,
                fetch_images=attempt.settings.fetch_images,
                skipped=skipped,
            )
