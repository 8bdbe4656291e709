"""How long jobs, their events and their failures are kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, Select, delete, exists, func, inspect, or_, select, tuple_
from sqlalchemy.orm import aliased

from novel_core.db.adoptions import AdoptionPageRow, AdoptionRow
from novel_core.db.base import Base
from novel_core.db.chapters import ChapterTextRow
from novel_core.db.engine import session
from novel_core.db.jobs import JobEventRow, JobFailureRow, JobRow
from novel_core.db.pages import PageRow
from novel_core.db.service import WebhookRow
from novel_core.settings import Settings
from novel_core.states import TERMINAL

#: Rows deleted in one transaction.
BATCH = 2000


#: By table, a query of the primary keys of the rows to delete.
Outdated = Mapping[type[Base], Select[*tuple[Any, ...]]]


def delete_outdated(database: Engine, outdated: Outdated) -> int:
    """Delete the rows and return how many.

    A batch is a transaction of its own, so that its locks are short.
    """
    return sum(_delete(database, table, query) for table, query in outdated.items())


def _delete(database: Engine, table: type[Base], query: Select[*tuple[Any, ...]]) -> int:
    key = tuple_(*inspect(table).primary_key)
    deleted = 0
    while True:
        with session(database) as opened:
            result = opened.execute(
                delete(table)
                .where(key.in_(select(query.limit(BATCH).cte())))
                .execution_options(synchronize_session=False)
            )
        count: int = result.rowcount  # type: ignore[attr-defined]
        deleted += count
        if count < BATCH:
            return deleted


def outdated_jobs(settings: Settings) -> Outdated:
    """Events and failures older than NOVEL_KEEP_EVENT_DAYS, and unneeded jobs."""
    before = func.now() - timedelta(days=settings.keep_event_days)
    failures = select(JobFailureRow.job_id, JobFailureRow.url)
    return {
        AdoptionPageRow: _unneeded_recordings(settings),
        JobEventRow: select(JobEventRow.id).where(JobEventRow.at < before),
        JobFailureRow: failures.where(JobFailureRow.at < before),
        JobRow: _unneeded_jobs(settings),
    }


def _unneeded_recordings(settings: Settings) -> Select[*tuple[Any, ...]]:
    """Pages of proofs that added nothing, or that a newer proof of the same site has replaced."""
    newer = aliased(AdoptionRow)
    is_replaced = exists().where(
        newer.site == AdoptionRow.site, newer.added_at > AdoptionRow.added_at
    )
    ended = JobRow.finished_at < func.now() - timedelta(days=settings.keep_page_days)
    unneeded = (
        select(AdoptionRow.job_id)
        .join(JobRow, JobRow.id == AdoptionRow.job_id)
        .where(ended, or_(AdoptionRow.site.is_(None), is_replaced))
    )
    pages = select(AdoptionPageRow.job_id, AdoptionPageRow.number)
    return pages.where(AdoptionPageRow.job_id.in_(unneeded))


def _unneeded_jobs(settings: Settings) -> Select[int]:
    """Jobs that ended long ago.

    Not those that brought what the library has or the recordings of a site, that others have
    joined, or whose end is still to be announced.
    """
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
            ~exists().where(AdoptionPageRow.job_id == JobRow.id),
            ~exists().where(WebhookRow.job_id == JobRow.id, WebhookRow.due_at.is_not(None)),
        )
        .order_by(JobRow.finished_at)
    )
