"""Jobs, their events, warnings and failures, as users see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from novel_core.db.jobs import JobEventRow, JobFailureRow, JobRow
from novel_core.db.novels import NovelRow
from novel_core.errors import UnknownJob
from novel_core.jobs.chapter_counts import COUNTS
from novel_core.states import JobState

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as it is now. One that has joined another shows that one's state under its own id.

    `chapters` is empty until the job is done; `requests` counts everything sent over all attempts;
    `warnings` counts those of the newest attempt.
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
    warnings: int
    novel: dict[str, str] | None

    @property
    def leader_id(self) -> int:
        """The id of the job with the events and failures: this one, or the one it has joined."""
        return self.joined_job_id or self.id


@dataclass(frozen=True, slots=True)
class JobEvent:
    id: int
    at: datetime
    kind: str
    status: str | None
    message: str


@dataclass(frozen=True, slots=True)
class JobFailure:
    """A page or image that the job could not fetch or read.

    `chapter_ids` are the source's ids of the chapters that have no text because of it, `chapter_id`
    is the first of them.
    """

    url: str
    kind: str
    chapter_id: str | None
    chapter_ids: tuple[str, ...]
    code: str
    message: str
    at: datetime


def get_job(session: Session, job_id: int) -> JobView:
    """Return the job as it is now. Raise UnknownJob where there is none."""
    row = session.get(JobRow, job_id) if 0 < job_id < 2**63 else None
    if row is None:
        raise UnknownJob(f"There is no job {job_id}.")
    return _views(session, [row])[0]


def count_requests(session: Session, job_id: int) -> int:
    """Return how many requests the job has sent over all attempts."""
    return session.scalar(select(JobRow.requests).where(JobRow.id == job_id)) or 0


def is_cancel_requested(session: Session, job_id: int) -> bool:
    """Whether a user has requested to cancel the job."""
    requested = select(JobRow.id).where(
        JobRow.id == job_id, JobRow.cancel_requested_at.is_not(None)
    )
    return session.scalar(requested) is not None


@dataclass(frozen=True, slots=True)
class JobFilter:
    """A filter of jobs: all given fields must match.

    `before` is a job's id: only older ones; `novel` is a slug. A job that has joined another one
    has that one's state and novel.
    """

    status: str | None = None
    source: str | None = None
    novel: str | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    before: int | None = None


def find_jobs(session: Session, wanted: JobFilter, *, limit: int) -> list[JobView]:
    """Return the jobs that match, the newest first."""
    query = _chosen(select(JobRow), wanted)
    if wanted.before is not None:
        query = query.where(JobRow.id < wanted.before)
    return _views(session, list(session.scalars(query.order_by(JobRow.id.desc()).limit(limit))))


def count_jobs(session: Session, wanted: JobFilter) -> int:
    """Return how many jobs match, `before` not counted."""
    return session.scalar(_chosen(select(func.count()).select_from(JobRow), wanted)) or 0


def _chosen(query: Select[T], wanted: JobFilter) -> Select[T]:
    leader = aliased(JobRow)
    query = query.outerjoin(leader, leader.id == JobRow.joined_job_id)
    if wanted.status is not None:
        own = JobRow.joined_job_id.is_(None) & (JobRow.status == wanted.status)
        query = query.where(or_(own, leader.status == wanted.status))
    if wanted.source is not None:
        query = query.where(JobRow.source == wanted.source)
    if wanted.novel is not None:
        novel_id = select(NovelRow.id).where(NovelRow.slug == wanted.novel).scalar_subquery()
        query = query.where(or_(JobRow.novel_id == novel_id, leader.novel_id == novel_id))
    if wanted.created_after is not None:
        query = query.where(JobRow.created_at > wanted.created_after)
    if wanted.created_before is not None:
        query = query.where(JobRow.created_at < wanted.created_before)
    return query


def _views(session: Session, rows: list[JobRow]) -> list[JobView]:
    # One query for all novels: as long as they are referred to, the session gives them to `_view`
    # without a query.
    _novels = session.scalars(
        select(NovelRow).where(NovelRow.id.in_({row.novel_id for row in rows if row.novel_id}))
    ).all()
    ids = {row.id for row in rows} | {row.joined_job_id for row in rows if row.joined_job_id}
    counted = session.execute(
        select(JobEventRow.job_id, func.count())
        .where(JobEventRow.job_id.in_(ids), _is_present_warning)
        .group_by(JobEventRow.job_id)
    )
    warnings = {row[0]: row[1] for row in counted}
    return [_view(session, row, warnings) for row in rows]


_earlier = aliased(JobEventRow)
#: A warning of an earlier attempt that still applies is repeated by the newest.
_is_present_warning = (JobEventRow.kind == "warning") & (
    JobEventRow.id
    > func.coalesce(
        select(func.max(_earlier.id))
        .where(_earlier.job_id == JobEventRow.job_id, _earlier.status == JobState.CRAWLING)
        .scalar_subquery(),
        0,
    )
)


def list_warnings(session: Session, job_id: int, *, limit: int | None = None) -> list[str]:
    """Return the warnings of the job's newest attempt: what it left out or could not read."""
    return list(
        session.scalars(
            select(JobEventRow.message)
            .where(JobEventRow.job_id == job_id, _is_present_warning)
            .order_by(JobEventRow.id)
            .limit(limit)
        )
    )


