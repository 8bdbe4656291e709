"""What of the archive and of the jobs' stories is kept, and for how long."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, Select, delete, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from novel_core.db.chapters import ChapterTextRow, TextPageRow
from novel_core.db.engine import session
from novel_core.db.jobs import JobEventRow, JobFailureRow, JobRow
from novel_core.db.pages import PageRow, StagedItemRow
from novel_core.db.service import WebhookRow
from novel_core.settings import Settings
from novel_core.source import PageKind
from novel_core.states import TERMINAL, JobState

#: Rows dropped in one transaction.
BATCH = 2000
_IN_USE = select(TextPageRow.page_id).where(TextPageRow.page_id == PageRow.id).exists()


def prune_novel(opened: Session, novel_id: int, *, keep_index_pages: int) -> None:
    """Of a novel's pages keep the one behind each text, the newest index pages, and the images."""
    newest_index = (
        select(PageRow.id)
        .where(
            PageRow.novel_id == novel_id,
            PageRow.kind == PageKind.INDEX,
            PageRow.position == 0,
            PageRow.problem.is_(None),
        )
        .order_by(PageRow.fetched_at.desc())
        .limit(keep_index_pages)
    )
    kept_jobs = select(PageRow.job_id).where(
        PageRow.id.in_(newest_index), PageRow.job_id.is_not(None)
    )
    old_index = (PageRow.kind == PageKind.INDEX) & (
        or_(PageRow.job_id.is_(None), PageRow.job_id.not_in(kept_jobs))
    )
    opened.execute(
        delete(PageRow)
        .where(
            PageRow.novel_id == novel_id,
            PageRow.kind != PageKind.IMAGE,
            or_(PageRow.kind == PageKind.CHAPTER, old_index),
            ~_IN_USE,
        )
        .execution_options(synchronize_session=False)
    )
    newer = aliased(PageRow)
    # Of one image fetched anew, the newest copy.
    opened.execute(
        delete(PageRow)
        .where(
            PageRow.novel_id == novel_id,
            PageRow.kind == PageKind.IMAGE,
            select(newer.id)
            .where(
                newer.novel_id == novel_id,
                newer.kind == PageKind.IMAGE,
                newer.requested_url == PageRow.requested_url,
                newer.problem.is_(None),
                newer.id > PageRow.id,
            )
            .exists(),
        )
        .execution_options(synchronize_session=False)
    )


def sweep(database: Engine, settings: Settings) -> int:
    """Drop what is kept no longer: pages of failed jobs, events, and jobs that ended and that nothing refers to; how many rows.

    A batch is a transaction of its own, so that nobody waits for a lock of ours for long.
    """
    old_events = func.now() - timedelta(days=settings.keep_event_days)
    failures = tuple_(JobFailureRow.job_id, JobFailureRow.url)
    events = select(JobEventRow.id).where(JobEventRow.at < old_events)
    outdated: tuple[Any, ...] = (
        (PageRow, PageRow.id, _spare_pages(settings)),
        (StagedItemRow, StagedItemRow.id, select(StagedItemRow.id).where(_ended(StagedItemRow))),
        (JobEventRow, JobEventRow.id, events),
        (
            JobFailureRow,
            failures,
            select(JobFailureRow.job_id, JobFailureRow.url).where(JobFailureRow.at < old_events),
        ),
        (JobRow, JobRow.id, _spare_jobs(settings)),
    )
    return sum(_drop(database, *what) for what in outdated)


def _drop(database: Engine, table: Any, key: Any, found: Select[Any]) -> int:
    dropped = 0
    while True:
        with session(database) as opened:
            chosen = found.limit(BATCH).cte()
            result = opened.execute(
                delete(table)
                .where(key.in_(select(chosen)))
                .execution_options(synchronize_session=False)
            )
        count: int = result.rowcount  # type: ignore[attr-defined]
        dropped += count
        if count < BATCH:
            return dropped


def _spare_pages(settings: Settings) -> Select[Any]:
    """Pages of jobs that failed long ago and were not taken up again."""
    failed = select(JobRow.id).where(
        JobRow.status == JobState.ERROR,
        JobRow.finished_at < func.now() - timedelta(days=settings.keep_page_days),
    )
    # An image of a novel is not asked for again; one that no novel was saved for serves nothing.
    is_spare = or_(PageRow.kind != PageKind.IMAGE, PageRow.novel_id.is_(None))
    return select(PageRow.id).where(PageRow.job_id.in_(failed), is_spare, ~_IN_USE)


def _ended(table: type[StagedItemRow]) -> Any:
    """Asked of each staged item, of which there are few, and not of all jobs that ever were."""
    return exists().where(JobRow.id == table.job_id, JobRow.status.in_(list(TERMINAL)))


def _spare_jobs(settings: Settings) -> Select[Any]:
    """Jobs that ended long ago; not those that brought what the library holds, that others have joined, or whose end is still to be told."""
    days = max(settings.keep_job_days, settings.keep_page_days)
    joined = aliased(JobRow)
    return (
        select(JobRow.id)
        .where(
            JobRow.finished_at < func.now() - timedelta(days=days),
            JobRow.status.in_(list(TERMINAL)),
            or_(JobRow.announced_at.is_not(None), JobRow.joined_job_id.is_not(None)),
            ~exists().where(ChapterTextRow.job_id == JobRow.id),
            ~exists().where(PageRow.job_id == JobRow.id),
            ~exists().where(joined.joined_job_id == JobRow.id),
            ~exists().where(WebhookRow.job_id == JobRow.id, WebhookRow.due_at.is_not(None)),
        )
        .order_by(JobRow.finished_at)
    )
