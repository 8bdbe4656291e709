"""Taking a novel out of the library, with its archive: a takedown must be possible."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from novel_core.db.chapters import ChapterRow
from novel_core.db.jobs import JobRow
from novel_core.db.novels import AuthorRow, NovelAuthorRow, NovelRow
from novel_core.db.pages import PageRow, StagedItemRow
from novel_core.errors import UnknownNovel, UsageError
from novel_core.jobs.identity import active_job
from novel_core.jobs.unclaimed import cancel_idle


def remove_novel(session: Session, novel_id: int) -> None:
    """Delete the novel, its chapters, revisions and archived pages; the jobs' rows stay as a record."""
    novel = session.scalar(select(NovelRow).where(NovelRow.id == novel_id).with_for_update())
    if novel is None:
        raise UnknownNovel(f"There is no novel {novel_id} in the library.")
    running = active_job(session, novel.source, novel.source_novel_id)
    if running is not None and not cancel_idle(session, running, "The novel was removed."):
        raise UsageError(
            f"Job {running} is ingesting this novel.", hint="Remove it when the job has ended."
        )
    jobs = select(JobRow.id).where(
        JobRow.source == novel.source, JobRow.source_novel_id == novel.source_novel_id
    )
    # Pages of failed attempts are not yet tied to the novel.
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
    # Texts before the pages they were made of: those are protected for as long as a text needs them.
    session.execute(delete(ChapterRow).where(ChapterRow.novel_id == novel_id))
    session.execute(delete(NovelRow).where(NovelRow.id == novel_id))
    _remove_idle_authors(session)


def _remove_idle_authors(session: Session) -> None:
    """Delete the authors without a novel. Locked first: a save under way may be about to name one of them."""
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
