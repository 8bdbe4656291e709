"""The events of a job: what happened to it, in words."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from novel_core.db.jobs import JobEventRow


def record(
    session: Session, job_id: int, kind: str, message: str, status: str | None = None
) -> None:
    """Add an event to the job.

    `kind` is `state`, `note` or `warning`; `status` is the state it enters.
    """
    session.add(JobEventRow(job_id=job_id, kind=kind, message=storable(message), status=status))


def enumerated(names: Sequence[str], most: int = 10) -> str:
    """Return the names in one line, and how many more there are.

    >>> enumerated(["1", "2", "3"], most=2)
    '1, 2 and 1 more.'
    """
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more:,} more." if more > 0 else ".")


def storable(message: str) -> str:
    """Return the message without characters that PostgreSQL refuses: it may quote a page."""
    return message.replace("\x00", "").encode("utf-8", "replace").decode()