def list_events(
    session: Session, job_id: int, *, after: int = 0, limit: int | None = None
) -> list[JobEvent]:
    """Return the job's events in their order, those after event `after`."""
    rows = session.scalars(
        select(JobEventRow)
        .where(JobEventRow.job_id == job_id, JobEventRow.id > after)
        .order_by(JobEventRow.id)
        .limit(limit)
    )
    return [_event(row) for row in rows]


def newest_events(session: Session, job_id: int, *, limit: int) -> tuple[list[JobEvent], int]:
    """Return the newest events but for current warnings, and how many older ones there are."""
    chosen = (JobEventRow.job_id == job_id) & ~_is_present_warning
    query = select(JobEventRow).where(chosen).order_by(JobEventRow.id.desc()).limit(limit)
    found = [_event(row) for row in session.scalars(query)]
    total = session.scalar(select(func.count()).select_from(JobEventRow).where(chosen)) or 0
    return found, total - len(found)


def _event(row: JobEventRow) -> JobEvent:
    return JobEvent(row.id, row.at, row.kind, row.status, row.message)


def count_failures(session: Session, job_id: int) -> int:
    """Return how many pages and images the job could not fetch or read."""
    query = select(func.count()).select_from(JobFailureRow).where(JobFailureRow.job_id == job_id)
    return session.scalar(query) or 0


def list_failures(
    session: Session,
    job_id: int,
    *,
    offset: int = 0,
    limit: int | None = None,
    newest_first: bool = False,
) -> list[JobFailure]:
    """Return the job's failures by address, with `newest_first` by time."""
    latest = [JobFailureRow.at.desc()] if newest_first else []
    rows = session.scalars(
        select(JobFailureRow)
        .where(JobFailureRow.job_id == job_id)
        .order_by(*latest, JobFailureRow.url)
        .offset(offset)
        .limit(limit)
    )
    return [
        JobFailure(
            url=row.url,
            kind=row.kind,
            chapter_id=next(iter(row.chapter_ids), None),
            chapter_ids=tuple(row.chapter_ids),
            code=row.code,
            message=row.message,
            at=row.at,
        )
        for row in rows
    ]


def _view(session: Session, row: JobRow, warnings: Mapping[int, int]) -> JobView:
    leader = session.get(JobRow, row.joined_job_id) if row.joined_job_id is not None else None
    leader = leader or row
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
        # More are fetched than expected where a chapter has several pages.
        pages_expected=max(leader.pages_expected, leader.pages_fetched),
        requests=leader.requests,
        chapters={name: leader.counts[name] for name in COUNTS if name in leader.counts},
        warnings=warnings.get(leader.id, 0),
        novel={"slug": novel.slug, "title": novel.title} if novel else None,
    )
