"""Writing fetched pages to the archive, durably and in groups."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Engine, Table, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from novel_core.archive.pages import as_row, in_batches
from novel_core.db.engine import session
from novel_core.db.pages import REQUEST, PageRow
from novel_core.errors import StorageError
from novel_core.jobs.lifecycle import Claim
from novel_core.page import Page
from novel_core.requests import request_key

#: For servers that may confirm a commit before it is on disk: archived pages survive a crash.
_DURABLE = text(
    "SELECT set_config('synchronous_commit', 'on', true)"
    " WHERE current_setting('synchronous_commit') = 'off'"
)

_PAGES = cast(Table, PageRow.__table__)
_INSERT = insert(_PAGES)
#: In place of an earlier response to the same request. With `returning` all pages of a group are
#: one statement, and without the ORM's own work for each row.
_REPLACE = _INSERT.on_conflict_do_update(
    index_elements=REQUEST,
    set_={
        column.name: _INSERT.excluded[column.name]
        for column in _PAGES.columns
        if column.name != "id" and column.name not in REQUEST
    },
).returning(_PAGES.c.id)


@dataclass(slots=True)
class _Waiting:
    page: Page
    problem: str | None
    written: asyncio.Future[None]


class ArchiveWriter:
    """Writes pages in groups: the pages that arrive during one commit form the next group.

    A page that arrives alone is durable at once; at full speed one commit serves many.
    `also` runs in the same transaction (the job's counters, and with them the fence).
    """

    def __init__(self, database: Engine, claim: Claim, also: Callable[[Session], None]) -> None:
        self._database = database
        self._claim = claim
        self._also = also
        self._waiting: list[_Waiting] = []
        self._writer: asyncio.Task[None] | None = None
        #: The keys of the pages that the database has confirmed.
        self._confirmed: set[str] = set()

    async def store(self, page: Page, problem: str | None) -> None:
        """Archive a page, with the code of its problem; returns when it is durable."""
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(page, problem, written))
        if self._writer is None:
            self._writer = asyncio.create_task(self._drain())
        await written

    async def _drain(self) -> None:
        try:
            while self._waiting:
                sizes = ((waiting, len(waiting.page.body)) for waiting in self._waiting)
                group = next(in_batches(sizes, count=len(self._waiting)))
                del self._waiting[: len(group)]
                failure: Exception | None = None
                try:
                    await asyncio.to_thread(self._write, group)
                except Exception as error:  # noqa: BLE001 - passed to each page's waiter
                    failure = error
                for written in (one.written for one in group if not one.written.done()):
                    if failure is None:
                        written.set_result(None)
                    else:
                        written.set_exception(failure)
        finally:
            self._writer = None

    def _write(self, group: Sequence[_Waiting]) -> None:
        rows = {
            waiting.page.key: as_row(
                waiting.page,
                waiting.problem,
                job_id=self._claim.job_id,
                novel_id=self._claim.novel_id,
            )
            for waiting in group
        }
        with session(self._database) as opened:
            opened.execute(_DURABLE)
            opened.connection().execute(_REPLACE, list(rows.values()))
            self._also(opened)
        self._confirmed.update(rows)

    def check(self, opened: Session) -> None:
        """StorageError if a confirmed page is gone: after a crash without fsync, or a failover."""
        if not self._confirmed:
            return
        stored = opened.execute(
            select(PageRow.requested_url, PageRow.method, PageRow.request_body).where(
                PageRow.job_id == self._claim.job_id
            )
        )
        if lost := self._confirmed.difference(request_key(*request) for request in stored):
            raise StorageError(
                f"The database has lost {len(lost)} pages that it had confirmed.",
                hint="Run it again: the missing pages are fetched again.",
            )
