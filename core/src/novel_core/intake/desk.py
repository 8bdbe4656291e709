"""Submitting, updating, retrying and cancelling, each in the caller's transaction."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from novel_core.adoption.added import is_proved
from novel_core.db.novels import NovelRow
from novel_core.errors import UnknownNovel, UsageError
from novel_core.intake.novel_job import Submission, find_or_insert, insert
from novel_core.intake.target import Target, resolve
from novel_core.jobs import unclaimed
from novel_core.jobs.options import JobOptions
from novel_core.jobs.views import JobView, get_job
from novel_core.plugin import Evidence
from novel_core.registry import LoadedSource, Registry
from novel_core.settings import Settings
from novel_core.source import UrlKind, UrlMatch
from novel_core.webhooks import subscribe, subscribe_again, subscribe_default


def submit(
    session: Session,
    settings: Settings,
    target: Target,
    options: JobOptions,
    *,
    webhook: str | None = None,
    scheduled: bool = False,
) -> Submission:
    """Return the job for the target.

    That is the novel's open job, its last one opened again if that failed recently, or a new one.
    A `scheduled` request goes behind those of people. NOVEL_WEBHOOK_URL, if set, and `webhook` are sent a message when the job ends.

    >>> target = resolve(registry, "https://toy.example/works/1")
    >>> first = submit(session, settings, target, JobOptions())
    >>> first.status, first.created
    (<JobState.QUEUED: 'queued'>, True)
    >>> submit(session, settings, target, JobOptions(recheck=5)) == replace(first, created=False)
    True
    """
    submission = find_or_insert(session, settings, target, options, scheduled=scheduled)
    subscribe_default(session, settings, submission.job_id)
    if target.site is not None and target.site.evidence is Evidence.UNVERIFIED:
        source = get_job(session, submission.job_id).source
        submission = replace(submission, proves_first=not is_proved(session, source))
    if webhook is not None:
        subscribe(session, settings, submission.job_id, webhook)
    return submission


def refresh(
    session: Session,
    registry: Registry,
    settings: Settings,
    novel_id: int,
    *,
    scheduled: bool = False,
) -> Submission:
    """Return the job that updates a saved novel.

    Beside new chapters it requests the newest saved ones (NOVEL_WATCH_RECHECK) and those whose last
    check is longest ago (NOVEL_WATCH_ROTATE). Raise UnknownNovel where there is no such novel.

    >>> refresh(session, registry, settings, novel_id).created
    True
    """
    url = session.scalar(select(NovelRow.url).where(NovelRow.id == novel_id))
    if url is None:
        raise UnknownNovel(f"There is no novel {novel_id} in the library.")
    options = JobOptions(recheck=settings.watch_recheck, rotate=settings.watch_rotate)
    return submit(session, settings, resolve(registry, url), options, scheduled=scheduled)


def read_recent_list(session: Session, settings: Settings, source: LoadedSource) -> Submission:
    """Return the job that reads the source's list of recent changes; the open one, if there is one.

    Raise UsageError where the source has none.

    >>> read_recent_list(session, settings, registry.get("toysite"))
    Traceback (most recent call last):
    novel_core.errors.UsageError: Toy Site has no list of recent changes.
    """
    url = source.recent_list()
    if url is None:
        raise UsageError(f"{source.title} has no list of recent changes.")
    match = UrlMatch(UrlKind.NOVEL, url)
    target = Target(url, source.name, match, source.info, is_recent_list=True)
    return find_or_insert(session, settings, target, JobOptions(), scheduled=True)


def submit_import(session: Session, settings: Settings, target: Target) -> Submission:
    """Return a new job over archived pages of the novel, for the caller to claim and run.

    Should the caller's process die, the job ends: a worker that took it over would send requests.
    Raise UsageError while another job of the novel is open.

    >>> target = resolve(registry, "https://toy.example/works/1")
    >>> submit_import(session, settings, target).created
    True
    >>> submit_import(session, settings, target)
    Traceback (most recent call last):
    novel_core.errors.UsageError: A job for this novel is open: https://toy.example/works/1
    """
    # The chapter list in the file was complete when it was archived.
    options = JobOptions(accept_removals=True)
    job_id = insert(
        session,
        settings,
        target,
        options,
        failures=settings.max_failures - 1,
        message="import of a WARC file",
    )
    if job_id is None:
        raise UsageError(
            f"A job for this novel is open: {target.match.url}",
            hint="Import the file when it has ended.",
        )
    subscribe_default(session, settings, job_id)
    return Submission(job_id)


def retry(session: Session, settings: Settings, job_id: int) -> JobView:
    """Open an ended job again for what it could not fetch, and return it as it is now.

    Pages that were left out because a parser hung on them are tried again too. All receivers of the
    job's webhooks are sent a message about its next end as well. Raise UnknownJob, or
    NothingToRetry where the job is open or complete.

    >>> target = resolve(registry, "https://toy.example/works/1")
    >>> job_id = submit(session, settings, target, JobOptions()).job_id
    >>> cancel(session, job_id).status
    'error'
    >>> retry(session, settings, job_id).status
    'queued'
    """
    unclaimed.retry(session, job_id)
    subscribe_again(session, settings, job_id)
    return _current(session, job_id)


def cancel(session: Session, job_id: int) -> JobView:
    """Cancel an open job and return it as it is now.

    A waiting job has ended, a running one ends within seconds. Cancelling twice changes nothing.
    Raise UnknownJob, or JobNotOpen where the job has ended.

    >>> target = resolve(registry, "https://toy.example/works/1")
    >>> job_id = submit(session, settings, target, JobOptions()).job_id
    >>> cancel(session, job_id).error_code
    'cancelled'
    """
    unclaimed.cancel(session, job_id)
    return _current(session, job_id)


def _current(session: Session, job_id: int) -> JobView:
    session.expire_all()
    return get_job(session, job_id)
