"""Saving the novels of a WARC file: no request is sent, and what the library holds already is left alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from novel_core.crawl.limits import follow_problem
from novel_core.db.engine import session
from novel_core.db.novels import novel_id_of
from novel_core.errors import IncompleteWarc, NovelError, UnreadableWarc
from novel_core.jobs.stop_switch import StopSwitch
from novel_core.page import Follow, Page
from novel_core.registry import LoadedSource
from novel_core.runtime import Runtime
from novel_core.source import UrlKind
from novel_core.warc.discovery import Discovery, Found
from novel_core.warc.extension import NovelNote
from novel_core.warc.index import Catalogue, Entry, open_catalogue
from novel_core.warc.planning import Held, Plan, generations, load_held, plan
from novel_core.warc.saving import WarcJob

#: What to run around a job, given its id: how a command shows its progress.
Around = Callable[[int], AbstractContextManager[object]]


@dataclass(slots=True)
class ImportResult:
    """What became of one novel of the file. `job_ids` is empty where the library lacks nothing of it.

    `error` is what ended its last job, or kept it from one.
    """

    source: str
    novel_id: str
    url: str
    pages: int
    job_ids: list[int] = field(default_factory=list)
    error: NovelError | None = None


@dataclass(frozen=True, slots=True)
class ImportReport:
    records: int
    novels: list[ImportResult]


def _quietly(_job_id: int) -> AbstractContextManager[object]:
    return nullcontext()


def import_warc(
    runtime: Runtime,
    path: Path,
    *,
    switch: StopSwitch | None = None,
    around: Around = _quietly,
) -> ImportReport:
    """Save what the file at `path` holds of novels whose sources are loaded.

    The whole file is read and checked first: one that is damaged (UnreadableWarc) or holds no novel (IncompleteWarc) changes
    nothing. Each crawl in the file becomes one job, so that texts that changed between them become revisions again.
    """
    with open_catalogue(path, runtime.settings) as catalogue:
        novels = [_known(runtime, note, catalogue) for note in catalogue.novels]
        novels += Discovery(catalogue, runtime.registry).run()
        if not novels:
            raise IncompleteWarc("The file holds no page of a novel that a loaded source reads.")
        results = [
            _Import(runtime, catalogue, novel, switch or StopSwitch(), around).run()
            for novel in novels
        ]
    return ImportReport(catalogue.records, results)


def _known(runtime: Runtime, note: NovelNote, catalogue: Catalogue) -> Found:
    """A novel of a file of ours, its claims about itself checked: who wrote the file may be anybody."""
    source = runtime.registry.get(note.source)
    match = source.match(note.url)
    if match is None or match.kind is not UrlKind.NOVEL or match.novel_id != note.novel_id:
        raise UnreadableWarc(f"The file says {note.url} is novel {note.novel_id}; it is not.")
    entries = [
        entry
        for entry in catalogue.entries
        if (entry.note.source, entry.note.novel_id) == (note.source, note.novel_id)
    ]
    for entry in entries:
        _check_hosts(entry, source)
    return Found(source, match, entries)


def _check_hosts(entry: Entry, source: LoadedSource) -> None:
    for url in (entry.note.url, entry.note.requested_url):
        if problem := follow_problem(Follow(url, entry.note.kind), source.info):
            raise UnreadableWarc(f"The file holds what no crawl brings: {problem.message}")


class _Import:
    """One novel's way from the file into the library."""

    def __init__(
        self,
        runtime: Runtime,
        catalogue: Catalogue,
        novel: Found,
        switch: StopSwitch,
        around: Around,
    ) -> None:
        self._runtime = runtime
        self._catalogue = catalogue
        self._source, self._match = novel.source, novel.match
        self._crawls = generations(novel.entries)
        self._switch = switch
        self._around = around
        self._result = ImportResult(
            self._source.name,
            self._match.novel_id or "",
            self._match.url,
            len(novel.entries),
            error=novel.error,
        )

    def run(self) -> ImportResult:
        if self._result.error is not None:
            return self._result
        try:
            for number, crawl in enumerate(self._crawls, 1):
                self._switch.check()
                wanted = plan(crawl, self._crawls[number:], self._held())
                if wanted is not None and not self._save(wanted):
                    break
        except NovelError as error:
            self._result.error = error
        return self._result

    def _held(self) -> Held:
        with session(self._runtime.database) as opened:
            novel_id = novel_id_of(opened, self._source.name, self._match.novel_id or "")
            return load_held(opened, novel_id)

    def _save(self, wanted: Plan) -> bool:
        # A switch for each job: one that is cancelled ends that job only.
        switch = StopSwitch()
        with self._switch.calling(switch.stop):
            job = WarcJob.open(self._runtime, self._source, self._match)
            self._result.job_ids.append(job.claim.job_id)
            with self._around(job.claim.job_id):
                self._result.error = job.run(wanted, self._load, switch)
        return self._result.error is None

    def _load(self, wanted: Plan) -> Iterator[tuple[Page, str | None]]:
        for entry in wanted.entries:
            yield self._catalogue.page(entry), entry.note.problem
