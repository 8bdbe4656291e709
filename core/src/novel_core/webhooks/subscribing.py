"""Adding messages about a job's end."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from novel_core.db.service import WebhookRow
from novel_core.errors import InvalidSetting, UsageError
from novel_core.jobs.views import get_job
from novel_core.settings import Settings
from novel_core.settings.webhook_url import checked_target

#: Webhooks of one job; NOVEL_WEBHOOK_URL is added even beyond that.
MOST = 10


def subscribe(session: Session, settings: Settings, job_id: int, url: str) -> bool:
    """Add a webhook to the job; False where it has one to this URL already.

    The URL must be http or https, without credentials.
    """
    url = checked_target(url)
    if settings.webhook_secret is None:
        raise InvalidSetting(
            "Webhooks need NOVEL_WEBHOOK_SECRET: every message is signed.",
            hint="Set it to a long random text, the same in every process of the service.",
        )
    # Two submissions of one novel at the same moment get the same job.
    lock = func.hashtextextended(f"webhook {job_id} {url}", 0)
    session.execute(select(func.pg_advisory_xact_lock(lock)))
    # A message with a payload is about an earlier end of the job.
    pending = session.scalar(
        select(WebhookRow.id).where(
            WebhookRow.job_id == job_id,
            WebhookRow.url == url,
            WebhookRow.due_at.is_not(None),
            WebhookRow.payload.is_(None),
        )
    )
    if pending is not None:
        return False
    others = session.scalar(
        select(func.count()).where(WebhookRow.job_id == job_id, WebhookRow.due_at.is_not(None))
    )
    if (others or 0) >= MOST and url != settings.webhook_url:
        raise UsageError(
            f"Job {job_id} has {MOST} webhooks already.",
            hint="Let one receiver forward the message to the others.",
        )
    session.add(WebhookRow(job_id=job_id, url=url))
    session.flush()
    return True


def subscribe_default(session: Session, settings: Settings, job_id: int) -> bool:
    """Add a webhook to NOVEL_WEBHOOK_URL, if that is set; False where nothing was added."""
    if settings.webhook_url is None:
        return False
    return subscribe(session, settings, job_id, settings.webhook_url)


def subscribe_again(session: Session, settings: Settings, job_id: int) -> int:
    """Add the webhooks of a job again that was opened again, and return how many.

    Of a job that has joined another one, both jobs get them: it is the other one that was opened.
    """
    if settings.webhook_secret is None:
        return 0
    job = get_job(session, job_id)
    count = 0
    for one in sorted({job.id, job.leader_id}):
        known = select(WebhookRow.url).where(WebhookRow.job_id == one).distinct()
        urls = set(session.scalars(known.order_by(WebhookRow.url).limit(MOST)))
        if settings.webhook_url is not None:
            urls.add(settings.webhook_url)
        count += sum(subscribe(session, settings, one, url) for url in sorted(urls))
    return count
