"""The events of a job: what happened to it, in words, as rows and as lines of the log."""

from __future__ import annotations

import logging

from sqlalchemy import event
from sqlalchemy.orm import Session

from novel_core.db.jobs import JobEventRow
from novel_core.errors import JobCancelled

logger = logging.getLogger(__name__)


def record(
    session: Session,
    job_id: int,
    kind: str,
    message: str,
    status: str | None = None,
    *,
    code: str | None = None,
) -> None:
    """Add an event to the job, and log it.

    `kind` is `state`, `note` or `warning`; `status` is the state it enters, `code` that of the
    error that ended it.
    """
    message = storable(message)
    session.add(JobEventRow(job_id=job_id, kind=kind, message=message, status=status))
    deserves_a_look = kind == "warning" or code not in {None, JobCancelled.code}
    level = logging.WARNING if deserves_a_look else logging.INFO
    line = f"{status}: {message}" if status and not message.startswith(status) else message
    log_when_committed(session, level, line, job_id=job_id, status=status, code=code)


def log_when_committed(session: Session, level: int, message: str, **fields: object) -> None:
    """Log a line about a job once the transaction is committed, and only then."""
    given = {name: value for name, value in fields.items() if value is not None}

    def log(_session: Session) -> None:
        logger.log(level, "%s", message, extra=given)

    event.listen(session, "after_commit", log, once=True)


def storable(message: str) -> str:
    """Return the message without characters that PostgreSQL refuses: it may quote a page."""
    return message.replace("\x00", "").encode("utf-8", "replace").decode()
