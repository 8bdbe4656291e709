"""Showing the progress of a job from its row: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import click
from sqlalchemy import Engine

from novel_core.db.engine import session
from novel_core.errors import NovelError
from novel_core.jobs.views import JobView, get_job
from novel_core.plurals import share

INTERVAL = 0.2
#: On plain output, at most one line of progress in this many seconds.
EVERY = 10.0


class _Display(Protocol):
    def show(self, job: JobView) -> None:
        """Show the job as it is now."""


class _Lines:
    """One line for each change of state, and one with the count every `EVERY` seconds."""

    def __init__(self) -> None:
        self._status = ""
        self._shown_at = 0.0

    def show(self, job: JobView) -> None:
        if job.status == self._status and time.monotonic() < self._shown_at + EVERY:
            return
        if job.status == "crawling" and job.pages_fetched:
            click.echo(
                f"{job.status}: {share(job.pages_fetched, job.pages_expected, 'page')}", err=True
            )
        elif job.status != self._status:
            click.echo(job.status, err=True)
        self._status, self._shown_at = job.status, time.monotonic()


class _Bar:
    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
        from rich.progress import TimeRemainingColumn as Remaining

        self.progress = Progress(
            TextColumn("{task.description:<9}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("pages"),
            Remaining(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self.progress.add_task("queued", total=None)

    def show(self, job: JobView) -> None:
        self.progress.update(
            self._task,
            description=job.status,
            completed=job.pages_fetched,
            total=job.pages_expected or None,
        )


@contextmanager
def showing_progress(database: Engine, job_id: int) -> Iterator[None]:
    """Show the job's progress on standard error for as long as the block runs."""
    if not sys.stderr.isatty():
        with _polling(database, job_id, _Lines()):
            yield
        return
    bar = _Bar()
    with bar.progress, _polling(database, job_id, bar):
        yield


@contextmanager
def _polling(database: Engine, job_id: int, display: _Display) -> Iterator[None]:
    ended = threading.Event()

    def poll() -> None:
        while not ended.wait(INTERVAL):
            try:
                with session(database) as opened:
                    display.show(get_job(opened, job_id))
            except NovelError:
                # The job itself has the same problem and reports it.
                continue

    thread = threading.Thread(target=poll, name="novel-progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
