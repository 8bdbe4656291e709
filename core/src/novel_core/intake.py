"""From a URL somebody pasted to the job that ingests it: a new one, or the one already there."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import timedelta

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from novel_core.db.chapters import ChapterRow
from novel_core.db.jobs import JobRow
from novel_core.db.novels import NovelRow
from novel_core.jobs import events, identity, unclaimed
from novel_core.jobs.options import JobOptions
from novel_core.registry import Registry
from novel_core.settings import Settings
from novel_core.source import UrlKind, UrlMatch
from novel_core.states import TERMINAL, JobState


@dataclass(frozen=True, slots=True)
class Submission:
    """`created` is False when the URL met a job that was already open."""

    job_id: int
    created: bool


def submit(
    session: Session, registry: Registry, settings: Settings, url: str, options: JobOptions
) -> Submission:
    """The job for `url`. Two submissions of one novel meet in one job; a failed one that can go on is opened again."""
    resolved = registry.resolve(url)
    first = _insert_first(session, resolved.source.name, resolved.match, url, options)
    if first is not None:
        return Submission(first, created=True)
    target = _target(session, resolved.source.name, resolved.match)
    while True:
        existing = _open_job(session, target)
        if existing is not None:
            unclaimed.ask_more(session, existing, options)
            return Submission(existing, created=False)
        resumable = _resumable_job(session, target, settings.keep_page_days, options)
        if resumable is not None and unclaimed.requeue(session, resumable, options):
            return Submission(resumable, created=True)
        created = _insert(session, target, url, options)
        if created is not None:
            return Submission(created, created=True)
        # Another process submitted the same novel between our look and our insert: look again.


#: The job and its first event, where the novel has no job yet or its last one is done: by far the most common case, and
#: one round trip to the database. The novel is held, so that it cannot be removed before the job is seen.
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


def _insert_first(
    session: Session, source: str, match: UrlMatch, url: str, options: JobOptions
) -> int | None:
    """A new job of a novel that no job is open for and whose last one has not failed; None in any other case."""
    if match.novel_id is None or not (match.kind is UrlKind.NOVEL or match.novel_url):
        return None
    values = {
        "source": source,
        "source_url": url.strip(),
        "url": match.novel_url or match.url,
        "kind": UrlKind.NOVEL.value,
        "novel": match.novel_id,
        "chapter": match.chapter_id,
        "options": options.model_dump_json(),
    }
    made: int | None = session.connection().execute(_FIRST, values).scalar()
    return made


@dataclass(frozen=True, slots=True)
class _Target:
    """What a job would be about, as far as it is known before any request."""

    source: str
    kind: UrlKind
    url: str
    source_novel_id: str | None
    source_chapter_id: str | None
    novel_id: int | None


def _target(session: Session, source: str, match: UrlMatch) -> _Target:
    if match.is_provisional and match.chapter_id is not None:
        novel = session.execute(
            select(NovelRow.id, NovelRow.source_novel_id, NovelRow.url)
            .join(ChapterRow, ChapterRow.novel_id == NovelRow.id)
            .where(NovelRow.source == source, ChapterRow.source_chapter_id == match.chapter_id)
        ).first()
        if novel is not None:  # the library knows the chapter: no request is needed to tell
            return _Target(source, UrlKind.NOVEL, novel[2], novel[1], match.chapter_id, novel[0])
        learnt = session.execute(
            select(JobRow.url, JobRow.source_novel_id)
            .where(
                JobRow.source == source,
                JobRow.source_chapter_id == match.chapter_id,
                JobRow.source_novel_id.is_not(None),
                JobRow.kind == UrlKind.NOVEL,
            )
            .order_by(JobRow.id.desc())
            .limit(1)
        ).first()
        if learnt is not None and learnt[1] is not None:  # an earlier job has asked
            return _Target(
                source,
                UrlKind.NOVEL,
                learnt[0],
                learnt[1],
                match.chapter_id,
                identity.find_novel(session, source, learnt[1]),
            )
    known = match.novel_id is not None and (match.kind is UrlKind.NOVEL or match.novel_url)
    if not known:
        return _Target(source, match.kind, match.url, None, match.chapter_id, None)
    assert match.novel_id is not None
    return _Target(
        source,
        UrlKind.NOVEL,
        match.novel_url or match.url,
        match.novel_id,
        match.chapter_id,
        identity.find_novel(session, source, match.novel_id),
    )


def _insert(session: Session, target: _Target, url: str, options: JobOptions) -> int | None:
    if target.novel_id is not None:
        # Held, so that it cannot be removed before the job is seen; None if it is gone already.
        held = select(NovelRow.id).where(NovelRow.id == target.novel_id)
        novel_id = session.scalar(held.with_for_update(read=True, key_share=True))
        target = replace(target, novel_id=novel_id)
    job_id = session.scalar(
        insert(JobRow)
        .values(**asdict(target), source_url=url.strip(), options=options.model_dump())
        .on_conflict_do_nothing()
        .returning(JobRow.id)
    )
    if job_id is not None:
        events.record(session, job_id, "state", "submitted", JobState.QUEUED)
    return job_id


def _open_job(session: Session, target: _Target) -> int | None:
    if target.source_novel_id is not None:
        return identity.active_job(session, target.source, target.source_novel_id)
    return session.scalar(
        select(JobRow.id).where(
            JobRow.source == target.source,
            JobRow.url == target.url,
            JobRow.source_novel_id.is_(None),
            JobRow.status.not_in(list(TERMINAL)),
        )
    )


def _resumable_job(
    session: Session, target: _Target, keep_days: float, options: JobOptions
) -> int | None:
    """The novel's latest job, if it failed not long ago: its archived pages need not be fetched again.

    Unless everything is to be fetched anew, and that job was not asked for it.
    """
    if target.source_novel_id is not None:
        same = JobRow.source_novel_id == target.source_novel_id
    else:
        same = JobRow.url == target.url
    latest = session.execute(
        select(
            JobRow.id,
            JobRow.status,
            JobRow.finished_at > func.now() - timedelta(days=keep_days),
            JobRow.options,
        )
        .where(JobRow.source == target.source, same)
        .order_by(JobRow.id.desc())
        .limit(1)
    ).first()
    if latest is None or latest[1] != JobState.ERROR or not latest[2]:
        return None
    if options.force and not JobOptions.model_validate(latest[3]).force:
        return None
    return int(latest[0])
