"""Making the attempts that are due.

Any number of processes may do so at once; none holds a lock while it sends.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import Counter
from datetime import timedelta
from urllib.parse import urlsplit

from sqlalchemy import Engine, Select, func, or_, select, update
from sqlalchemy.orm import Session

from novel_core.db.engine import session
from novel_core.db.jobs import JobRow
from novel_core.db.service import WebhookRow
from novel_core.errors import InvalidSetting
from novel_core.jobs.views import get_job
from novel_core.settings import Settings
from novel_core.settings.webhook_url import signing_key
from novel_core.states import TERMINAL, JobState
from novel_core.webhooks.message import message_of, signed_headers

logger = logging.getLogger(__name__)

#: Seconds before the second attempt, the third, …; after the last one there is none.
BACKOFF = (5, 30, 120, 600, 3600, 6 * 3600, 24 * 3600)
#: A pause is longer by up to this share, so that messages that failed together are spread.
JITTER = 0.2
#: Messages sent at once.
TOGETHER = 20
#: Of them to one host, or about one job, so that a slow receiver does not delay the others.
SHARE = 4
#: Seconds for which a message is reserved for one process: well over the time of one attempt.
RESERVED = 60
#: Seconds until the next check of a message whose job has joined one that is open.
JOINED_PAUSE = 5
#: Seconds that the other messages to a URL wait when it does not answer.
SILENT_PAUSE = 30
_GONE = 410


def deliver_due(database: Engine, settings: Settings) -> Counter[str]:
    """Send every message that is due: its job has ended, and its pause is over.

    Return how many were `delivered`; `failed` are retried, `given_up` are not.
    """
    done: Counter[str] = Counter()
    while True:
        with session(database) as opened:
            found, messages = _reserve(opened)
            if messages and settings.webhook_secret is None:
                raise InvalidSetting("Webhooks are due, but NOVEL_WEBHOOK_SECRET is not set.")
        if messages:
            done += asyncio.run(_send_all(database, settings, messages))
        if not found:
            return done


def due_messages() -> Select[WebhookRow]:
    """The messages to send now, the oldest first, a few of each host and job.

    They are locked until the transaction ends.
    """
    host = func.split_part(WebhookRow.url, "/", 3)
    due = (
        select(
            WebhookRow.id,
            func.row_number().over(partition_by=host, order_by=WebhookRow.due_at).label("of_host"),
            func.row_number()
            .over(partition_by=WebhookRow.job_id, order_by=WebhookRow.due_at)
            .label("of_job"),
        )
        .join(JobRow, JobRow.id == WebhookRow.job_id)
        .where(
            WebhookRow.due_at <= func.now(),
            # Once made, a message is sent even if its job has been opened again.
            or_(JobRow.status.in_(list(TERMINAL)), WebhookRow.payload.is_not(None)),
        )
        .subquery()
    )
    return (
        select(WebhookRow)
        .join(due, due.c.id == WebhookRow.id)
        # Again: another process may have taken it since.
        .where(WebhookRow.due_at <= func.now(), due.c.of_host <= SHARE, due.c.of_job <= SHARE)
        .order_by(WebhookRow.due_at)
        .limit(TOGETHER)
        .with_for_update(of=WebhookRow, skip_locked=True)
    )


def _reserve(opened: Session) -> tuple[int, list[WebhookRow]]:
    """Return how many rows were due, and the messages among them that this process sends now."""
    now = opened.scalars(select(func.now())).one()
    rows = opened.scalars(due_messages()).all()
    messages = []
    for row in rows:
        if row.payload is None:
            job = get_job(opened, row.job_id)
            if not JobState(job.status).is_terminal:
                # The job that it has joined is open.
                row.due_at = now + timedelta(seconds=JOINED_PAUSE)
                continue
            # Made once: the same in every attempt.
            row.payload = message_of(job, row.id, now)
        row.attempts += 1
        row.due_at = now + timedelta(seconds=RESERVED)
        messages.append(row)
    return len(rows), messages


async def _send_all(
    database: Engine, settings: Settings, messages: list[WebhookRow]
) -> Counter[str]:
    # Here, since importing aiohttp takes 0.1 s.
    from novel_core.webhooks.sending import send, sender

    assert settings.webhook_secret is not None
    key = signing_key(settings.webhook_secret.get_secret_value())

    async with sender(settings, connections=TOGETHER) as http:

        async def attempt(message: WebhookRow) -> str:
            assert message.payload is not None
            headers = signed_headers(key, str(message.id), int(time.time()), message.payload)
            status, problem = await send(http, message.url, message.payload, headers)
            # At once, one by one: what is written down is not sent twice when this process dies.
            return _write(database, message, status, problem)

        return Counter(await asyncio.gather(*map(attempt, messages)))


def _write(database: Engine, message: WebhookRow, status: int | None, problem: str | None) -> str:
    """Write how an attempt ended, and return it in a word."""
    values: dict[str, object] = {"last_status": status, "last_error": problem, "due_at": None}
    outcome = "given_up"
    if problem is None:
        values["delivered_at"] = func.now()
        outcome = "delivered"
    elif status != _GONE and message.attempts <= len(BACKOFF):
        spread = random.uniform(1, 1 + JITTER)  # noqa: S311 - no secret
        pause = BACKOFF[message.attempts - 1] * spread
        values["due_at"] = func.now() + timedelta(seconds=pause)
        outcome = "failed"
    with session(database) as opened:
        opened.execute(
            update(WebhookRow)
            # Unless another process has sent it meanwhile because this one was too slow.
            .where(WebhookRow.id == message.id, WebhookRow.attempts == message.attempts)
            .values(**values)
            .execution_options(synchronize_session=False)
        )
        if status is None:
            _postpone(opened, message.url)
    if outcome == "given_up":
        # The host only: the path of a webhook often holds a secret.
        host = urlsplit(message.url).hostname
        logger.warning("webhook %s to %s is given up: %s", message.id, host, problem)
    return outcome


def _postpone(opened: Session, url: str) -> None:
    """Postpone the messages to a URL that does not answer: each would take the whole timeout."""
    waiting = (
        select(WebhookRow.id)
        .where(WebhookRow.due_at <= func.now(), WebhookRow.url == url)
        .with_for_update(skip_locked=True)
        .cte()
    )
    opened.execute(
        update(WebhookRow)
        .where(WebhookRow.id.in_(select(waiting.c.id)))
        .values(due_at=func.now() + timedelta(seconds=SILENT_PAUSE))
        .execution_options(synchronize_session=False)
    )
