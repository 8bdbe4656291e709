"""Which archived pages are kept, and for how long."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, Select, delete, exists, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from novel_core.archive.resting import is_resting
from novel_core.db.chapters import TextPageRow
from novel_core.db.jobs import JobRow
from novel_core.db.pages import PageRow, StagedItemRow
from novel_core.jobs.retention import Outdated, delete_outdated, outdated_jobs
from novel_core.settings import Settings
from novel_core.source import PageKind
from novel_core.states import TERMINAL, JobState

_IN_USE = select(TextPageRow.page_id).where(TextPageRow.page_id == PageRow.id).exists()


def prune_novel(opened: Session, novel_id: int, *, keep_index_pages: int) -> None:
    """Delete a novel's pages but for those of texts, the newest index pages, images and resting ones."""
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
            or_(PageRow.kind == PageKind.CHAPTER, old_index),
            ~_IN_USE,
            ~func.coalesce(is_resting(), false()),
        )
        .execution_options(synchronize_session=False)
    )
    newer = aliased(PageRow)
    # Of one image fetched again, the newest copy.
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
    """Delete what the retention settings no longer keep, and return how many rows.

    Pages of failed jobs and what they had parsed, then events, failures and jobs: a job is kept as
    long as its pages.
    """
    staged = exists().where(JobRow.id == StagedItemRow.job_id, JobRow.status.in_(list(TERMINAL)))
    outdated: Outdated = {
        PageRow: _unneeded_pages(settings),
        # A condition on each staged item, of which there are few, and not on all jobs.
        StagedItemRow: select(StagedItemRow.id).where(staged),
        **outdated_jobs(settings),
    }
    return delete_outdated(database, outdated)


def _unneeded_pages(settings: Settings) -> Select[Any]:
    """Pages of jobs that failed long ago and were not opened again."""
    failed = select(JobRow.id).where(
        JobRow.status == JobState.ERROR,
        JobRow.finished_at < func.now() - timedelta(days=settings.keep_page_days),
    )
    # An image of a novel is not requested again; one that no novel was saved for serves nothing.
    is_spare = or_(PageRow.kind != PageKind.IMAGE, PageRow.novel_id.is_(None))
    return select(PageRow.id).where(PageRow.job_id.in_(failed), is_spare, ~_IN_USE)
