"""The one job of a novel: the open one, a failed one opened again, or a new one."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import timedelta

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert as insert_row
from sqlalchemy.orm import Session

from novel_core.db.jobs import JobRow
from novel_core.db.novels import NovelRow, novel_id_of
from novel_core.intake.target import Target
from novel_core.jobs import events, identity, unclaimed
from novel_core.jobs.options import JobOptions
from novel_core.library.novels import matching_novel
from novel_core.settings import Settings
from novel_core.source import UrlKind
from novel_core.states import JobState


@dataclass(frozen=True, slots=True)
class Submission:
    """The job of a novel: its id and state. `created` is False where it was open already."""

    job_id: int
    status: JobState = JobState.QUEUED
    created: bool = True


def find_or_insert(
    session: Session, settings: Settings, target: Target, options: JobOptions
) -> Submission:
    """Return the job for the target; an open one that waits takes over the options.

    Two submissions of one novel at the same moment get the same job.
    """
    first = _insert_first(session, target, options)
    if first is not None:
        return Submission(first)
    subject = _subject_of(session, target)
    while True:
        found = identity.find_open(session, subject.source, subject.source_novel_id, subject.url)
        if found is not None:
            unclaimed.add_options(session, found.id, options)
            return Submission(found.id, found.status, created=False)
        failed = _find_failed(session, subject, settings.keep_page_days, options)
        if failed is not None and unclaimed.reopen(session, failed, options):
            return Submission(failed)
        created = _insert(session, subject, target, options)
        if created is not None:
            return Submission(created)
        # Another process inserted a job of the same novel after the search above: search again.


def insert(
    session: Session, target: Target, options: JobOptions, *, failures: int, message: str
) -> int | None:
    """Insert a job that counts `failures` already; None while the novel has an open job."""
    subject = _subject_of(session, target)
    return _insert(session, subject, target, options, failures=failures, message=message)


#: The job and its first event, where the novel has no job yet or its last one is done: by far the
#: most common case, and one round trip to the database. The novel's row is locked, so that it
#: cannot be removed before the job is committed.
_FIRST = text(
    """
    WITH held AS (
        SELECT id FROM novels WHERE source = :source AND source_novel_id = :novel FOR KEY SHARE
    ), made AS (
        INSERT INTO jobs
            (source, source_url, url, kind, source_novel_id, source_chapter_id, novel_id, options)
        SELECT :source, :source_url, :url, :kind, :novel, :chapter, (SELECT id FROM held),
            CAST(:options AS jsonb)
        WHERE 'done' = coalesce((
            SELECT status FROM jobs WHERE source = :source AND source_novel_id = :novel
            ORDER BY id DESC LIMIT 1
        ), 'done')
        ON CONFLICT DO NOTHING
        RETURNING id
    )
    INSERT INTO job_events (job_id, kind, status, message)
    SELECT id, 'state', 'queued', 'submitted' FROM made
    RETURNING job_id
    """
)


def _insert_first(session: Session, target: Target, options: JobOptions) -> int | None:
    """Insert a job unless one of the novel is open or the last one failed: then None."""
    match = target.match
    if match.novel_id is None or not (match.kind is UrlKind.NOVEL or match.novel_url):
        return None
    values = {
        "source": target.source,
        "source_url": target.url,
        "url": match.novel_url or match.url,
        "kind": UrlKind.NOVEL.value,
        "novel": match.novel_id,
        "chapter": match.chapter_id,
        "options": options.model_dump_json(),
    }
    made: int | None = session.connection().execute(_FIRST, values).scalar()
    return made


@dataclass(frozen=True, slots=True)
class _Subject:
    """What a job is about, as far as it is known before any request: columns of its row."""

    source: str
    kind: UrlKind
    url: str
    source_novel_id: str | None
    source_chapter_id: str | None
    novel_id: int | None


def _subject_of(session: Session, target: Target) -> _Subject:
    source, match = target.source, target.match
    novel_id = matching_novel(session, source, match)
    if match.is_provisional and (novel := session.get(NovelRow, novel_id or 0)) is not None:
        # The chapter is in the library, so no request is needed to find its novel.
        return _Subject(
            source, UrlKind.NOVEL, novel.url, novel.source_novel_id, match.chapter_id, novel.id
        )
    if match.novel_id is not None and (match.kind is UrlKind.NOVEL or match.novel_url):
        return _Subject(
            source,
            UrlKind.NOVEL,
            match.novel_url or match.url,
            match.novel_id,
            match.chapter_id,
            novel_id,
        )
    return _found_earlier(session, target) or _Subject(
        source, match.kind, match.url, None, match.chapter_id, None
    )


def _found_earlier(session: Session, target: Target) -> _Subject | None:
    """The novel of a chapter, where an earlier job has found it."""
    if not target.match.is_provisional or target.match.chapter_id is None:
        return None
    earlier = session.execute(
        select(JobRow.url, JobRow.source_novel_id)
        .where(
            JobRow.source == target.source,
            JobRow.source_chapter_id == target.match.chapter_id,
            JobRow.source_novel_id.is_not(None),
            JobRow.kind == UrlKind.NOVEL,
        )
        .order_by(JobRow.id.desc())
        .limit(1)
    ).first()
    if earlier is None or earlier.source_novel_id is None:
        return None
    novel_id = novel_id_of(session, target.source, earlier.source_novel_id)
    return _Subject(
        target.source,
        UrlKind.NOVEL,
        earlier.url,
        earlier.source_novel_id,
        target.match.chapter_id,
        novel_id,
    )


def _insert(
    session: Session,
    subject: _Subject,
    target: Target,
    options: JobOptions,
    *,
    failures: int = 0,
    message: str = "submitted",
) -> int | None:
    if subject.novel_id is not None:
        # Locked, so that it cannot be removed before the job is committed.
        held = select(NovelRow.id).where(NovelRow.id == subject.novel_id)
        novel_id = session.scalar(held.with_for_update(read=True, key_share=True))
        subject = replace(subject, novel_id=novel_id)
    job_id = session.scalar(
        insert_row(JobRow)
        .values(
            **asdict(subject),
            source_url=target.url,
            options=options.model_dump(),
            failures=failures,
        )
        .on_conflict_do_nothing()
        .returning(JobRow.id)
    )
    if job_id is not None:
        events.record(session, job_id, "state", message, JobState.QUEUED)
        session.flush()
    return job_id


def _find_failed(
    session: Session, subject: _Subject, keep_days: float, options: JobOptions
) -> int | None:
    """The novel's last job, if it failed recently: its archived pages need not be fetched again.

    None where everything is to be downloaded again and that job was not to do so.
    """
    latest = session.execute(
        select(
            JobRow.id,
            JobRow.status,
            (JobRow.finished_at > func.now() - timedelta(days=keep_days)).label("is_recent"),
            JobRow.options,
        )
        .where(identity.is_about(subject.source, subject.source_novel_id, subject.url))
        .order_by(JobRow.id.desc())
        .limit(1)
    ).first()
    if latest is None or latest.status != JobState.ERROR or not latest.is_recent:
        return None
    if options.force and not JobOptions.model_validate(latest.options).force:
        return None
    return int(latest.id)
