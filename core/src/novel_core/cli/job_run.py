"""Running a job in the process of a command, or leaving it to a worker."""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from novel_core.cli.output import say_error
from novel_core.db.engine import session
from novel_core.errors import JobStopped, NovelError, QueueError
from novel_core.ingest.attempt_end import JobOutcome
from novel_core.ingest.runner import run_job
from novel_core.jobs import events, lifecycle
from novel_core.jobs.stop_switch import StopSwitch
from novel_core.jobs.views import get_job
from novel_core.runtime import Runtime
from novel_core.states import JobState

FOLLOW_INTERVAL = 0.5


def leave(code: int) -> None:
    """End the process at once, from another thread than the one that hangs."""
    if sys.stderr.isatty():
        # Show the cursor, which the progress bar hides.
        sys.stderr.write("\x1b[?25h")
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _say_and_leave(outcome: JobOutcome) -> None:
    error = outcome.error
    assert error is not None
    say_error(error.message, error.hint)
    leave(error.exit_code)


def drive(
    runtime: Runtime, job_id: int, *, leave: Callable[[JobOutcome], None] = _say_and_leave
) -> NovelError | None:
    """Run the job to its end, or wait for the process that runs it and take over if that dies.

    Return what stopped it before its end. `leave` ends this process when the job hangs.
    """
    with stop_on_signals() as stopped, _without_the_result():
        while True:
            with session(runtime.database) as opened:
                claim = lifecycle.claim(
                    opened, job_id, lease=runtime.settings.lease, by_worker=False
                )
            if claim is not None:
                # A switch for each attempt: a lease that was lost ends that one only.
                switch = StopSwitch()
                with suppress(JobStopped), stopped.calling(switch.stop):
                    run_job(runtime, claim, switch, leave=leave)
            with session(runtime.database) as opened:
                job = get_job(opened, job_id)
            if JobState(job.status).is_terminal:
                return None
            try:
                stopped.check()
            except JobStopped as error:
                return error
            job_id = job.leader_id
            time.sleep(FOLLOW_INTERVAL)


def _is_no_result(record: logging.LogRecord) -> bool:
    return getattr(record, "status", None) not in {None, JobState.ERROR}


@contextmanager
def _without_the_result() -> Iterator[None]:
    """Log no warnings and errors that the command prints itself, with the job's result."""
    events.logger.addFilter(_is_no_result)
    try:
        yield
    finally:
        events.logger.removeFilter(_is_no_result)


@contextmanager
def stop_on_signals() -> Iterator[StopSwitch]:
    """Stop the job at the next page on Ctrl-C or SIGTERM, and at once on a second one."""
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


def push(runtime: Runtime) -> str | None:
    """Push due jobs to the workers; where Redis is away, return what to tell the user."""
    # RQ is of no use to a command that runs the job itself.
    from novel_core.queue.connection import connect
    from novel_core.queue.dispatch import dispatch

    assert runtime.redis_url is not None
    try:
        with connect(runtime.redis_url) as redis:
            dispatch(runtime.database, redis, job_timeout=runtime.settings.job_timeout)
    except QueueError as error:
        return (
            f"{error.message} The job is safe in the database;"
            " a housekeeper pushes it when Redis is back."
        )
    return None
