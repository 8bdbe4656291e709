"""Jobs and their events. The row is the truth; the queue is only a wake-up call."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from novel_core.db.base import CASCADE, Base, CreatedAt, RowId, partial_index
from novel_core.states import ACTIVE, TERMINAL


def _quoted(states: frozenset[str]) -> str:
    return ", ".join(f"'{state}'" for state in sorted(states))


NOT_TERMINAL = f"status NOT IN ({_quoted(TERMINAL)})"
#: Jobs that are to be pushed.
WAITING = "status = 'queued' AND enqueued_at IS NULL"
#: Jobs that run or have been pushed. With `enqueued_at` they hold a slot of a worker.
UNDER_WAY = "lease_until IS NOT NULL OR (status = 'queued' AND enqueued_at IS NOT NULL)"


class JobRow(Base):
    """One ingestion, from submission to its end.

    `kind` is that of the URL (`novel`, `chapter`), or `adoption`. `fence` rises with every claim: only the newest claim may write. `failures` counts the failed
    attempts; a job that was only stopped counts none. `dispatch_no` counts the pushes to the queue,
    `enqueued_at` is the time of the last one, null where the job is to be pushed, or where a
    command runs it. `rate_group` and `rate` (requests a second, 0: no limit) are those of its URL
    when it was submitted. `turn_at` orders the waiting jobs of a group (`novel_core.jobs.turn`).
    `joined_job_id` is the open job of the same novel that this one joined. `working_on` is the
    page an attempt works on after an earlier one died (`step`), with the deaths by page (`deaths`).
    `announced_at` is when plugins had been notified of the end; until `announcing_until` a process
    is notifying them. `is_shared` says that the process of the last claim ran other jobs too.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        partial_index(
            "uq_jobs_active_novel",
            "source",
            "source_novel_id",
            unique=True,
            where=f"{NOT_TERMINAL} AND source_novel_id IS NOT NULL",
        ),
        partial_index(
            "uq_jobs_active_url",
            "source",
            "url",
            unique=True,
            where=f"{NOT_TERMINAL} AND source_novel_id IS NULL",
        ),
        partial_index("ix_jobs_open", "status", "run_after", where=NOT_TERMINAL),
        Index(
            "ix_jobs_waiting",
            "rate_group",
            "turn_at",
            "id",
            postgresql_include=["run_after"],
            postgresql_where=text(WAITING),
        ),
        partial_index("ix_jobs_under_way", "rate_group", where=UNDER_WAY),
        Index("ix_jobs_novel_id", "novel_id"),
        Index("ix_jobs_source_novel", "source", "source_novel_id", "id"),
        Index("ix_jobs_source_url", "source", "url", "id"),
        Index("ix_jobs_source_chapter", "source", "source_chapter_id"),
        partial_index(
            "ix_jobs_sent", "enqueued_at", where="status = 'queued' AND enqueued_at IS NOT NULL"
        ),
        partial_index("ix_jobs_finished_at", "finished_at", where="finished_at IS NOT NULL"),
        partial_index("ix_jobs_joined_job_id", "joined_job_id", where="joined_job_id IS NOT NULL"),
        partial_index("ix_jobs_unannounced", "id", where="announced_at IS NULL"),
        CheckConstraint(
            f"(status IN ({_quoted(ACTIVE)}))"
            " = (lease_until IS NOT NULL AND lease_owner IS NOT NULL)",
            name="lease_when_active",
        ),
    )

    id: Mapped[RowId]
    source: Mapped[str]
    source_url: Mapped[str]
    url: Mapped[str]
    kind: Mapped[str]
    source_novel_id: Mapped[str | None]
    source_chapter_id: Mapped[str | None]
    novel_id: Mapped[int | None] = mapped_column(ForeignKey("novels.id", ondelete="SET NULL"))
    joined_job_id: Mapped[int | None] = mapped_column(ForeignKey("jobs.id", ondelete="SET NULL"))
    options: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    status: Mapped[str] = mapped_column(server_default="queued")
    error_code: Mapped[str | None]
    error_message: Mapped[str | None]
    error_hint: Mapped[str | None]

    fence: Mapped[int] = mapped_column(server_default="0")
    attempt: Mapped[int] = mapped_column(server_default="0")
    failures: Mapped[int] = mapped_column(server_default="0")
    run_after: Mapped[datetime | None]
    dispatch_no: Mapped[int] = mapped_column(server_default="0")
    enqueued_at: Mapped[datetime | None]
    rate_group: Mapped[str] = mapped_column(server_default="")
    rate: Mapped[float] = mapped_column(server_default="1")
    turn_at: Mapped[CreatedAt]
    lease_owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    working_on: Mapped[dict[str, Any] | None]
    is_shared: Mapped[bool] = mapped_column(server_default="false")
    cancel_requested_at: Mapped[datetime | None]
    announced_at: Mapped[datetime | None]
    announcing_until: Mapped[datetime | None]

    pages_expected: Mapped[int] = mapped_column(server_default="0")
    pages_fetched: Mapped[int] = mapped_column(server_default="0")
    requests: Mapped[int] = mapped_column(server_default="0")
    counts: Mapped[dict[str, Any]] = mapped_column(server_default="{}")

    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class JobEventRow(Base):
    """An event of a job: a transition, a warning, a note. Progress is in the job's counters."""

    __tablename__ = "job_events"
    __table_args__ = (Index("ix_job_events_job_id_id", "job_id", "id"), Index(None, "at"))

    id: Mapped[RowId]
    job_id: Mapped[int] = mapped_column(ForeignKey("jobs.id", ondelete=CASCADE))
    # The clock, not the transaction's start, so that a save's events show how long it took.
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    kind: Mapped[str]
    status: Mapped[str | None]
    message: Mapped[str]


class JobFailureRow(Base):
    """A page or image that the job could not fetch or read, and why.

    `chapter_ids` are the chapters that have no text because of it, `part` is the page's part of
    them.
    """

    __tablename__ = "job_failures"
    __table_args__ = (Index(None, "at"),)

    job_id: Mapped[int] = mapped_column(ForeignKey("jobs.id", ondelete=CASCADE), primary_key=True)
    url: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    chapter_ids: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    part: Mapped[int] = mapped_column(server_default="0")
    code: Mapped[str]
    message: Mapped[str]
    at: Mapped[CreatedAt]


class RateGroupRow(Base):
    """A rate group, and when a job of it was last pushed to the queue: groups take turns."""

    __tablename__ = "rate_groups"

    name: Mapped[str] = mapped_column(primary_key=True)
    admitted_at: Mapped[datetime]
