"""Every change of a job's state.

Those of a claimed job are conditional on its fence and on the transition table (`novel_core.states`); those of a job
nobody holds (claiming, reopening, cancelling it) lock its row first. Each leaves an event. A process whose claim is no
longer the newest changes nothing and gets LeaseLost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from novel_core.db.jobs import JobEventRow, JobRow
from novel_core.errors import (
    JobCancelled,
    JobNotOpen,
    LeaseLost,
    NothingToRetry,
    NovelError,
    UnknownJob,
    WorkerDied,
)
from novel_core.pipeline import lease as leases
from novel_core.pipeline.options import JobOptions
from novel_core.source import UrlKind
from novel_core.states import JobState


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on a job, until another claim rises above its fence."""

    job_id: int
    fence: int
    lease: float
    source: str
    kind: UrlKind
    url: str
    source_novel_id: str | None
    source_chapter_id: str | None
    novel_id: int | None
    options: JobOptions
    requests_before: int
    pages_before: int
    failures: int

    @property
    def mine(self) -> Any:
        return (JobRow.id == self.job_id) & (JobRow.fence == self.fence)


def record(
    session: Session, job_id: int, kind: str, message: str, status: str | None = None
) -> None:
    """Add an event to the job's story."""
    session.add(JobEventRow(job_id=job_id, kind=kind, message=storable(message), status=status))


def storable(message: str) -> str:
    """A message without what PostgreSQL cannot hold: it may quote a page."""
    return message.replace("\x00", "").encode("utf-8", "replace").decode()


