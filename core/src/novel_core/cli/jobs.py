"""`novel jobs`, `job`, `cancel` and `retry`."""

from __future__ import annotations

from collections.abc import Callable

import click

from novel_core import intake
from novel_core.cli.output import (
    json_output,
    moment,
    print_either,
    print_json,
    print_list,
    say,
)
from novel_core.cli.sites_report import print_report
from novel_core.db.engine import session
from novel_core.jobs.views import (
    JobFilter,
    JobView,
    find_jobs,
    get_job,
    list_events,
    list_failures,
    list_warnings,
)
from novel_core.logs import about_page
from novel_core.plurals import several, share
from novel_core.runtime import open_runtime
from novel_core.states import ADOPTION, JobState


@click.command()
@click.option("--status", type=click.Choice([state.value for state in JobState]))
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True)
@json_output()
def jobs(status: str | None, limit: int, as_json: bool) -> None:
    """List jobs, the newest first."""
    with open_runtime() as runtime, session(runtime.database) as opened:
        found = find_jobs(opened, JobFilter(status=status), limit=limit)
    columns: dict[str, Callable[[JobView], str]] = {
        "id": lambda job: str(job.id),
        "status": lambda job: job.status,
        "novel": lambda job: job.novel["title"] if job.novel else job.source_url,
        "pages": lambda job: f"{job.pages_fetched}/{job.pages_expected}",
        "created": lambda job: moment(job.created_at),
        "what happened": lambda job: job.error_message or _counts(job),
    }
    print_list(found, columns, as_json=as_json, empty="No jobs.")


def _counts(job: JobView) -> str:
    return ", ".join(
        f"{value} {name}" for name, value in job.chapters.items() if value and name != "total"
    )


@click.command()
@click.argument("job_id", type=int)
@json_output()
def job(job_id: int, as_json: bool) -> None:
    """Show job JOB_ID: its state, its events, and what it could not fetch."""
    with open_runtime() as runtime, session(runtime.database) as opened:
        view = get_job(opened, job_id)
        leader = view.leader_id
        events = list_events(opened, leader)
        failures = list_failures(opened, leader)
        warnings = list_warnings(opened, leader)
        proof = intake.adoption(opened, leader) if view.source == ADOPTION else None
    if as_json:
        print_json({"job": view, "warnings": warnings, "events": events, "failures": failures})
        return
    say(f"Job {view.id}: {view.status}  {view.source_url}")
    if view.novel:
        say(f"  {view.novel['title']} ({view.novel['slug']})")
    say(
        f"  attempt {view.attempt}, {share(view.pages_fetched, view.pages_expected, 'page')}, "
        f"{several(view.requests, 'request')}; {_counts(view) or 'nothing saved yet'}"
    )
    for line in filter(None, (view.error_message, view.error_hint)):
        say(f"  {line}")
    for event in events:
        if event.kind == "warning" and event.message in warnings:
            # Printed below.
            continue
        say(f"  {moment(event.at)}  {event.status or event.kind:<9} {event.message}")
    if proof is not None and proof.report is not None:
        print_report(proof.report)
    for warning in warnings:
        say(f"  warning: {warning}")
    for failure in failures:
        say(f"  missing {failure.kind}: {about_page(failure.url, failure.message)}")


@click.command()
@click.argument("job_id", type=int)
@json_output()
def cancel(job_id: int, as_json: bool) -> None:
    """Cancel job JOB_ID: at once if it waits, within seconds if it runs.

    What it has saved stays.
    """
    with open_runtime(migrating=True) as runtime, session(runtime.database) as opened:
        view = intake.cancel(opened, job_id)
    has_ended = JobState(view.status).is_terminal
    state = "cancelled." if has_ended else f"being cancelled: novel job {view.id}"
    print_either(view, f"Job {view.id} is {state}", as_json=as_json)


@click.command()
@click.argument("job_id", type=int)
@json_output()
def retry(job_id: int, as_json: bool) -> None:
    """Queue job JOB_ID again, which ended with an error or with gaps.

    What it has fetched is kept, and saved chapters are not requested again.
    """
    from novel_core.cli.job_run import push

    with open_runtime(queue=True, migrating=True) as runtime:
        with session(runtime.database) as opened:
            view = intake.retry(opened, runtime.settings, job_id)
        problem = push(runtime)
    text = f"Job {view.id} is {view.status}. Follow it: novel job {view.id}"
    print_either(view, text, as_json=as_json)
    if problem:
        say(problem, err=True)
