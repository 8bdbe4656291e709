"""What of the archive and of the jobs' stories is kept, and for how long."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Engine, delete, func, or_, select
from sqlalchemy.orm import Session, aliased

from novel_core.db.chapters import TextPageRow
from novel_core.db.engine import session
from novel_core.db.jobs import JobEventRow, JobFailureRow, JobRow
from novel_core.db.pages import PageRow, StagedItemRow
from novel_core.settings import Settings
from novel_core.source import PageKind
from novel_core.states import TERMINAL, JobState

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
    """Drop pages of jobs that failed long ago and were not taken up again, and old events; how many rows."""
    abandoned = select(JobRow.id).where(
        JobRow.status == JobState.ERROR,
        JobRow.finished_at < func.now() - timedelta(days=settings.keep_page_days),
    )
    ended = select(JobRow.id).where(JobRow.status.in_(list(TERMINAL)))
    # An image of a novel is not asked for again; one that no novel was saved for serves nothing.
    is_spare = or_(PageRow.kind != PageKind.IMAGE, PageRow.novel_id.is_(None))
    old = func.now() - timedelta(days=settings.keep_event_days)
    dropped = 0
    with session(database) as opened:
        for outdated in (
            delete(PageRow).where(PageRow.job_id.in_(abandoned), is_spare, ~_IN_USE),
            delete(StagedItemRow).where(StagedItemRow.job_id.in_(ended)),
            delete(JobEventRow).where(JobEventRow.at < old),
            delete(JobFailureRow).where(JobFailureRow.at < old),
        ):
            result = opened.execute(outdated.execution_options(synchronize_session=False))
            dropped += result.rowcount  # type: ignore[attr-defined]
    return dropped
