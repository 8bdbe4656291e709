"""`novel import`: import novels from a WARC file, without a request."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click

from novel_core.cli.ingest_result import DONE_WITH_GAPS, NOTHING, as_result, print_saved
from novel_core.cli.job_run import leave, stop_on_signals
from novel_core.cli.output import json_output, print_json, say, say_error
from novel_core.cli.progress import showing_progress
from novel_core.db.engine import session
from novel_core.jobs.chapter_counts import gaps_in
from novel_core.jobs.stop_switch import StopSwitch
from novel_core.jobs.views import JobFailure, JobView, get_job, list_failures
from novel_core.plurals import several
from novel_core.registry import load_registry
from novel_core.runtime import Runtime, open_runtime
from novel_core.settings import load_settings
from novel_core.states import JobState
from novel_core.warc import ImportReport, ImportResult, import_warc

#: Missing pages that are listed for a person; `--json` lists all.
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class _NovelResult:
    """The result for one novel of the file, with its last job and that job's failures."""

    result: ImportResult
    job: JobView | None
    failures: list[JobFailure]

    @property
    def exit_code(self) -> int:
        if self.result.error is not None:
            return self.result.error.exit_code
        return DONE_WITH_GAPS if self.job and gaps_in(self.job.chapters) else 0

    @property
    def missing(self) -> list[str]:
        return [failure.url for failure in self.failures if failure.kind != "image"]

    def as_json(self, seconds: float) -> dict[str, Any]:
        result, error = self.result, self.result.error
        shown = as_result(self.job, seconds) if self.job else NOTHING | {"seconds": seconds}
        if self.job is None and error is None:
            shown |= {"status": JobState.DONE}
        if error is not None:
            shown |= {"error_code": error.code, "error_message": error.message}
        return shown | {
            "source": result.source,
            "url": result.url,
            "pages": result.pages,
            "jobs": result.job_ids,
            "missing": self.missing,
        }


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@json_output({"file": None, "records": 0, "novels": []})
def import_warc_command(file: Path, as_json: bool) -> None:
    """Import the novels in FILE, a WARC file (.warc or .warc.gz), without sending any request.

    A file written by `novel export --format warc` is restored with all revisions. From files of
    other programs the pages of supported sites are read; a novel's own page must be among them, or
    in the library. Saved content is never replaced by older content, so a second import changes
    nothing. Pages that the file lacks are gaps, which `novel ingest URL` fills.

    Exit codes: 0 done, 3 done with gaps, 2 a file that cannot be used, 6 pages that cannot be
    read, 1 anything else.
    """
    started = time.monotonic()
    settings = load_settings()
    with (
        open_runtime(settings, load_registry(), migrating=True) as runtime,
        stop_on_signals() as stopped,
    ):

        def show(report: ImportReport) -> int:
            seconds = round(time.monotonic() - started, 2)
            return _show(runtime, file, report, seconds, as_json=as_json)

        switch = StopSwitch()
        with stopped.calling(switch.stop):
            report = import_warc(
                runtime,
                file,
                switch=switch,
                around=partial(showing_progress, runtime.database),
                leave=lambda report: leave(show(report)),
            )
        code = show(report)
    sys.exit(code)


def _show(
    runtime: Runtime, file: Path, report: ImportReport, seconds: float, *, as_json: bool
) -> int:
    """Print the results; returns the command's exit code."""
    results = [_load(runtime, result) for result in report.novels]
    if as_json:
        novels = [novel.as_json(seconds) for novel in results]
        print_json({"file": str(file), "records": report.records, "novels": novels})
    else:
        for novel in results:
            _print(novel)
    return max((novel.exit_code for novel in results), key=_severity, default=0)


def _severity(code: int) -> tuple[bool, int]:
    """A sort key: gaps are the mildest problem."""
    return code not in (0, DONE_WITH_GAPS), code


def _load(runtime: Runtime, result: ImportResult) -> _NovelResult:
    if not result.job_ids:
        return _NovelResult(result, None, [])
    with session(runtime.database) as opened:
        job_id = result.job_ids[-1]
        return _NovelResult(result, get_job(opened, job_id), list_failures(opened, job_id))


def _print(novel: _NovelResult) -> None:
    result, job = novel.result, novel.job
    if result.error is not None:
        say_error(f"{result.url}: {result.error.message}", result.error.hint)
        return
    if job is None or job.novel is None:
        say(f"{result.url}: the library has all of it already.")
        return
    rest = f"{several(result.pages, 'page')}, no request"
    print_saved(job, ("new", "changed", "locked"), rest)
    for url in novel.missing[:_SHOWN]:
        say(f"  not in the file: {url}", err=True)
    if len(novel.missing) > _SHOWN:
        say(f"  and {len(novel.missing) - _SHOWN} more (--json lists them)", err=True)
    if gaps_in(job.chapters):
        say(f"  Fill the gaps with: novel ingest {result.url}", err=True)
    else:
        say(f"  Read it: novel read {job.novel['slug']} 1")
