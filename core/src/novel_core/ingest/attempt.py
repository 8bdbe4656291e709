"""One attempt at a job, as its stages share it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from novel_core.db.engine import session
from novel_core.errors import NovelError
from novel_core.ingest.parsed_pages import ParsedPages
from novel_core.jobs import events, lifecycle
from novel_core.jobs.failures import write_failure
from novel_core.jobs.lifecycle import Claim
from novel_core.jobs.stop_switch import StopSwitch
from novel_core.page import Follow
from novel_core.registry import LoadedSource
from novel_core.runtime import Runtime
from novel_core.settings import Settings

#: More warnings of one stage than this add nothing.
MAX_WARNINGS = 50


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at a job: its claim, its source, and the switch that stops it.

    `parsed` is what the crawl has parsed already.
    """

    runtime: Runtime
    claim: Claim
    source: LoadedSource
    switch: StopSwitch
    parsed: ParsedPages = field(default_factory=ParsedPages)

    @property
    def job_id(self) -> int:
        return self.claim.job_id

    @property
    def database(self) -> Engine:
        return self.runtime.database

    @property
    def settings(self) -> Settings:
        return self.runtime.settings

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A transaction that holds the job's row; LeaseLost if another process has the job."""
        with session(self.database) as opened:
            lifecycle.hold(opened, self.claim)
            yield opened

    def record_failure(self, follow: Follow, error: NovelError) -> None:
        """Keep a page that could not be fetched or read, and the reason."""
        with self.transaction() as opened:
            write_failure(opened, self.job_id, follow, error)

    def warn(self, warnings: Sequence[str]) -> None:
        """Add warnings to the job's events."""
        if not warnings:
            return
        with self.transaction() as opened:
            for warning in warnings[:MAX_WARNINGS]:
                events.record(opened, self.job_id, "warning", warning)


#: Brings the job's pages into the archive. Returns the attempt with the job's novel known,
#: or None if the job has joined another one.
Collect = Callable[[Attempt], Attempt | None]
