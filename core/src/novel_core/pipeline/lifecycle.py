"""Every change of a job's state.

Those of a claimed job are conditional on its fence and on the transition table (`novel_core.states`); those of a job
nobody holds (claiming, reopening, cancelling it) lock its row first. Each leaves an event. A process whose claim is no
longer the newest changes nothing and gets LeaseLost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from novel_core.db.jobs import JobEventRow, JobRow
from novel_core.errors import JobCancelled, LeaseLost, NovelError, UnknownJob
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
    )


def _is_abandoned(job: JobRow, now: datetime) -> bool:
    """Whether the job is active under a lease that ran out or whose owner died."""
    if job.lease_until is None or job.lease_owner is None:
        return False
    return job.lease_until < now or leases.is_dead(job.lease_owner)


def cancel_idle(session: Session, job_id: int) -> bool:
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
    job.status = JobState.ERROR
    job.fence += 1
    job.lease_owner = job.lease_until = None
    job.error_code, job.error_message = JobCancelled.code, "The novel was removed."
    job.finished_at = job.updated_at = now
    record(session, job_id, "state", job.error_message, JobState.ERROR)
    session.flush()
    return True


def change(session: Session, claim: Claim, values: Mapping[str, Any]) -> None:
    result = session.execute(
        update(JobRow).where(claim.mine).values(**values, updated_at=func.now())
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
    held = session.scalar(select(JobRow.id).where(claim.mine).with_for_update())
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


def enter(session: Session, claim: Claim, state: JobState, message: str, **values: Any) -> None:
    """The one place where a claimed job's status changes."""
    current = session.scalar(select(JobRow.status).where(claim.mine).with_for_update())
    if current is None:
        raise LeaseLost(f"Job {claim.job_id} is run by another process now.")
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
    enter(
        session,
        claim,
        JobState.ERROR,
        error.message,
        error_code=error.code,
        error_message=storable(error.message),
        error_hint=storable(error.hint),
        failures=JobRow.failures + 1,
    )


def hand_back(session: Session, claim: Claim, reason: str) -> None:
    """Back to the queue without charging the retry budget: the job was stopped, it did not fail."""
    enter(session, claim, JobState.QUEUED, reason)


def requeue(session: Session, job_id: int, options: JobOptions) -> bool:
    """Open a failed job again: it goes on from what it has fetched. False when another submission came first."""
    reopen = (
        update(JobRow)
        .where(JobRow.id == job_id, JobRow.status == JobState.ERROR)
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
            updated_at=func.now(),
        )
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
    """Have an open job that nobody runs yet do what another submission asks for too."""
    job = session.scalar(
        select(JobRow)
        .where(JobRow.id == job_id, JobRow.status == JobState.QUEUED)
        .with_for_update(skip_locked=True)
    )
    if job is not None:
        job.options = JobOptions.model_validate(job.options).joined_with(options).model_dump()
        session.flush()
