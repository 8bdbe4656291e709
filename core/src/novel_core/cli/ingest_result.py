"""What a command prints of the job that ingested a novel, and its exit code."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from novel_core.cli.output import say, say_error
from novel_core.errors import NovelError, exit_code_of
from novel_core.jobs.chapter_counts import gaps_in
from novel_core.logs import about_page
from novel_core.plurals import several
from novel_core.states import JobState

if TYPE_CHECKING:
    # At run time it would load the database to print a command's help.
    from novel_core.jobs.views import JobFailure, JobView

DONE_WITH_GAPS = 3
#: Warnings, and pages that are missing, in the text of a result.
MOST = 10
#: The fields of the object `--json` prints.
RESULT = (
    "job_id",
    "status",
    "error_code",
    "error_message",
    "source",
    "novel",
    "chapters",
    "warnings",
    "requests",
    "seconds",
)
#: The object where there is no job.
NOTHING = dict.fromkeys(RESULT) | {
    "status": "error",
    "chapters": {},
    "warnings": 0,
    "requests": 0,
    "seconds": 0.0,
}


@dataclass(frozen=True, slots=True)
class Run:
    """What only the command knows of a job: its URL as given, and what it did before and now.

    `stopped` is the error that ended the command before the job.
    """

    url: str
    requests_before: int
    seconds: float
    stopped: NovelError | None


def as_result(job: JobView, seconds: float) -> dict[str, Any]:
    """Return the object that `--json` prints."""
    values = dataclasses.asdict(job) | {"job_id": job.id, "seconds": seconds}
    return {name: values[name] for name in RESULT}


def exit_code_of_job(job: JobView) -> int:
    if job.status == JobState.DONE:
        return DONE_WITH_GAPS if gaps_in(job.chapters) else 0
    return exit_code_of(job.error_code)


def print_result(
    job: JobView,
    failures: list[JobFailure],
    warnings: list[str],
    run: Run,
) -> None:
    if job.status == JobState.ERROR:
        print_error(job.error_message, job.error_hint, run.url)
        return
    if job.status != JobState.DONE:
        message = run.stopped.message if run.stopped else f"Job {job.id} is {job.status}."
        say(f"{message} Run the same command again to continue.", err=True)
        return
    kinds = ("new", "changed", "unchanged", "locked", "removed")
    requests = several(job.requests, "request")
    if run.requests_before:
        requests += f" ({run.requests_before} by earlier commands)"
    print_saved(job, kinds, f"{requests}, {run.seconds:.1f} s")
    for warning in warnings[:MOST]:
        say(f"  warning: {warning}", err=True)
    if len(warnings) > MOST:
        say(f"  and {several(len(warnings) - MOST, 'warning')} more: novel job {job.id}", err=True)
    for failure in [failure for failure in failures if failure.kind == "chapter"][:MOST]:
        say(f"  could not be fetched: {about_page(failure.url, failure.message)}", err=True)
    if gaps_in(job.chapters):
        say("  Run the same command later to fill the gaps.", err=True)
    elif job.chapters["total"] and job.novel:
        say(f"  Read it: novel read {job.novel['slug']} 1")


def print_error(message: str | None, hint: str | None, url: str) -> None:
    """Print a job's error, with the URL that was given where the message names another one."""
    say_error(message, hint)
    if message and url not in message:
        say(f"  The URL that was given: {url}", err=True)


def print_saved(job: JobView, kinds: Sequence[str], rest: str) -> None:
    """Print the job's novel, and the numbers of its chapters of these kinds."""
    assert job.novel is not None
    counts = job.chapters
    parts = [several(counts["total"], "chapter")]
    parts += [f"{counts[name]} {name}" for name in kinds if counts[name]]
    if counts["failed"]:
        parts.append(f"{counts['failed']} missing")
    if counts.get("unlisted"):
        parts.append(f"{counts['unlisted']} not listed by the site")
    say(f"{job.novel['title']}  ({job.novel['slug']})")
    say(f"  {', '.join(parts)}; {rest}")
