"""Owing a message about a job's end."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from novel_core.db.service import WebhookRow
from novel_core.errors import InvalidSetting, UsageError
from novel_core.jobs.views import get_job
from novel_core.settings import Settings
from novel_core.settings.webhook_url import checked_target

#: Messages that may be owed about one job, the installation's own not counted among those refused.
MOST = 10


def subscribe(session: Session, settings: Settings, job_id: int, url: str) -> bool:
    """Tell `url` when the job ends; False when that is owed already. The URL must be http or https, without credentials."""
    url = checked_target(url)
    if settings.webhook_secret is None:
        raise InvalidSetting(
            "Webhooks need NOVEL_WEBHOOK_SECRET: every message is signed.",
            hint="Set it to a long random text, the same in every process of the service.",
        )
    # Two submissions of one novel meet in one job, perhaps at the same moment.
    lock = func.hashtextextended(f"webhook {job_id} {url}", 0)
    session.execute(select(func.pg_advisory_xact_lock(lock)))
    # A message that was made already is about an earlier end of the job.
    owed = session.scalar(
        select(WebhookRow.id).where(
            WebhookRow.job_id == job_id,
            WebhookRow.url == url,
            WebhookRow.due_at.is_not(None),
            WebhookRow.payload.is_(None),
        )
    )
    if owed is not None:
        return False
    others = session.scalar(
        select(func.count()).where(WebhookRow.job_id == job_id, WebhookRow.due_at.is_not(None))
    )
    if (others or 0) >= MOST and url != settings.webhook_url:
        raise UsageError(
            f"Job {job_id} has {MOST} webhooks already.", hint="Let one receiver tell the others."
        )
    session.add(WebhookRow(job_id=job_id, url=url))
    session.flush()
    return True


def subscribe_default(session: Session, settings: Settings, job_id: int) -> bool:
    """Tell the installation's own URL (NOVEL_WEBHOOK_URL), if there is one, when the job ends."""
    if settings.webhook_url is None:
        return False
    return subscribe(session, settings, job_id, settings.webhook_url)


def subscribe_again(session: Session, settings: Settings, job_id: int) -> int:
    """The job was opened again: whoever was to be told of its end will be told of the next one too. How many they are.

    Of a job that has joined another one, both are meant: it is the other one that was opened.
    """
    if settings.webhook_secret is None:
        return 0
    job = get_job(session, job_id)
    count = 0
    for told_id in sorted({job.id, job.leader_id}):
        told = select(WebhookRow.url).where(WebhookRow.job_id == told_id).distinct()
        urls = set(session.scalars(told.order_by(WebhookRow.url).limit(MOST)))
        if settings.webhook_url is not None:
            urls.add(settings.webhook_url)
        count += sum(subscribe(session, settings, told_id, url) for url in sorted(urls))
    return count
