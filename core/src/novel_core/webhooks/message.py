"""A message: its body with the job as the API shows it, and its signed headers.

The signature follows the Standard Webhooks convention (standardwebhooks.com).
"""

from __future__ import annotations

import base64
import dataclasses
import hmac
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


def signed_headers(key: bytes, message_id: str, timestamp: int, body: str) -> dict[str, str]:
    """Return the headers of an attempt: id, time, and the signature over both and the body.

    >>> signed_headers(b"key", "1", 2, "{}")["webhook-signature"]
    'v1,9iXOMau8MQvofxZwGPd/aC/ZrwvhfkmpWBMiycRwdZ0='
    """
    signed = f"{message_id}.{timestamp}.{body}".encode()
    signature = base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{signature}",
    }
