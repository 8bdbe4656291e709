"""Jobs as their submitter sees them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from novel_core.db.jobs import JobEventRow, JobFailureRow, JobRow
from novel_core.db.novels import NovelRow
from novel_core.errors import UnknownJob

COUNTS = ("total", "new", "changed", "unchanged", "locked", "removed", "failed")


@dataclass(frozen=True, slots=True)
class JobView:
    """A job's present state. One that has joined another shows that one's state under its own id.

    `chapters` is empty until the job is done; `requests` counts everything sent over all attempts.
    """

    id: int
    source_url: str
    status: str
    error_code: str | None
    error_message: str | None
    error_hint: str | None
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    source: str
    joined_job_id: int | None
    attempt: int
    pages_fetched: int
    pages_expected: int
    requests: int
    chapters: dict[str, int]
    novel: dict[str, str] | None


@dataclass(frozen=True, slots=True)
class JobEvent:
    id: int
    at: datetime
    kind: str
    status: str | None
    message: str


@dataclass(frozen=True, slots=True)
class JobFailure:
    """A chapter or image the job could not get."""

    url: str
    kind: str
    chapter_id: str | None
    code: str
    message: str
    at: datetime


def get_job(session: Session, job_id: int) -> JobView:
    """The job as it stands now."""
    row = session.get(JobRow, job_id) if 0 < job_id < 2**63 else None
    if row is None:
        raise UnknownJob(f"There is no job {job_id}.")
    return _view(session, row)


def list_jobs(session: Session, *, status: str | None = None, limit: int = 50) -> list[JobView]:
    """The newest jobs first."""
    query = select(JobRow).order_by(JobRow.id.desc()).limit(limit)
    if status:
        query = query.where(JobRow.status == status)
    rows = list(session.scalars(query))
    # One query for all novels: as long as they are referred to, the session gives them to `_view` without asking.
    _novels = session.scalars(
        select(NovelRow).where(NovelRow.id.in_({row.novel_id for row in rows if row.novel_id}))
    ).all()
    return [_view(session, row) for row in rows]


def list_events(session: Session, job_id: int, *, after: int = 0) -> list[JobEvent]:
    rows = session.scalars(
        select(JobEventRow)
        .where(JobEventRow.job_id == job_id, JobEventRow.id > after)
        .order_by(JobEventRow.id)
    )
    return [JobEvent(row.id, row.at, row.kind, row.status, row.message) for row in rows]


def list_failures(session: Session, job_id: int) -> list[JobFailure]:
    rows = session.scalars(
        select(JobFailureRow).where(JobFailureRow.job_id == job_id).order_by(JobFailureRow.url)
    )
    return [
        JobFailure(row.url, row.kind, row.chapter_id, row.code, row.message, row.at) for row in rows
    ]


def _view(session: Session, row: JobRow) -> JobView:
    leader = row
    while leader.joined_job_id is not None:
        joined = session.get(JobRow, leader.joined_job_id)
        if joined is None:
            break
        leader = joined
    novel = session.get(NovelRow, leader.novel_id) if leader.novel_id else None
    return JobView(
        id=row.id,
        source_url=row.source_url,
        status=leader.status,
        error_code=leader.error_code,
        error_message=leader.error_message,
        error_hint=leader.error_hint,
        created_at=row.created_at,
        updated_at=leader.updated_at,
        started_at=leader.started_at,
        finished_at=leader.finished_at,
        source=row.source,
        joined_job_id=row.joined_job_id,
        attempt=leader.attempt,
        pages_fetched=leader.pages_fetched,
        pages_expected=leader.pages_expected,
        requests=leader.requests,
        chapters={name: leader.counts[name] for name in COUNTS if name in leader.counts},
        novel={"slug": novel.slug, "title": novel.title} if novel else None,
    )
