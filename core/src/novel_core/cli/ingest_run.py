"""What `novel ingest` does: submit a URL and run its job here, or follow the process that runs it already."""

from __future__ import annotations

import dataclasses
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

from novel_core.archive.retention import sweep
from novel_core.cli.ingest import DONE_WITH_GAPS, RESULT
from novel_core.cli.output import print_json, say
from novel_core.cli.progress import watched
from novel_core.cli.queueing import hand_in, push
from novel_core.db.engine import session
from novel_core.errors import JobStopped, NovelError, exit_code_of
from novel_core.ingest.announcing import announce_pending
from novel_core.ingest.runner import JobOutcome, run_job
from novel_core.jobs import lifecycle
from novel_core.jobs.options import JobOptions
from novel_core.jobs.stop_switch import StopSwitch
from novel_core.jobs.views import JobFailure, JobView, get_job, list_failures
from novel_core.plurals import several
from novel_core.registry import Registry, load_registry
from novel_core.runtime import Runtime, open_runtime
from novel_core.settings import load_settings
from novel_core.states import JobState

FOLLOW_INTERVAL = 0.5


def run(url: str, options: JobOptions, *, queue: bool, as_json: bool) -> None:
    """Ingest the URL, or leave it to a worker with `queue`, and say what came of it."""
    started = time.monotonic()
    registry = load_registry()
    registry.resolve(url)  # a URL that leads nowhere is told before any server is started
    if queue:
        leave_to_a_worker(registry, url, options, as_json=as_json)
        return
    settings = load_settings()
    # Redis too, where it costs nothing: the pace is shared with workers and other commands through it.
    with open_runtime(
        settings, registry, queue=settings.uses_embedded_postgres, migrating=True
    ) as runtime:
        announce_pending(runtime)
        sweep(runtime.database, settings)
        submission = hand_in(runtime, url, options)
        if not submission.created and not as_json:
            say(
                f"Job {submission.job_id} for this novel is open already: going on with it.",
                err=True,
            )

        def tell(stopped: NovelError | None) -> int:
            seconds = round(time.monotonic() - started, 2)
            return _tell(runtime, submission.job_id, stopped, seconds, as_json=as_json)

        with watched(runtime.database, submission.job_id):
            stopped = drive(
                runtime, submission.job_id, leave=lambda outcome: _leave(tell(outcome.error))
            )
        code = tell(stopped)
    sys.exit(code)


def _leave(code: int) -> None:
    """End the process at once, from another thread than the one that hangs."""
    if sys.stderr.isatty():
        sys.stderr.write("\x1b[?25h")  # the cursor, which the progress bar hides
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _tell(
    runtime: Runtime, job_id: int, stopped: NovelError | None, seconds: float, *, as_json: bool
) -> int:
    """Print what became of the job; the command's exit code."""
    with session(runtime.database) as opened:
        job = get_job(opened, job_id)
        failures = list_failures(opened, job.joined_job_id or job.id)
    if as_json:
        print_json(as_result(job, seconds))
    else:
        _print_result(job, failures, stopped, seconds)
    return _exit_code(job)


def leave_to_a_worker(registry: Registry, url: str, options: JobOptions, *, as_json: bool) -> None:
    """Submit and push; a push that fails is only late."""
    started = time.monotonic()
    with open_runtime(registry=registry, queue=True, migrating=True) as runtime:
        submission = hand_in(runtime, url, options)
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


def _say_and_leave(outcome: JobOutcome) -> None:
    error = outcome.error
    assert error is not None
    say(f"novel: {error.message}", err=True)
    say(f"  {error.hint}", err=True)
    _leave(error.exit_code)


def drive(
    runtime: Runtime, job_id: int, *, leave: Callable[[JobOutcome], None] = _say_and_leave
) -> NovelError | None:
    """Run the job, or wait for whoever runs it; take it over if they die. What stopped it, if it has not ended.

    `leave` ends the process, when the job hangs and nothing else helps.
    """
    with stop_on_signals() as stopped:
        while True:
            with session(runtime.database) as opened:
                claim = lifecycle.claim(
                    opened, job_id, lease=runtime.settings.lease, due_only=False
                )
            if claim is not None:
                # A switch for each attempt: a lease that was lost ends that one only.
                switch = StopSwitch()
                with suppress(JobStopped), stopped.watched_by(switch.stop):
                    run_job(runtime, claim, switch, leave=leave)
            with session(runtime.database) as opened:
                job = get_job(opened, job_id)
            if JobState(job.status).is_terminal:
                return None
            try:
                stopped.check()
            except JobStopped as error:
                return error
            job_id = job.joined_job_id or job_id
            time.sleep(FOLLOW_INTERVAL)


@contextmanager
def stop_on_signals() -> Iterator[StopSwitch]:
    """Ctrl-C and SIGTERM stop at the next page, in good order; a second one stops at once."""
    switch = StopSwitch()

    def stop(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, previous[signal.Signals(number)])
        switch.stop(JobStopped("Stopped."))

    previous = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in previous:
        signal.signal(number, stop)
    try:
        yield switch
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def as_result(job: JobView, seconds: float) -> dict[str, Any]:
    """The one object `--json` prints."""
    values = dataclasses.asdict(job) | {"job_id": job.id, "seconds": seconds}
    return {name: values[name] for name in RESULT}


def _exit_code(job: JobView) -> int:
    if job.status == JobState.DONE:
        return DONE_WITH_GAPS if job.chapters.get("failed") else 0
    return exit_code_of(job.error_code)


def _print_result(
    job: JobView, failures: list[JobFailure], stopped: NovelError | None, seconds: float
) -> None:
    if job.status == JobState.ERROR:
        say(f"novel: {job.error_message}", err=True)
        if hint := job.error_hint:
            say(f"  {hint}", err=True)
        return
    if job.status != JobState.DONE:
        message = stopped.message if stopped else f"Job {job.id} is {job.status}."
        say(f"{message} Run the same command again to go on.", err=True)
        return
    assert job.novel is not None
    counts = job.chapters
    say(f"{job.novel['title']}  ({job.novel['slug']})")
    parts = [several(counts["total"], "chapter")]
    parts += [
        f"{counts[name]} {name}"
        for name in ("new", "changed", "unchanged", "locked", "removed")
        if counts[name]
    ]
    if counts["failed"]:
        parts.append(f"{counts['failed']} missing")
    say(f"  {', '.join(parts)}; {several(job.requests, 'request')}, {seconds:.1f} s")
    if job.warnings:
        say(f"  {several(job.warnings, 'warning')}: novel job {job.id}", err=True)
    for failure in [failure for failure in failures if failure.kind == "chapter"][:10]:
        say(f"  could not be had: {failure.url}: {failure.message}", err=True)
    if counts["failed"]:
        say("  Run the same command later to fill the gaps.", err=True)
    elif counts["total"]:
        say(f"  Read it: novel read {job.novel['slug']} 1")
