"""Pages that code over them hangs on: set aside as gaps, so that the next attempt at the job does without them."""

from __future__ import annotations

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from novel_core.db.jobs import JobFailureRow
from novel_core.db.pages import PageRow
from novel_core.errors import PageTooSlow
from novel_core.jobs.events import record
from novel_core.jobs.failures import write_failure
from novel_core.page import Follow
from novel_core.source import PageKind
from novel_core.steps import Step


def set_aside(opened: Session, job_id: int, step: Step) -> bool:
    """Whether the job can do without what `step` worked on: the pages of chapters it can, those of the list it cannot."""
    meant = or_(
        PageRow.url == step.url,
        PageRow.requested_url == step.url,
        PageRow.chapter_ids.overlap(list(step.chapters)),
    )
    pages = opened.scalars(select(PageRow).where(PageRow.job_id == job_id, meant)).all()
    if not pages or any(page.kind == PageKind.INDEX for page in pages):
        return False
    for page in pages:
        page.problem = PageTooSlow.code
        chapters = step.chapters or tuple(page.chapter_ids)
        follow = Follow(page.requested_url, PageKind.CHAPTER, chapters=chapters, part=page.part)
        write_failure(opened, job_id, follow, PageTooSlow(f"{step.what} {step.url} did not end."))
    return True


def blame(opened: Session, job_id: int, step: Step) -> None:
    """Set aside the page of a step in which processes died, and say so."""
    record(opened, job_id, "warning", f"Its processes died: {step.what} {step.url}")
    set_aside(opened, job_id, step)


def forget_failures(opened: Session, job_id: int) -> frozenset[str]:
    """What failed in an earlier attempt is tried again, but for the pages set aside: their addresses."""
    is_aside = JobFailureRow.code == PageTooSlow.code
    opened.execute(delete(JobFailureRow).where(JobFailureRow.job_id == job_id, ~is_aside))
    aside = select(JobFailureRow.url).where(
        JobFailureRow.job_id == job_id, is_aside, JobFailureRow.kind == PageKind.CHAPTER
    )
    return frozenset(opened.scalars(aside))


def take_up_again(opened: Session, job_id: int) -> None:
    """A person wants them tried once more."""
    opened.execute(
        delete(JobFailureRow).where(
            JobFailureRow.job_id == job_id, JobFailureRow.code == PageTooSlow.code
        )
    )
