"""Showing the progress of a job from its row: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from abc import abstractmethod
from contextlib import suppress
from typing import Self

import click
from sqlalchemy import Engine

from novel_core.db.engine import session
from novel_core.errors import NovelError
from novel_core.jobs.background import Background
from novel_core.jobs.views import JobView, get_job
from novel_core.plurals import share

INTERVAL = 0.2
#: On plain output, at most one line of progress in this many seconds.
EVERY = 10.0


class _Progress(Background):
    """A context manager that shows the job every `INTERVAL` seconds."""

    def __init__(self, database: Engine, job_id: int) -> None:
        super().__init__("novel-progress", INTERVAL)
        self._database, self._job_id = database, job_id

    @abstractmethod
    def show(self, job: JobView) -> None:
        """Show the job as it is now."""

    def turn(self) -> bool:
        # An error of the database: the job itself has the same problem and reports it.
        with suppress(NovelError), session(self._database) as opened:
            self.show(get_job(opened, self._job_id))
        return True

    def after_failure(self) -> bool:
        return False


class _Lines(_Progress):
    """One line for each change of state, and one with the count every `EVERY` seconds."""

    _status = ""
    _shown_at = 0.0

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


class _Bar(_Progress):
    def __init__(self, database: Engine, job_id: int) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn as Remaining,
        )

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
        super().__init__(database, job_id)

    def __enter__(self) -> Self:
        self.progress.start()
        return super().__enter__()

    def __exit__(self, *exc: object) -> None:
        super().__exit__(*exc)
        self.progress.stop()

    def show(self, job: JobView) -> None:
        self.progress.update(
            self._task,
            description=job.status,
            completed=job.pages_fetched,
            total=job.pages_expected or None,
        )


def showing_progress(database: Engine, job_id: int) -> Background:
    """Return a context manager that shows the job's progress on standard error."""
    return (_Bar if sys.stderr.isatty() else _Lines)(database, job_id)
