"""Removing a novel from the library, with its archive: a takedown must be possible."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from novel_core.db.chapters import ChapterRow
from novel_core.db.jobs import JobRow
from novel_core.db.novels import AuthorRow, NovelAuthorRow, NovelRow
from novel_core.db.pages import PageRow, StagedItemRow
from novel_core.errors import JobCancelled, UnknownNovel, UsageError
from novel_core.jobs.identity import find_open, is_about
from novel_core.jobs.unclaimed import cancel_idle


@dataclass(frozen=True, slots=True)
class RemovedNovel:
    """A novel that is deleted; `cancelled_job_id` is its job that was waiting."""

    id: int
    title: str
    cancelled_job_id: int | None


def remove(session: Session, novel_id: int) -> RemovedNovel:
    """Delete the novel, its chapters, revisions and archived pages.

    The rows of its jobs stay as a record. Raise UnknownNovel, or UsageError while a process runs a
    job of the novel.

    >>> remove(session, novel_id).title
    'Work 1'
    >>> remove(session, novel_id)
    Traceback (most recent call last):
    novel_core.errors.UnknownNovel: There is no novel ... in the library.
    """
    novel = session.scalar(select(NovelRow).where(NovelRow.id == novel_id).with_for_update())
    if novel is None:
        raise UnknownNovel(f"There is no novel {novel_id} in the library.")
    job = find_open(session, novel.source, novel.source_novel_id)
    if job is not None and not cancel_idle(session, job.id, JobCancelled("The novel was removed.")):
        raise UsageError(
            f"Job {job.id} is ingesting this novel.", hint="Remove it when the job has ended."
        )
    jobs = select(JobRow.id).where(is_about(novel.source, novel.source_novel_id))
    # Pages of failed attempts do not belong to the novel yet.
    session.execute(
        delete(PageRow)
        .where(PageRow.job_id.in_(jobs), PageRow.novel_id.is_(None))
        .execution_options(synchronize_session=False)
    )
    session.execute(
        delete(StagedItemRow)
        .where(StagedItemRow.job_id.in_(jobs))
        .execution_options(synchronize_session=False)
    )
    # Texts before the pages they were made of: a page cannot be deleted while a text refers to it.
    session.execute(delete(ChapterRow).where(ChapterRow.novel_id == novel_id))
    session.execute(delete(NovelRow).where(NovelRow.id == novel_id))
    _remove_idle_authors(session)
    return RemovedNovel(novel_id, novel.title, job.id if job is not None else None)


def _remove_idle_authors(session: Session) -> None:
    """Delete authors without a novel, locked first: a concurrent save may refer to one."""
    is_idle = (
        ~select(NovelAuthorRow.author_id).where(NovelAuthorRow.author_id == AuthorRow.id).exists()
    )
    idle = session.scalars(
        select(AuthorRow.id).where(is_idle).with_for_update(skip_locked=True)
    ).all()
    session.execute(
        delete(AuthorRow)
        .where(AuthorRow.id.in_(idle), is_idle)
        .execution_options(synchronize_session=False)
    )