def claim(session: Session, job_id: int, *, lease: float, due_only: bool = True) -> Claim | None:
    """Take the job, if it is free: queued (and due), or held under a lease that ran out or whose owner died.

    None means that another process works on it, or that it has ended.
    """
    # A locked row is being written by its owner, who may hold it for as long as a save takes: not waited for.
    job = session.scalar(
        select(JobRow)
        .where(JobRow.id == job_id)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    if job is None:
        if session.scalar(select(JobRow.id).where(JobRow.id == job_id)) is None:
            raise UnknownJob(f"There is no job {job_id}.")
        return None
    status = JobState(job.status)
    now = session.scalar(select(func.now()))
    assert now is not None
    free = status is JobState.QUEUED and (
        not due_only or job.run_after is None or job.run_after <= now
    )
    if not free and not _is_abandoned(job, now):
        return None
    if job.cancel_requested_at is not None:
        _end_unheld(session, job, JobCancelled("Cancelled."), now)
        return None
    taken_over = status.is_active
    assert status.can_become(JobState.CRAWLING)
    job.status = JobState.CRAWLING
    job.fence += 1
    job.attempt += 1
    job.failures += int(taken_over)
    job.lease_owner = leases.owner_name()
    job.lease_until = now + timedelta(seconds=lease)
    job.started_at = job.started_at or now
    job.updated_at = now
    job.error_code = job.error_message = job.error_hint = None
    message = "taken over from a process that died" if taken_over else f"attempt {job.attempt}"
    record(session, job_id, "state", message, JobState.CRAWLING)
    session.flush()
    return Claim(
        job_id=job.id,
        fence=job.fence,
        lease=lease,
        source=job.source,
        kind=UrlKind(job.kind),
        url=job.url,
        source_novel_id=job.source_novel_id,
        source_chapter_id=job.source_chapter_id,
        novel_id=job.novel_id,
        options=JobOptions.model_validate(job.options),
        requests_before=job.requests,
        pages_before=job.pages_fetched,
        failures=job.failures,
    )


def _is_abandoned(job: JobRow, now: datetime) -> bool:
    """Whether the job is active under a lease that ran out or whose owner died."""
    return _has_run_out(job.lease_until, job.lease_owner, now)


def _has_run_out(until: datetime | None, owner: str | None, now: datetime) -> bool:
    if until is None or owner is None:
        return False
    return until < now or leases.is_dead(owner)


def cancel_idle(session: Session, job_id: int, reason: str) -> bool:
    """End a job that no process runs; False for one that is being run."""
    job = session.scalar(
        select(JobRow)
        .where(JobRow.id == job_id)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    now = session.scalars(select(func.now())).one()
    if job is None or not (job.status == JobState.QUEUED or _is_abandoned(job, now)):
        return False
    _end_unheld(session, job, JobCancelled(reason), now)
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
    if status is JobState.QUEUED or _is_abandoned(job, now):
        _end_unheld(session, job, JobCancelled("Cancelled."), now)
    elif job.cancel_requested_at is None:
        job.cancel_requested_at = job.updated_at = now
        record(session, job.id, "note", "asked to cancel")
        session.flush()


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


def is_cancel_requested(session: Session, claim: Claim) -> bool:
    return bool(
        session.scalar(select(JobRow.id).where(claim.mine, JobRow.cancel_requested_at.is_not(None)))
    )


def _end_unheld(session: Session, job: JobRow, error: NovelError, now: datetime) -> None:
    """End a locked job that no process holds; a claim that may still be out there is worth nothing from now on."""
    job.status = JobState.ERROR
    job.fence += 1
    job.lease_owner = job.lease_until = None
    job.error_code, job.error_message, job.error_hint = error.code, error.message, error.hint
    job.finished_at = job.updated_at = now
    record(session, job.id, "state", error.message, JobState.ERROR)
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
    abandoned = [job for job in locked if _is_abandoned(job, now)]
    for job in abandoned:
        job.failures += 1
        if job.cancel_requested_at is not None:
            _end_unheld(session, job, JobCancelled("Cancelled."), now)
        elif job.failures >= max_failures:
            died = f"The process that ran the job died {job.failures} times."
            _end_unheld(session, job, WorkerDied(died), now)
        else:
            job.status = JobState.QUEUED
            job.fence += 1
            job.lease_owner = job.lease_until = job.enqueued_at = None
            job.run_after = now + timedelta(seconds=backoff * job.failures)
            job.updated_at = now
            record(session, job.id, "state", "its process died", JobState.QUEUED)
    session.flush()
    return [job.id for job in abandoned]


def change(session: Session, claim: Claim, values: Mapping[str, Any]) -> None:
    result = session.execute(
        update(JobRow).where(claim.mine).values(**values, updated_at=func.clock_timestamp())
    )
    if result.rowcount != 1:  # type: ignore[attr-defined]
        raise LeaseLost(f"Job {claim.job_id} is run by another process now.")


def renew(session: Session, claim: Claim) -> bool:
    """Extend the lease; False when it is gone."""
    result = session.execute(
        update(JobRow)
        .where(claim.mine, JobRow.lease_until.is_not(None))
        .values(lease_until=func.now() + timedelta(seconds=claim.lease))
    )
    return result.rowcount == 1  # type: ignore[attr-defined,no-any-return]


def hold(session: Session, claim: Claim) -> None:
    """Lock the job's row for this transaction, and make sure that it is still ours."""
    # Without the key: what refers to the job (a webhook, a watch) need not wait for the end of a save.
    held = session.scalar(select(JobRow.id).where(claim.mine).with_for_update(key_share=True))
    if held is None:
        raise LeaseLost(f"Job {claim.job_id} is run by another process now.")


def progress(session: Session, claim: Claim, *, requests: int, pages: int, expected: int) -> None:
    """Write the crawl's counters of this attempt."""
    change(
        session,
        claim,
        {
            "requests": claim.requests_before + requests,
            "pages_fetched": pages,
            "pages_expected": expected,
        },
    )


def has_progressed(session: Session, claim: Claim) -> bool:
    """Whether the attempt has brought pages that were not there before."""
    return bool(
        session.scalar(
            select(JobRow.id).where(claim.mine, JobRow.pages_fetched > claim.pages_before)
        )
    )


def enter(session: Session, claim: Claim, state: JobState, message: str, **values: Any) -> None:
    """The one place where a claimed job's status changes."""
    held = session.execute(
        select(JobRow.status, JobRow.cancel_requested_at)
        .where(claim.mine)
        .with_for_update(key_share=True)
    ).first()
    if held is None:
        raise LeaseLost(f"Job {claim.job_id} is run by another process now.")
    current, cancelled_at = held
    if state is JobState.QUEUED and cancelled_at is not None:
        error = JobCancelled("Cancelled.")
        state, message, values = JobState.ERROR, error.message, _told(error)
    if not JobState(current).can_become(state):
        msg = f"job {claim.job_id} cannot go from {current} to {state}"
        raise AssertionError(msg)
    if not state.is_active:
        values |= {"lease_owner": None, "lease_until": None}
    if state.is_terminal:
        values["finished_at"] = func.clock_timestamp()
    change(session, claim, {"status": state, **values})
    record(session, claim.job_id, "state", message, state)


def enter_parsing(session: Session, claim: Claim) -> None:
    enter(session, claim, JobState.PARSING, "reading the fetched pages")


def enter_saving(session: Session, claim: Claim) -> None:
    enter(session, claim, JobState.SAVING, "saving")


def finish(session: Session, claim: Claim, *, novel_id: int, counts: Mapping[str, int]) -> None:
    """Done; in the same transaction as the data."""
    gaps = counts.get("failed", 0)
    message = f"done, {gaps} chapters missing" if gaps else "done"
    enter(
        session,
        claim,
        JobState.DONE,
        message,
        novel_id=novel_id,
        counts=dict(counts),
        run_after=None,
    )


def fail(session: Session, claim: Claim, error: NovelError) -> None:
    """Ended by an error; what was fetched stays in the archive for a next attempt."""
    failures = JobRow.failures + 1
    enter(session, claim, JobState.ERROR, error.message, failures=failures, **_told(error))


def retry_later(session: Session, claim: Claim, error: NovelError, delay: float) -> None:
    """Back to the queue after a failure that time may heal, not to be run for `delay` seconds."""
    enter(
        session,
        claim,
        JobState.QUEUED,
        f"{error.message} Next attempt in {delay:.0f} s.",
        failures=JobRow.failures + 1,
        run_after=func.now() + timedelta(seconds=delay),
        enqueued_at=None,
        **_told(error),
    )


def _told(error: NovelError) -> dict[str, Any]:
    return {
        "error_code": error.code,
        "error_message": storable(error.message),
        "error_hint": storable(error.hint),
    }


def hand_back(session: Session, claim: Claim, reason: str, *, delay: float = 0.0) -> None:
    """Back to the queue without charging the retry budget: the job was stopped, it did not fail."""
    enter(
        session,
        claim,
        JobState.QUEUED,
        reason,
        run_after=func.now() + timedelta(seconds=delay),
        enqueued_at=None,
    )


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
