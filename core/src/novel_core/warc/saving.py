"""One job over pages of a file: archived, parsed and saved by the stages of every job, with the file in the site's place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from novel_core.archive.pages import CONFLICT, as_row, load_page
from novel_core.db.engine import session
from novel_core.db.pages import PageRow
from novel_core.errors import (
    IncompleteWarc,
    LeaseLost,
    NovelError,
    StorageError,
)
from novel_core.ingest.announcing import announce
from novel_core.ingest.crawl_job import CrawlJob, record_failure
from novel_core.ingest.known_content import load_known_content
from novel_core.ingest.saving import save_pages
from novel_core.intake import Target, submit_import
from novel_core.jobs import lifecycle
from novel_core.jobs.lease import Heartbeat
from novel_core.jobs.lifecycle import Claim
from novel_core.jobs.stop_monitor import StopMonitor, cancellation
from novel_core.jobs.stop_switch import StopSwitch
from novel_core.page import Follow, Page
from novel_core.registry import LoadedSource
from novel_core.runtime import Runtime
from novel_core.source import PageKind, UrlMatch
from novel_core.warc.planning import Plan

#: Archived pages of any age stand for the site's.
_ANY_AGE = 500 * 365 * 86_400.0
#: Pages are written in groups of about so many bytes.
_GROUP = 4 * 2**20

#: A page of the plan with its body, and the code of the problem it was archived with.
Loader = Callable[[Plan], Iterator[tuple[Page, str | None]]]


@dataclass(frozen=True, slots=True)
class WarcJob:
    """A novel's job, open and claimed from its first moment on."""

    runtime: Runtime
    source: LoadedSource
    claim: Claim

    @classmethod
    def open(cls, runtime: Runtime, source: LoadedSource, match: UrlMatch) -> WarcJob:
        with session(runtime.database) as opened:
            target = Target(match.url, source.name, match)
            job = submit_import(opened, runtime.settings, target)
            claim = lifecycle.claim(opened, job.job_id, lease=runtime.settings.lease)
            assert claim is not None
        return cls(runtime, source, claim)

    def run(self, plan: Plan, load: Loader, switch: StopSwitch) -> NovelError | None:
        """Save the plan's pages; the error the job has ended with, or None."""
        runtime, claim = self.runtime, self.claim
        try:
            with (
                Heartbeat(self._renew, claim.lease, switch.stop),
                StopMonitor([cancellation(runtime.database, claim)], switch.stop),
            ):
                self._archive(plan, load, switch)
                save_pages(runtime, claim, self.source, switch)
        except NovelError as error:
            self._fail(error)
            return error
        except BaseException as error:
            self._fail(NovelError(f"Unexpected {type(error).__name__}: {error}"))
            raise
        self._announce()
        return None

    def _renew(self) -> bool:
        with session(self.runtime.database) as opened:
            return lifecycle.renew(opened, self.claim)

    def _fail(self, error: NovelError) -> None:
        with suppress(LeaseLost, StorageError), session(self.runtime.database) as opened:
            lifecycle.fail(opened, self.claim, error)
        self._announce()

    def _announce(self) -> None:
        with suppress(StorageError):
            announce(self.runtime, self.claim.job_id)

    def _archive(self, plan: Plan, load: Loader, switch: StopSwitch) -> None:
        rows: list[dict[str, Any]] = []
        count, start = 0, ""
        for page, problem in self._pages(plan, load):
            switch.check()
            if page.kind is PageKind.INDEX and not page.position and not start:
                start = page.requested_url
            rows.append(as_row(self.claim, page, None) | {"problem": problem})
            count += 1
            if sum(len(row["body"]) for row in rows) > _GROUP:
                self._write(rows, count, len(plan.entries))
                rows = []
        self._write(rows, count, count)
        self._note_gaps(start, count)

    def _pages(self, plan: Plan, load: Loader) -> Iterator[tuple[Page, str | None]]:
        for page_id in plan.held_index:
            with session(self.runtime.database) as opened:
                page = load_page(opened, page_id)
            yield page, None
        yield from load(plan)

    def _write(self, rows: list[dict[str, Any]], count: int, expected: int) -> None:
        with session(self.runtime.database) as opened:
            lifecycle.progress(
                opened, self.claim, requests=0, pages=count, expected=max(count, expected)
            )
            if rows:
                opened.execute(
                    insert(PageRow).on_conflict_do_nothing(index_elements=CONFLICT), rows
                )

    def _note_gaps(self, start: str, count: int) -> None:
        """What a crawl would request now is what the file lacks."""
        runtime, claim = self.runtime, self.claim
        with session(runtime.database) as opened:
            known = load_known_content(
                opened, claim, reuse_index=_ANY_AGE, fetch_images=runtime.settings.fetch_images
            )
        crawl = CrawlJob(runtime, claim, self.source, known)
        lacking = crawl.expand([Follow(start, PageKind.INDEX)])
        for follow in lacking:
            if follow.kind is PageKind.INDEX:
                raise IncompleteWarc(f"The file lacks a page of the chapter list: {follow.url}")
        gaps = [follow for follow in lacking if follow.kind is PageKind.CHAPTER]
        for follow in gaps:
            record_failure(
                runtime, claim, follow, IncompleteWarc("The file does not hold this page.")
            )
        self._write([], count, count + len(gaps))
