"""What the service keeps beside jobs: watches and webhook deliveries."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from novel_core.db.base import CASCADE, Base, CreatedAt, NovelKey, partial_index


class WatchRow(Base):
    """A watched novel: next updated at `due_at`, then about every `interval` seconds."""

    __tablename__ = "watches"
    __table_args__ = (Index(None, "due_at"), Index(None, "last_job_id"))

    novel_id: Mapped[NovelKey]
    interval: Mapped[float]
    due_at: Mapped[datetime]
    last_job_id: Mapped[int | None] = mapped_column(ForeignKey("jobs.id", ondelete="SET NULL"))
    created_at: Mapped[CreatedAt]


class RecentListRow(Base):
    """A site's list of recent changes as it was last read.

    `changes` has the time of the last change by the novel's id at the site. The list has every
    change since `reaches_back_to`.
    """

    __tablename__ = "recent_lists"

    source: Mapped[str] = mapped_column(primary_key=True)
    read_at: Mapped[datetime] = mapped_column(server_default=func.now())
    reaches_back_to: Mapped[datetime]
    changes: Mapped[dict[str, Any]]


class WebhookRow(Base):
    """A message to `url` about the end of a job; `id` is the delivery's.

    `payload` is made once, at the first attempt. `due_at` is the time of the next attempt, null
    after the last one.
    """

    __tablename__ = "webhooks"
    __table_args__ = (
        partial_index("ix_webhooks_due", "due_at", where="due_at IS NOT NULL"),
        Index(None, "job_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    job_id: Mapped[int] = mapped_column(ForeignKey("jobs.id", ondelete=CASCADE))
    url: Mapped[str]
    payload: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(server_default="0")
    due_at: Mapped[datetime | None] = mapped_column(server_default=func.now())
    delivered_at: Mapped[datetime | None]
    last_status: Mapped[int | None]
    last_error: Mapped[str | None]
    created_at: Mapped[CreatedAt]
