"""The body of a message: the end of a job, with the job as the API shows it."""

from __future__ import annotations

import dataclasses
import json
import uuid
from datetime import UTC, datetime

from novel_core.jobs.views import JobView


def message_of(job: JobView, delivery_id: uuid.UUID, now: datetime) -> str:
    """Return the body of the message. It is made once: every attempt sends the same bytes."""
    shown = dataclasses.asdict(job)
    shown["total"], shown["done"] = shown.pop("pages_expected"), shown.pop("pages_fetched")
    shown["failed"] = job.chapters.get("failed", 0)
    message = {
        "event": f"job.{job.status}",
        "delivery_id": str(delivery_id),
        "created_at": now,
        "job": shown,
    }
    return json.dumps(message, default=_moment, ensure_ascii=False)


def _moment(value: datetime) -> str:
    """Return a time as the API writes it.

    >>> _moment(datetime(2026, 1, 2, tzinfo=UTC))
    '2026-01-02T00:00:00Z'
    """
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
