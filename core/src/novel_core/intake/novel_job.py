"""The one job of a novel: the open one, a failed one opened again, or a new one."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from novel_core.crawl.politeness import FOREIGN_RATE, group_of, rates_of
from novel_core.db.jobs import JobRow
from novel_core.db.novels import NovelRow
from novel_core.intake.target import Target
from novel_core.jobs import events, identity, unclaimed
from novel_core.jobs.options import JobOptions
from novel_core.jobs.turn import UPDATE, head_start
from novel_core.library.novels import matching_novel
from novel_core.settings import Settings
from novel_core.sites.naming import AddedBy, assign_name
from novel_core.source import UrlKind
from novel_core.states import JobState


@dataclass(frozen=True, slots=True)
class Submission:
    """The job of a novel: its id and state. `created` is False where it was open already.

    With `proves_first` its site is unverified, and is proved before the novel is crawled.
    """

    job_id: int
    status: JobState = JobState.QUEUED
    created: bool = True
    proves_first: bool = False


@dataclass(frozen=True, slots=True)
class _Subject:
    """What a job is about, as far as it is known before any request: columns of its row."""

    source: str
    kind: str
    url: str
    source_novel_id: str | None
    source_chapter_id: str | None


@dataclass(frozen=True, slots=True)
class _Request:
    """What is asked for; `scheduled` where no person asks."""

    target: Target
    options: JobOptions
    settings: Settings
    scheduled: bool = False

    def columns(self, url: str) -> dict[str, Any]:
        """The columns of a new job at `url` that follow from the request."""
        info = replace(self.target.info, name=self.target.source)
        group = group_of(info, url)
        return {
            "source_url": self.target.url,
            "options": self.options.model_dump_json(),
            "rate_group": group,
            "rate": rates_of(info, self.settings).get(group, FOREIGN_RATE),
            "head_start": head_start(scheduled=self.scheduled),
            "update_head_start": UPDATE,
        }


def find_or_insert(
    session: Session,
    settings: Settings,
    target: Target,
    options: JobOptions,
    *,
    scheduled: bool = False,
) -> Submission:
    """Return the job for the target; an open one that waits takes over the options.

    Two submissions of one novel at the same moment get the same job.
    """
    target = _with_stored_name(session, target)
    request = _Request(target, options, settings, scheduled)
    subject = _given(target)
    if subject is not None:
        # By far the most common case, in one round trip: no job is open, and none has failed.
        first = _insert(session, subject, request, only_after_done=True)
        if first is not None:
            return Submission(first)
    subject = subject or _looked_up(session, target)
    about = (subject.source, subject.source_novel_id, subject.url)
    while True:
        found = identity.find_open(session, *about)
        if found is not None:
            unclaimed.add_options(session, found.id, options, scheduled=scheduled)
            return Submission(found.id, found.status, created=False)
        failed = _find_failed(session, about, settings.keep_page_days, options)
        if failed is not None and unclaimed.reopen(session, failed, options, scheduled=scheduled):
            return Submission(failed)
        created = _insert(session, subject, request)
        if created is not None:
            return Submission(created)
        # Another process inserted a job of the same novel after the search above: search again.


def insert(
    session: Session,
    settings: Settings,
    target: Target,
    options: JobOptions,
    *,
    failures: int,
    message: str,
) -> int | None:
    """Insert a job that counts `failures` already; None while the novel has an open job."""
    target = _with_stored_name(session, target)
    subject = _given(target) or _looked_up(session, target)
    request = _Request(target, options, settings)
    return _insert(session, subject, request, failures=failures, message=message)


def _with_stored_name(session: Session, target: Target) -> Target:
    """The target under the permanent name of its site, which is stored if it is new."""
    if target.site is None:
        return target
    added_by: AddedBy = "package" if target.is_shipped else "wildcard"
    return replace(target, source=assign_name(session, target.site, added_by))


def _given(target: Target) -> _Subject | None:
    """The novel, where the match itself gives its id and its page."""
    match = target.match
    if match.novel_id is None or not (match.kind is UrlKind.NOVEL or match.novel_url):
        return None
    url = match.novel_url or match.url
    return _Subject(target.source, UrlKind.NOVEL, url, match.novel_id, match.chapter_id)


def _looked_up(session: Session, target: Target) -> _Subject:
    """The novel of a chapter that the library has or that an earlier job has found.

    Otherwise the chapter: its job finds the novel.
    """
    source, match = target.source, target.match
    chapter_id = match.chapter_id
    if match.is_provisional and chapter_id is not None:
        novel = session.get(NovelRow, matching_novel(session, source, match) or 0)
        if novel is not None:
            return _Subject(source, UrlKind.NOVEL, novel.url, novel.source_novel_id, chapter_id)
        earlier = session.execute(
            select(JobRow.url, JobRow.source_novel_id)
            .where(
                JobRow.source == source,
                JobRow.source_chapter_id == chapter_id,
                JobRow.source_novel_id.is_not(None),
                JobRow.kind == UrlKind.NOVEL,
            )
            .order_by(JobRow.id.desc())
            .limit(1)
        ).first()
        if earlier is not None:
            return _Subject(source, UrlKind.NOVEL, earlier.url, earlier.source_novel_id, chapter_id)
    return _Subject(source, target.kind, match.url, None, chapter_id)


#: The job and its first event. The novel's row is locked, so that it cannot be removed before the
#: job is committed.
_INSERT = text(
    """
    WITH novel AS (
        SELECT id FROM novels
        WHERE source = :source AND source_novel_id = :source_novel_id FOR KEY SHARE
    ), made AS (
        INSERT INTO jobs
            (source, source_url, url, kind, source_novel_id, source_chapter_id, novel_id, options,
            failures, rate_group, rate, turn_at)
        SELECT :source, :source_url, :url, :kind, :source_novel_id, :source_chapter_id,
            (SELECT id FROM novel), CAST(:options AS jsonb), :failures,
            :rate_group, :rate, now() - make_interval(secs =>
                :head_start + CASE WHEN EXISTS (SELECT FROM novel) THEN :update_head_start ELSE 0 END)
        WHERE NOT :only_after_done OR 'done' = coalesce((
            SELECT status FROM jobs WHERE source = :source AND source_novel_id = :source_novel_id
            ORDER BY id DESC LIMIT 1
        ), 'done')
        ON CONFLICT DO NOTHING
        RETURNING id
    )
    INSERT INTO job_events (job_id, kind, status, message)
    SELECT id, 'state', 'queued', :message FROM made
    RETURNING job_id
    """
)


def _insert(
    session: Session,
    subject: _Subject,
    request: _Request,
    *,
    only_after_done: bool = False,
    failures: int = 0,
    message: str = "submitted",
) -> int | None:
    """Insert a job, with `only_after_done` only if the novel's last one is done or there is none.

    None where it was not inserted, as while another job of the novel is open.
    """
    values = (
        asdict(subject)
        | request.columns(subject.url)
        | {
            "only_after_done": only_after_done,
            "failures": failures,
            "message": message,
        }
    )
    job_id: int | None = session.connection().execute(_INSERT, values).scalar()
    if job_id is not None:
        events.log_when_committed(session, logging.INFO, f"queued: {message}", job_id=job_id)
    return job_id


def _find_failed(
    session: Session, about: tuple[str, str | None, str], keep_days: float, options: JobOptions
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
        .where(identity.is_about(*about))
        .order_by(JobRow.id.desc())
        .limit(1)
    ).first()
    if latest is None or latest.status != JobState.ERROR or not latest.is_recent:
        return None
    if options.force and not JobOptions.model_validate(latest.options).force:
        return None
    return int(latest.id)
