"""Importing the novels of a WARC file: no request is sent, and newer saved content stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from novel_core.archive.pages import load_page
from novel_core.crawl.limits import follow_problem
from novel_core.db.engine import session
from novel_core.db.novels import novel_id_of
from novel_core.errors import IncompleteWarc, NovelError, UnreadableWarc
from novel_core.ingest.attempt_end import JobOutcome
from novel_core.ingest.runner import run_job
from novel_core.ingest.supplied_pages import SuppliedPage, SuppliedPages
from novel_core.intake import Target, submit_import
from novel_core.jobs import lifecycle
from novel_core.jobs.failures import inherit_skipped
from novel_core.jobs.guard import deadline
from novel_core.jobs.lifecycle import Claim
from novel_core.jobs.stop_switch import StopSwitch
from novel_core.page import Follow
from novel_core.registry import LoadedSource
from novel_core.runtime import Runtime
from novel_core.source import UrlKind, UrlMatch
from novel_core.warc.discovery import Discovery, FoundNovel
from novel_core.warc.index import WarcIndex, open_index
from novel_core.warc.job_pages import JobPages, SavedNovel, crawls_of, load_saved, select_pages
from novel_core.warc.notes import NovelNote

#: Runs around a job, given its id: so a command shows progress.
Around = Callable[[int], AbstractContextManager[object]]


@dataclass(slots=True)
class ImportResult:
    """The result for one novel of the file.

    `job_ids` is empty if the library has all of it. `error` ended its last job, or prevented one.
    """

    source: str
    novel_id: str
    url: str
    pages: int
    job_ids: list[int] = field(default_factory=list)
    error: NovelError | None = None


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The number of records in the file, and the result for each novel."""

    records: int
    novels: list[ImportResult]


def import_warc(
    runtime: Runtime,
    path: Path,
    *,
    switch: StopSwitch | None = None,
    around: Around = nullcontext,
    leave: Callable[[ImportReport], None] | None = None,
) -> ImportReport:
    """Import the novels in the file at `path` whose sources are loaded.

    The whole file is read and checked first: if it is damaged (UnreadableWarc) or has no novel
    (IncompleteWarc), nothing changes. Each crawl in the file becomes one job, so that texts that
    changed between crawls become revisions again. `leave` ends this process if code over a page
    hangs and cannot be interrupted: it is called from another thread, with the results so far.
    """
    switch = switch or StopSwitch()
    with open_index(path, runtime.settings) as index:
        novels = [_noted(runtime, note, index) for note in index.novels]
        novels += Discovery(index, runtime.registry).run()
        if not novels:
            raise IncompleteWarc("The file has no page of a novel that a loaded source reads.")
        report = ImportReport(index.records, [])
        stuck = None if leave is None else partial(leave, report)
        for novel in novels:
            importing = _NovelImport(runtime, index, novel, switch, around, stuck)
            report.novels.append(importing.result)
            importing.run()
    return report


def _noted(runtime: Runtime, note: NovelNote, index: WarcIndex) -> FoundNovel:
    """A novel of a file of ours, its notes checked: anybody can have written the file."""
    source = runtime.registry.get(note.source)
    match = source.match(note.url)
    if match is None or match.kind is not UrlKind.NOVEL or match.novel_id != note.novel_id:
        raise UnreadableWarc(f"The file says that {note.url} is novel {note.novel_id}: it is not.")
    pages = [
        page
        for page in index.pages
        if (page.note.source, page.note.novel_id) == (note.source, note.novel_id)
    ]
    for page in pages:
        for url in (page.note.url, page.note.requested_url):
            if problem := follow_problem(Follow(url, page.note.kind), source.info):
                raise UnreadableWarc(f"No crawl fetches a page of this file: {problem.message}")
    return FoundNovel(source, match, pages)


def open_job(runtime: Runtime, source: LoadedSource, match: UrlMatch) -> Claim:
    """Submit and claim the job of one crawl in the file."""
    with session(runtime.database) as opened:
        target = Target(match.url, source.name, match, source.info)
        job_id = submit_import(opened, runtime.settings, target).job_id
        inherit_skipped(opened, job_id)
        claim = lifecycle.claim(opened, job_id, lease=runtime.settings.lease, by_worker=False)
    # No other process sees the job before this transaction ends.
    assert claim is not None
    return claim


class _NovelImport:
    """Imports one novel of the file: a job for each crawl in it."""

    def __init__(
        self,
        runtime: Runtime,
        index: WarcIndex,
        novel: FoundNovel,
        switch: StopSwitch,
        around: Around,
        leave: Callable[[], None] | None,
    ) -> None:
        self._runtime = runtime
        self._index = index
        self._source, self._match = novel.source, novel.match
        self._crawls = crawls_of(novel.pages)
        self._switch = switch
        self._around = around
        self._leave = leave
        self.result = ImportResult(
            self._source.name,
            self._match.novel_id or "",
            self._match.url,
            len(novel.pages),
            error=novel.error,
        )

    def run(self) -> None:
        if self.result.error is not None:
            return
        try:
            for number, crawl in enumerate(self._crawls, 1):
                self._switch.check()
                wanted = select_pages(crawl, self._crawls[number:], self._saved())
                if wanted is not None:
                    self._save(wanted)
                if self.result.error is not None:
                    break
        except NovelError as error:
            self.result.error = error

    def _saved(self) -> SavedNovel:
        with session(self._runtime.database) as opened:
            novel_id = novel_id_of(opened, self._source.name, self._match.novel_id or "")
            return load_saved(opened, novel_id)

    def _save(self, wanted: JobPages) -> None:
        # A switch for each job: a request to cancel ends one job only.
        switch = StopSwitch()
        count = len(wanted.archived) + len(wanted.indexed)
        pages = SuppliedPages(self._load(wanted), count, missing=IncompleteWarc)
        with self._switch.calling(switch.stop):
            claim = open_job(self._runtime, self._source, self._match)
            self.result.job_ids.append(claim.job_id)
            with self._around(claim.job_id):
                outcome = run_job(
                    self._runtime,
                    claim,
                    switch,
                    collect=pages.collect,
                    is_resumable=False,
                    checks=[deadline(self._runtime.settings.job_timeout)],
                    leave=None if self._leave is None else self._end_process,
                )
        self.result.error = outcome.error

    def _end_process(self, outcome: JobOutcome) -> None:
        assert self._leave is not None
        self.result.error = outcome.error
        self._leave()

    def _load(self, wanted: JobPages) -> Iterator[SuppliedPage]:
        for page_id in wanted.archived:
            with session(self._runtime.database) as opened:
                page = load_page(opened, page_id)
            yield SuppliedPage(page)
        for indexed in wanted.indexed:
            yield SuppliedPage(self._index.load(indexed), indexed.note.problem)
