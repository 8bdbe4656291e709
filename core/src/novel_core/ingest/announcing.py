"""Announcing saved items and ended jobs to plugins, after the commit and at least once."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, func, or_, select, update
from sqlalchemy.orm import Session

from novel_core.archive.pages import in_batches
from novel_core.db.chapters import ChapterRow, ChapterTextRow
from novel_core.db.engine import session
from novel_core.db.jobs import JobRow
from novel_core.db.novels import NovelRow
from novel_core.db.service import WatchRow
from novel_core.errors import PluginError
from novel_core.hookspecs import LISTENER_HOOKS, Change, FinishedJob, SavedRef
from novel_core.ingest.listeners import ListenerCalls
from novel_core.ingest.saved_items import chapter_item, novel_item
from novel_core.items import Chapter, Novel
from novel_core.jobs import events
from novel_core.runtime import Runtime
from novel_core.states import TERMINAL, JobState

#: Seconds for which one process may announce a job, unless it renews that right.
LEASE = 20.0
#: Chapters loaded at once.
BATCH = 50
_PENDING = (
    JobRow.status.in_(list(TERMINAL)),
    JobRow.announced_at.is_(None),
    JobRow.joined_job_id.is_(None),
    or_(JobRow.announcing_until.is_(None), JobRow.announcing_until < func.now()),
)


def announce(runtime: Runtime, job_id: int) -> None:
    """Call `novel_item_saved` for each new or changed item, then `novel_job_finished`.

    No transaction is open meanwhile. A plugin's failure becomes a warning of the job. If the
    process dies, `announce_pending` announces the job again.
    """
    registry = runtime.registry
    if not any(map(registry.listening, LISTENER_HOOKS)):
        _mark_announced(runtime.database, job_id)
        return
    announcement = _Announcement.begin(runtime.database, job_id)
    if announcement is None:
        return
    listeners = ListenerCalls(registry, announcement.renew)
    saved: list[SavedRef] = []
    if announcement.status == JobState.DONE:
        for item, ref, change in _items(runtime.database, job_id):
            saved.append(ref)
            announcement.renew()
            listeners.call("novel_item_saved", item=item, ref=ref, change=change)
    with session(runtime.database) as opened:
        job = opened.get(JobRow, job_id)
        finished = _finished(opened, job) if job is not None else None
    if finished is not None:
        listeners.call("novel_job_finished", job=finished, saved=tuple(saved))
    announcement.finish(listeners.problems)


def _mark_announced(database: Engine, job_id: int) -> None:
    """Note that nobody was to be told of the job."""
    with session(database) as opened:
        opened.execute(
            update(JobRow)
            .where(JobRow.id == job_id, *_PENDING)
            .values(announced_at=func.now(), announcing_until=None)
            .execution_options(synchronize_session=False)
        )


def announce_pending(runtime: Runtime) -> None:
    """Announce the jobs whose process died between the commit and the announcement."""
    with session(runtime.database) as opened:
        pending = opened.scalars(select(JobRow.id).where(*_PENDING).order_by(JobRow.id)).all()
    for job_id in pending:
        announce(runtime, job_id)


@dataclass(slots=True)
class _Announcement:
    """The right to announce one end of a job.

    If the job is opened again meanwhile, its next end is announced too.
    """

    database: Engine
    job_id: int
    status: str
    finished_at: datetime | None
    renewed: float

    @classmethod
    def begin(cls, database: Engine, job_id: int) -> _Announcement | None:
        until = func.now() + timedelta(seconds=LEASE)
        with session(database) as opened:
            row = opened.execute(
                update(JobRow)
                .where(JobRow.id == job_id, *_PENDING)
                .values(announcing_until=until)
                .returning(JobRow.status, JobRow.finished_at)
                .execution_options(synchronize_session=False)
            ).first()
        return cls(database, job_id, row[0], row[1], time.monotonic()) if row else None

    def renew(self) -> None:
        """Extend the right to announce, if that is due."""
        if time.monotonic() - self.renewed > LEASE / 3:
            self._write(announcing_until=func.now() + timedelta(seconds=LEASE))
            self.renewed = time.monotonic()

    def finish(self, problems: Sequence[PluginError]) -> None:
        self._write(problems, announced_at=func.now(), announcing_until=None)

    def _write(self, problems: Sequence[PluginError] = (), **values: Any) -> None:
        with session(self.database) as opened:
            for problem in problems:
                events.record(opened, self.job_id, "warning", problem.message)
            opened.execute(
                update(JobRow)
                .where(
                    JobRow.id == self.job_id,
                    JobRow.finished_at.is_not_distinct_from(self.finished_at),
                    JobRow.status == self.status,
                )
                .values(**values)
                .execution_options(synchronize_session=False)
            )


def _items(database: Engine, job_id: int) -> Iterator[tuple[Novel | Chapter, SavedRef, Change]]:
    """What the job has saved, the novel first; no transaction is open between items."""
    with session(database) as opened:
        job = opened.get(JobRow, job_id)
        novel = opened.get(NovelRow, job.novel_id) if job and job.novel_id is not None else None
        if job is None or novel is None:
            return
        reference = _reference(opened, novel)
        new = job.started_at is not None and novel.created_at >= job.created_at
        changed = new or novel.updated_at >= job.created_at
        item = novel_item(opened, novel) if changed else None
    if item is not None:
        change = Change.NEW if new else Change.CHANGED
        yield item, replace(reference, change=change), change
    for text_ids in in_batches(_sizes(database, job_id), count=BATCH):
        with session(database) as opened:
            rows = opened.execute(
                select(ChapterRow, ChapterTextRow)
                .join(ChapterTextRow, ChapterTextRow.chapter_id == ChapterRow.id)
                .where(ChapterTextRow.id.in_(text_ids))
                .order_by(ChapterRow.number, ChapterTextRow.id)
            ).all()
            chapters = [
                (chapter_item(chapter, text), chapter.id, chapter.number, text.version)
                for chapter, text in rows
            ]
        for chapter, chapter_id, number, version in chapters:
            change = Change.NEW if version == 1 else Change.CHANGED
            ref = replace(
                reference,
                chapter_id=chapter_id,
                number=number,
                title=chapter.title,
                change=change,
            )
            yield chapter, ref, change


def _sizes(database: Engine, job_id: int) -> list[tuple[int, int]]:
    """Id and bytes of each text the job has saved, in reading order."""
    with session(database) as opened:
        rows = opened.execute(
            select(ChapterTextRow.id, func.octet_length(ChapterTextRow.content_html))
            .join(ChapterRow, ChapterTextRow.chapter_id == ChapterRow.id)
            .where(ChapterTextRow.job_id == job_id)
            .order_by(ChapterRow.number, ChapterTextRow.id)
        )
        return [(text_id, size) for text_id, size in rows]


def _reference(opened: Session, novel: NovelRow) -> SavedRef:
    is_watched = opened.get(WatchRow, novel.id) is not None
    return SavedRef(novel.id, novel.slug, is_watched=is_watched, title=novel.title)


def _finished(opened: Session, job: JobRow) -> FinishedJob:
    novel = opened.get(NovelRow, job.novel_id) if job.novel_id is not None else None
    return FinishedJob(
        id=job.id,
        source=job.source,
        url=job.url,
        status=job.status,
        error_code=job.error_code,
        error_message=job.error_message,
        counts=dict(job.counts),
        novel=_reference(opened, novel) if novel is not None else None,
    )
