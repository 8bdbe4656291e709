"""Changes of a job that no process holds: on somebody's wish, or because its process has died.

Each locks the job's row first, and leaves an event. What a process does to the job it has claimed is `lifecycle`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import func, select, text, update
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
from novel_core.jobs.events import record
from novel_core.jobs.options import JobOptions
from novel_core.jobs.skipped_pages import take_up_again
from novel_core.states import JobState


def is_abandoned(job: JobRow, now: datetime) -> bool:
    """Whether the job is active under a lease that ran out or whose owner died."""
    return _has_run_out(job.lease_until, job.lease_owner, now)


def _has_run_out(until: datetime | None, owner: str | None, now: datetime) -> bool:
    if until is None or owner is None:
        return False
    return until < now or leases.is_dead(owner)


def end(session: Session, job: JobRow, error: NovelError, now: datetime) -> None:
    """End a locked job that no process holds; a claim that may still be out there is worth nothing from now on."""
    job.status = JobState.ERROR
    job.fence += 1
    job.lease_owner = job.lease_until = None
    job.error_code, job.error_message, job.error_hint = error.code, error.message, error.hint
    job.finished_at = job.updated_at = now
    record(session, job.id, "state", error.message, JobState.ERROR)
    session.flush()


def cancel_idle(session: Session, job_id: int, reason: str) -> bool:
    """End a job that no process runs; False for one that is being run."""
    job = session.scalar(
        select(JobRow)
        .where(JobRow.id == job_id)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    now = session.scalars(select(func.now())).one()
    if job is None or not (job.status == JobState.QUEUED or is_abandoned(job, now)):
        return False
    end(session, job, JobCancelled(reason), now)
    return True


def cancel(session: Session, job_id: int) -> None:
    """End a job on somebody's wish: at once when it waits, at its process' next look (2 s) when it is run.

    To cancel a job that is cancelled already does nothing. A job that has joined another one cancels that one.
    """
    with _short_lock(session, job_id):
        job = _lock_leader(session, job_id)
    now = session.scalars(select(func.now())).one()
    status = JobState(job.status)
    if status.is_terminal:
        if job.error_code == JobCancelled.code:
            return
        raise JobNotOpen(f"Job {job.id} has ended already: {status}.")
    if status is JobState.QUEUED or is_abandoned(job, now):
        end(session, job, JobCancelled("Cancelled."), now)
    elif job.cancel_requested_at is None:
        job.cancel_requested_at = job.updated_at = now
        record(session, job.id, "note", "asked to cancel")
        session.flush()


def retry(session: Session, job_id: int) -> None:
    """Open the same job again on somebody's wish, for what it could not get. Held chapters are not asked for again."""
    with _short_lock(session, job_id):
        job = _lock_leader(session, job_id)
    status = JobState(job.status)
    if not status.is_terminal:
        raise NothingToRetry(f"Job {job.id} has not ended: it is {status}.")
    options = JobOptions.model_validate(job.options)
    if status is JobState.DONE:
        if not job.counts.get("failed"):
            raise NothingToRetry(f"Job {job.id} is done and lacks nothing.")
        options = JobOptions(timeout=options.timeout)
    if not requeue(session, job.id, options, state=status):
        raise NothingToRetry(f"Another job ingests the novel of job {job.id} already.")
    job.working_on = None
    take_up_again(session, job.id)
    session.flush()


def requeue(
    session: Session, job_id: int, options: JobOptions, *, state: JobState = JobState.ERROR
) -> bool:
    """Open an ended job again: it goes on from what it has fetched. False when another submission came first."""
    assert state.can_become(JobState.QUEUED)
    reopen = (
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
            updated_at=func.now(),
        )
        .execution_options(synchronize_session=False)
    )
    try:
        with session.begin_nested():
            opened: bool = session.execute(reopen).rowcount == 1  # type: ignore[attr-defined]
    except IntegrityError:  # another job of the novel has become active
        return False
    if opened:
        record(session, job_id, "state", "submitted again", JobState.QUEUED)
    return opened


def ask_more(session: Session, job_id: int, options: JobOptions) -> None:
    """Have an open job that nobody runs yet do what another submission asks for too; one that is being cancelled goes on."""
    withdrawn = session.execute(
        update(JobRow)
        .where(JobRow.id == job_id, JobRow.cancel_requested_at.is_not(None))
        .values(cancel_requested_at=None)
        .execution_options(synchronize_session=False)
    )
    if withdrawn.rowcount:  # type: ignore[attr-defined]
        record(session, job_id, "note", "submitted again: not to be cancelled")
    job = session.scalar(
        select(JobRow)
        .where(JobRow.id == job_id, JobRow.status == JobState.QUEUED)
        .with_for_update(skip_locked=True)
    )
    if job is not None:
        job.options = JobOptions.model_validate(job.options).joined_with(options).model_dump()
        session.flush()


def release_abandoned(session: Session, *, max_failures: int, backoff: float) -> list[int]:
    """Put the jobs whose process died, or did not renew its lease, back into the queue; those it happened to too often
    end. The jobs changed; each is charged a failure and waits `backoff` seconds for each."""
    now = session.scalars(select(func.now())).one()
    held = session.execute(
        select(JobRow.id, JobRow.lease_until, JobRow.lease_owner).where(
            JobRow.lease_until.is_not(None)
        )
    ).all()
    suspects = [row.id for row in held if _has_run_out(row.lease_until, row.lease_owner, now)]
    if not suspects:
        return []
    locked = session.scalars(
        select(JobRow)
        .where(JobRow.id.in_(suspects))
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    abandoned = [job for job in locked if is_abandoned(job, now)]
    for job in abandoned:
        job.failures += 1
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
            job.error_hint = "It is taken up again by itself."
            record(session, job.id, "state", "its process died", JobState.QUEUED)
    session.flush()
    return [job.id for job in abandoned]


@contextmanager
def _short_lock(session: Session, job_id: int) -> Iterator[None]:
    """A save holds its job's row to the end: who cannot wait for that is told so."""
    session.execute(text("SET LOCAL lock_timeout = '2s'"))
    try:
        yield
    except DBAPIError as error:
        if getattr(error.orig, "pgcode", None) != "55P03":
            raise
        raise JobNotOpen(
            f"Job {job_id} is being saved at this moment.", hint="Look at it again in a moment."
        ) from error
    session.execute(text("SET LOCAL lock_timeout = 0"))


def _lock_leader(session: Session, job_id: int) -> JobRow:
    """The row of the job, or of the one it has joined, locked."""
    while True:
        job = session.scalar(
            select(JobRow)
            .where(JobRow.id == job_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        if job is None:
            raise UnknownJob(f"There is no job {job_id}.")
        if job.joined_job_id is None:
            return job
        job_id = job.joined_job_id
