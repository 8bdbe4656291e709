"""Changes of a job by others than the process that runs it.

On a user's request, or because that process has died. Each locks the job's row first and leaves an
event. What a process does to the job it has claimed is `lifecycle`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from novel_core.db.jobs import JobRow
from novel_core.errors import (
    JobCancelled,
    JobNotOpen,
    NothingToRetry,
    NovelError,
    UnknownJob,
    WorkerDied,
)
from novel_core.jobs import lease as leases
from novel_core.jobs.chapter_counts import gaps_in
from novel_core.jobs.events import record
from novel_core.jobs.failures import clear_skipped
from novel_core.jobs.options import JobOptions
from novel_core.jobs.turn import turn_from_now
from novel_core.states import JobState

#: PostgreSQL's code for a lock that was not had in time.
LOCK_NOT_AVAILABLE = "55P03"


def is_abandoned(job: JobRow | Row[*tuple[Any, ...]], now: datetime) -> bool:
    """Whether the job is active under a lease that ran out or whose owner died."""
    if job.lease_until is None or job.lease_owner is None:
        return False
    return job.lease_until < now or leases.is_dead(job.lease_owner)


def end(session: Session, job: JobRow, error: NovelError, now: datetime) -> None:
    """End a locked job that no process runs. An older claim of it is invalid from now on."""
    job.status = JobState.ERROR
    job.fence += 1
    job.lease_owner = job.lease_until = None
    job.error_code, job.error_message, job.error_hint = error.code, error.message, error.hint
    job.finished_at = job.updated_at = now
    record(session, job.id, "state", error.message, JobState.ERROR, code=error.code)
    session.flush()


def cancel_idle(session: Session, job_id: int, reason: NovelError) -> bool:
    """End a job that no process runs with `reason`; False for one that is running."""
    job = session.scalar(_locked(JobRow.id == job_id, skip_locked=True))
    now = _now(session)
    if job is None or not (job.status == JobState.QUEUED or is_abandoned(job, now)):
        return False
    end(session, job, reason, now)
    return True


def cancel(session: Session, job_id: int) -> None:
    """Cancel a job.

    A waiting job ends at once, a running one at the next check of its process (2 s). Cancelling
    twice changes nothing. For a job that has joined another one, that one is cancelled.
    """
    job = _lock_leader(session, job_id)
    now = _now(session)
    status = JobState(job.status)
    if status.is_terminal:
        if job.error_code == JobCancelled.code:
            return
        raise JobNotOpen(f"Job {job.id} has ended already: {status}.")
    if status is JobState.QUEUED or is_abandoned(job, now):
        end(session, job, JobCancelled("Cancelled."), now)
    elif job.cancel_requested_at is None:
        job.cancel_requested_at = job.updated_at = now
        record(session, job.id, "note", "cancel requested")
        session.flush()


def retry(session: Session, job_id: int) -> None:
    """Open an ended job again for what it could not fetch.

    Saved chapters are not requested again.
    """
    job = _lock_leader(session, job_id)
    status = JobState(job.status)
    if not status.is_terminal:
        raise NothingToRetry(f"Job {job.id} has not ended: it is {status}.")
    options = JobOptions.model_validate(job.options)
    if status is JobState.DONE:
        if not gaps_in(job.counts):
            raise NothingToRetry(f"Job {job.id} is done and complete.")
        options = JobOptions(timeout=options.timeout)
    if not reopen(session, job.id, options, state=status):
        raise NothingToRetry(f"Another job ingests the novel of job {job.id} already.")
    job.working_on = None
    clear_skipped(session, job.id)
    session.flush()


def reopen(
    session: Session,
    job_id: int,
    options: JobOptions,
    *,
    state: JobState = JobState.ERROR,
    scheduled: bool = False,
) -> bool:
    """Open an ended job again; it continues with what it has fetched.

    False where another submission was first.
    """
    assert state.can_become(JobState.QUEUED)
    statement = (
        update(JobRow)
        .where(JobRow.id == job_id, JobRow.status == state)
        .values(
            status=JobState.QUEUED,
            options=options.model_dump(),
            error_code=None,
            error_message=None,
            error_hint=None,
            finished_at=None,
            announced_at=None,
            cancel_requested_at=None,
            run_after=None,
            enqueued_at=None,
            failures=0,
            turn_at=turn_from_now(scheduled=scheduled),
            updated_at=func.now(),
        )
        .execution_options(synchronize_session=False)
    )
    try:
        with session.begin_nested():
            opened: bool = session.execute(statement).rowcount == 1  # type: ignore[attr-defined]
    except IntegrityError:
        # Another job of the novel is open now.
        return False
    if opened:
        record(session, job_id, "state", "submitted again", JobState.QUEUED)
    return opened


def add_options(
    session: Session, job_id: int, options: JobOptions, *, scheduled: bool = False
) -> None:
    """Add the options of another submission to a waiting job, whose turn may come sooner by it.

    A request to cancel the job is withdrawn.
    """
    withdrawn = session.execute(
        update(JobRow)
        .where(JobRow.id == job_id, JobRow.cancel_requested_at.is_not(None))
        .values(cancel_requested_at=None)
        .execution_options(synchronize_session=False)
    )
    if withdrawn.rowcount:  # type: ignore[attr-defined]
        record(session, job_id, "note", "submitted again: not to be cancelled")
    is_waiting = (JobRow.id == job_id) & (JobRow.status == JobState.QUEUED)
    job = session.scalar(_locked(is_waiting, skip_locked=True))
    if job is not None:
        job.options = JobOptions.model_validate(job.options).joined_with(options).model_dump()
        turn: Any = func.least(JobRow.turn_at, turn_from_now(scheduled=scheduled))
        job.turn_at = turn
        session.flush()


def postpone(session: Session, job_id: int, seconds: float) -> None:
    """Push a waiting job again later: the worker that took it has no room for it."""
    session.execute(
        update(JobRow)
        .where(JobRow.id == job_id, JobRow.status == JobState.QUEUED)
        .values(enqueued_at=None, run_after=func.now() + timedelta(seconds=seconds))
        .execution_options(synchronize_session=False)
    )


def mark_starting(session: Session, job_id: int, seconds: float) -> None:
    """A process that starts claims the waiting job within `seconds`: it is not to be pushed again
    meanwhile."""
    session.execute(
        update(JobRow)
        .where(JobRow.id == job_id, JobRow.status == JobState.QUEUED)
        .values(enqueued_at=func.now() + timedelta(seconds=seconds))
        .execution_options(synchronize_session=False)
    )


def release_abandoned(session: Session, *, max_failures: int, backoff: float) -> list[int]:
    """Queue the jobs again whose process died or did not renew its lease; their ids.

    Each counts a failure and waits `backoff` seconds for each of its failures; at `max_failures`
    the job ends. A process that ran several jobs is no failure of any of them: each is run again
    alone.
    """
    now = _now(session)
    leased = session.execute(
        select(JobRow.id, JobRow.lease_until, JobRow.lease_owner).where(
            JobRow.lease_until.is_not(None)
        )
    ).all()
    suspects = [row.id for row in leased if is_abandoned(row, now)]
    if not suspects:
        return []
    locked = session.scalars(_locked(JobRow.id.in_(suspects), skip_locked=True))
    abandoned = [job for job in locked if is_abandoned(job, now)]
    for job in abandoned:
        job.failures += int(not job.is_shared)
        if job.cancel_requested_at is not None:
            end(session, job, JobCancelled("Cancelled."), now)
        elif job.failures >= max_failures:
            died = f"The process that ran the job died {job.failures} times."
            end(session, job, WorkerDied(died), now)
        else:
            job.status = JobState.QUEUED
            job.fence += 1
            job.lease_owner = job.lease_until = job.enqueued_at = None
            job.run_after = now + timedelta(seconds=backoff * job.failures)
            job.updated_at = now
            job.error_code, job.error_message = WorkerDied.code, "The process that ran it died."
            job.error_hint = "It is retried automatically."
            record(session, job.id, "state", "its process died", JobState.QUEUED)
    session.flush()
    return [job.id for job in abandoned]


def _now(session: Session) -> datetime:
    return session.scalars(select(func.now())).one()


def _locked(condition: ColumnElement[bool], *, skip_locked: bool = False) -> Select[JobRow]:
    """The rows, locked and as they are in the database now."""
    query = select(JobRow).where(condition).with_for_update(skip_locked=skip_locked)
    return query.execution_options(populate_existing=True)


def _lock_leader(session: Session, job_id: int) -> JobRow:
    """The row of the job, or of the one it has joined, locked.

    A save locks its job's row to its end; after two seconds JobNotOpen is raised.
    """
    session.execute(text("SET LOCAL lock_timeout = '2s'"))
    try:
        is_storable = 0 < job_id < 2**63
        job = session.scalar(_locked(JobRow.id == job_id)) if is_storable else None
        if job is not None and job.joined_job_id is not None:
            job = session.scalar(_locked(JobRow.id == job.joined_job_id))
    except DBAPIError as error:
        if getattr(error.orig, "pgcode", None) != LOCK_NOT_AVAILABLE:
            raise
        raise JobNotOpen(
            f"Job {job_id} is being saved at this moment.", hint="Try again in a moment."
        ) from error
    session.execute(text("SET LOCAL lock_timeout = 0"))
    if job is None:
        raise UnknownJob(f"There is no job {job_id}.")
    return job
