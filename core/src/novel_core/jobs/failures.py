"""What a job could not fetch or read, and why: a row for each page.

A page that a parser hung on is skipped: it is a failure of the code `page_too_slow`, and later
attempts leave it out until somebody retries the job.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from sqlalchemy import delete, literal, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from novel_core.db.jobs import JobFailureRow, JobRow
from novel_core.db.pages import PageRow
from novel_core.errors import NovelError, PageTooSlow
from novel_core.jobs import events
from novel_core.logs import about_page, loggable_url
from novel_core.page import Follow
from novel_core.requests import request_key
from novel_core.source import PageKind
from novel_core.states import JobState
from novel_core.steps import Step

#: A longer one fits no index of the database, and belongs to no page.
MAX_URL_BYTES = 2048
_IS_SKIPPED = JobFailureRow.code == PageTooSlow.code


def write_failure(opened: Session, job_id: int, follow: Follow, error: NovelError) -> None:
    """Write down, or replace, the failure of the job's page `follow.key`."""
    values = {
        "kind": follow.kind,
        "chapter_ids": list(follow.chapters),
        "part": follow.part,
        "code": error.code,
        "message": events.storable(error.message),
        "at": datetime.now(UTC),
    }
    url = follow.key.encode()[:MAX_URL_BYTES].decode(errors="ignore")
    shown = loggable_url(url)
    level = logging.DEBUG if follow.kind is PageKind.IMAGE else logging.WARNING
    line = f"missing {follow.kind}: {about_page(url, error.message)}"
    events.log_when_committed(opened, level, line, job_id=job_id, code=error.code, url=shown)
    opened.execute(
        insert(JobFailureRow)
        .values(job_id=job_id, url=url, **values)
        .on_conflict_do_update(index_elements=["job_id", "url"], set_=values)
    )


def last_failure(opened: Session, novel_id: int, source_chapter_id: str) -> tuple[str, str] | None:
    """Return the code and message of the last attempt to fetch or read a chapter of a novel."""
    found = opened.execute(
        select(JobFailureRow.code, JobFailureRow.message)
        .join(JobRow, JobRow.id == JobFailureRow.job_id)
        .where(
            JobRow.novel_id == novel_id,
            JobFailureRow.chapter_ids.contains([source_chapter_id]),
        )
        .order_by(JobFailureRow.at.desc())
        .limit(1)
    ).first()
    return (found.code, found.message) if found else None


def skip_page(opened: Session, job_id: int, step: Step) -> bool:
    """Skip the page that `step` worked on; False where it belongs to the chapter list."""
    # Of a POST the step names its key.
    plain = step.url.rpartition("#POST-")[0]
    meant = or_(
        PageRow.url == step.url,
        PageRow.requested_url.in_({step.url, plain}),
        PageRow.chapter_ids.overlap(list(step.chapters)),
    )
    pages = [
        page
        for page in opened.scalars(select(PageRow).where(PageRow.job_id == job_id, meant))
        if not plain or request_key(page.requested_url, page.method, page.request_body) == step.url
    ]
    if not pages or any(page.kind == PageKind.INDEX for page in pages):
        return False
    for page in pages:
        page.problem = PageTooSlow.code
        chapters = step.chapters or tuple(page.chapter_ids)
        follow = Follow(
            page.requested_url,
            PageKind.CHAPTER,
            chapters=chapters,
            part=page.part,
            method=page.method,
            body=page.request_body,
        )
        write_failure(opened, job_id, follow, PageTooSlow(f"{step.what} {step.url} did not end."))
    return True


def clear_failures(opened: Session, job_id: int) -> frozenset[str]:
    """Delete failures of earlier attempts but for skipped pages; the addresses of those."""
    opened.execute(delete(JobFailureRow).where(JobFailureRow.job_id == job_id, ~_IS_SKIPPED))
    skipped = select(JobFailureRow.url).where(
        JobFailureRow.job_id == job_id, _IS_SKIPPED, JobFailureRow.kind == PageKind.CHAPTER
    )
    return frozenset(opened.scalars(skipped))


def clear_skipped(opened: Session, job_id: int) -> None:
    """Delete the skipped pages' failures too, so that the next attempt tries these pages again."""
    opened.execute(delete(JobFailureRow).where(JobFailureRow.job_id == job_id, _IS_SKIPPED))


def inherit_skipped(opened: Session, job_id: int) -> None:
    """Skip the pages in the new job that the novel's last job skipped, if that one failed."""
    job, last = aliased(JobRow), aliased(JobRow)
    last_id = (
        select(last.id)
        .join(job, (job.source == last.source) & (job.source_novel_id == last.source_novel_id))
        .where(job.id == job_id, last.id != job_id)
        .order_by(last.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    columns = [column for column in JobFailureRow.__table__.columns if column.name != "job_id"]
    skipped = (
        select(literal(job_id), *columns)
        .join(JobRow, JobRow.id == JobFailureRow.job_id)
        .where(
            JobFailureRow.job_id == last_id,
            JobRow.status == JobState.ERROR,
            _IS_SKIPPED,
            JobFailureRow.kind == PageKind.CHAPTER,
        )
    )
    names = ["job_id", *(column.name for column in columns)]
    opened.execute(insert(JobFailureRow).from_select(names, skipped))
