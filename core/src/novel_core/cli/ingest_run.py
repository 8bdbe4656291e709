"""What `novel ingest` does: submit a URL, then run its job or follow the process that runs it."""

from __future__ import annotations

import logging
import sys
import time
from contextlib import ExitStack, suppress

from novel_core import intake
from novel_core.cli.ingest_result import Run, as_result, exit_code_of_job, print_result
from novel_core.cli.loading import loading
from novel_core.cli.output import print_json, say
from novel_core.cli.progress import showing_progress
from novel_core.db.engine import session
from novel_core.errors import NovelError, StorageError, UnsupportedUrl
from novel_core.intake import Target
from novel_core.jobs.options import JobOptions
from novel_core.jobs.views import count_requests, get_job, list_failures, list_warnings
from novel_core.registry import Registry, load_registry
from novel_core.runtime import Runtime, open_runtime
from novel_core.settings import load_settings


def run(url: str, options: JobOptions, *, queue: bool, as_json: bool) -> None:
    """Ingest the URL, or with `queue` leave it to a worker, and print the result."""
    started = time.monotonic()
    # Ctrl-C may come in the middle of a statement, which is no error to tell.
    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL + 1)
    registry = load_registry()
    # Before any server is started: a URL that no source owns is an error at once.
    target = _resolve_early(registry, url)
    if queue:
        _leave_to_a_worker(registry, target, url, options, as_json=as_json)
        return
    settings = load_settings()
    with ExitStack() as opened_until_end:
        with loading("novel_core.cli.job_run"):
            # Redis too, where it is embedded: through it the rate is shared with other processes.
            queued = settings.uses_embedded_postgres
            runtime = opened_until_end.enter_context(
                open_runtime(settings, registry, queue=queued, migrating=True)
            )
            target = target or intake.resolve(registry, url)
            with session(runtime.database) as opened:
                submission = intake.submit(opened, runtime.settings, target, options)
                requests_before = count_requests(opened, submission.job_id)
        from novel_core.cli.job_run import drive, leave

        if not submission.created and not as_json:
            say(
                f"Job {submission.job_id} for this novel is open already: continuing it.",
                err=True,
            )

        if submission.proves_first and not as_json:
            say("This site is unverified: it is proved before its first novel is saved.", err=True)

        def report(stopped: NovelError | None) -> int:
            seconds = round(time.monotonic() - started, 2)
            run = Run(url, requests_before, seconds, stopped)
            return _report(runtime, submission.job_id, run, as_json=as_json)

        with showing_progress(runtime.database, submission.job_id):
            stopped = drive(
                runtime, submission.job_id, leave=lambda outcome: leave(report(outcome.error))
            )
        code = report(stopped)
        # The next command does what this one could not.
        with suppress(StorageError):
            _tidy_up(runtime)
    sys.exit(code)


def _tidy_up(runtime: Runtime) -> None:
    """Announce what processes that died left unannounced, and delete what is outdated."""
    # Not before the first request, which it would delay.
    from novel_core.archive.retention import sweep
    from novel_core.ingest.announcing import announce_pending

    announce_pending(runtime)
    sweep(runtime.database, runtime.settings)


def _resolve_early(registry: Registry, url: str) -> Target | None:
    """What the URL is about; None where only the sites in the database can tell."""
    try:
        target = intake.resolve(registry, url)
    except UnsupportedUrl:
        if registry.families:
            return None
        raise
    return target if target.site is None else None


def _report(runtime: Runtime, job_id: int, run: Run, *, as_json: bool) -> int:
    """Print the job's result and return the command's exit code."""
    with session(runtime.database) as opened:
        job = get_job(opened, job_id)
        failures = list_failures(opened, job.leader_id)
        warnings = list_warnings(opened, job.leader_id)
    if as_json:
        print_json(as_result(job, run.seconds))
    else:
        print_result(job, failures, warnings, run)
    return exit_code_of_job(job)


def _leave_to_a_worker(
    registry: Registry, target: Target | None, url: str, options: JobOptions, *, as_json: bool
) -> None:
    """Submit and push. After a push that fails, a housekeeper pushes the job later."""
    from novel_core.cli.job_run import push

    started = time.monotonic()
    with open_runtime(registry=registry, queue=True, migrating=True) as runtime:
        target = target or intake.resolve(registry, url)
        with session(runtime.database) as opened:
            submission = intake.submit(opened, runtime.settings, target, options)
        problem = push(runtime)
        with session(runtime.database) as opened:
            job = get_job(opened, submission.job_id)
    if as_json:
        print_json(as_result(job, round(time.monotonic() - started, 2)))
    else:
        known = "" if submission.created else " already"
        say(f"Job {job.id} is {job.status}{known}. Follow it: novel job {job.id}")
    if problem:
        say(problem, err=True)
