"""What `novel sites add` does: submit, run or queue the job, show the report, add the site."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import Any

import click

from novel_core import intake
from novel_core.adoption.wishes import Wishes
from novel_core.cli.job_run import drive, push
from novel_core.cli.output import print_json, say, say_error
from novel_core.cli.progress import showing_progress
from novel_core.cli.sites_report import print_report
from novel_core.db.engine import session
from novel_core.errors import SiteKnown, exit_code_of
from novel_core.intake import AdoptionView
from novel_core.jobs.views import get_job
from novel_core.registry import load_registry
from novel_core.runtime import Runtime, open_runtime
from novel_core.settings import load_settings
from novel_core.states import JobState

NOT_ADDED = 3


def run(url: str, wishes: Wishes, *, queue: bool, as_json: bool) -> None:
    """Prove the site of the URL, or with `queue` leave it to a worker, and print the result."""
    settings = load_settings()
    registry = load_registry()
    with ExitStack() as opened_until_end:
        queued = queue or settings.uses_embedded_postgres
        runtime = opened_until_end.enter_context(
            open_runtime(settings, registry, queue=queued, migrating=True)
        )
        try:
            job_id = _submit(runtime, url, wishes)
        except SiteKnown as known:
            if as_json:
                raise
            say(f"{known.message} {known.hint}")
            return
        if queue:
            _leave_to_a_worker(runtime, job_id, as_json=as_json)
            return
        view = _run(runtime, job_id)
        if view.unconfirmed and not as_json and _is_confirmed(view):
            more = wishes.model_copy(update={"hosts": (*wishes.hosts, *view.unconfirmed)})
            view = _run(runtime, _submit(runtime, url, more))
        code = _tell(runtime, view, as_json=as_json)
    sys.exit(code)


def _submit(runtime: Runtime, url: str, wishes: Wishes) -> int:
    with session(runtime.database) as opened:
        return intake.adopt(opened, runtime.registry, runtime.settings, url, wishes).job_id


def _run(runtime: Runtime, job_id: int) -> AdoptionView:
    """Run the job to its end, or follow the process that runs it."""
    with showing_progress(runtime.database, job_id):
        drive(runtime, job_id)
    with session(runtime.database) as opened:
        return intake.adoption(opened, job_id)


def _is_confirmed(view: AdoptionView) -> bool:
    """Whether a person at the terminal confirms the hosts."""
    if not sys.stdin.isatty():
        return False
    say(view.job.error_message or "")
    return click.confirm(f"Does {' and '.join(view.unconfirmed)} belong to the site?")


def _tell(runtime: Runtime, view: AdoptionView, *, as_json: bool) -> int:
    """Print the result, add the site if a person wants it, and return the exit code."""
    report, job = view.report, view.job
    if as_json:
        print_json(_as_result(view))
    elif report is not None:
        print_report(report)
    if job.status == JobState.ERROR:
        if not as_json:
            say_error(job.error_message, job.error_hint)
        return exit_code_of(job.error_code)
    if job.status != JobState.DONE:
        say(f"Job {job.id} is {job.status}. Run the same command again to continue.", err=True)
        return 1
    site = view.site
    if site is None and not as_json and sys.stdin.isatty() and click.confirm("Add it?"):
        with session(runtime.database) as opened:
            site = intake.confirm(opened, job.id)
    if site is None:
        say("Not added. Run it again with --yes to add it.", err=True)
        return NOT_ADDED
    if not as_json:
        say(f"Added as {site}. Now: novel ingest {view.job.source_url}")
    return 0


def _as_result(view: AdoptionView) -> dict[str, Any]:
    """The object that `--json` prints."""
    report = view.report
    return {
        "job_id": view.job.id,
        "status": view.job.status,
        "error_code": view.job.error_code,
        "error_message": view.job.error_message,
        "verdict": report.verdict if report else None,
        "site": view.site,
        "hosts": view.unconfirmed,
        "report": report.model_dump(mode="json") if report else None,
    }


def _leave_to_a_worker(runtime: Runtime, job_id: int, *, as_json: bool) -> None:
    problem = push(runtime)
    with session(runtime.database) as opened:
        job = get_job(opened, job_id)
        view = intake.adoption(opened, job_id)
    if as_json:
        print_json(_as_result(view))
    else:
        say(f"Job {job.id} is {job.status}. Follow it: novel job {job.id}")
    if problem:
        say(problem, err=True)
