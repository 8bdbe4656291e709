"""Every change of a job's state.

Each one is conditional on the claim's fence and on the transition table (`novel_core.states`), and leaves an event. A
process whose claim is no longer the newest changes nothing and gets LeaseLost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from novel_core.db.jobs import JobEventRow, JobRow
from novel_core.db.novels import NovelRow
from novel_core.errors import LeaseLost, NovelError, UnknownJob
from novel_core.pipeline import lease as leases
from novel_core.pipeline.options import JobOptions
from novel_core.source import UrlKind, UrlMatch
from novel_core.states import JobState


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on a job, until another claim rises above its fence."""

    job_id: int
    fence: int
    owner: str
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
    session.add(JobEventRow(job_id=job_id, kind=kind, message=message, status=status))


def claim(session: Session, job_id: int, *, lease: float, due_only: bool = True) -> Claim | None:
    """Take the job, if it is free: queued (and due), or held under a lease that ran out or whose owner died.

    None means that another process works on it, or that it has ended.
    """
    job = session.get(JobRow, job_id, with_for_update=True)
    if job is None:
        raise UnknownJob(f"There is no job {job_id}.")
    status = JobState(job.status)
    now = session.scalar(select(func.now()))
    assert now is not None
    if status is JobState.QUEUED:
        free = not due_only or job.run_after is None or job.run_after <= now
    elif status.is_active:
        assert job.lease_until is not None
        assert job.lease_owner is not None
        free = job.lease_until < now or leases.is_dead(job.lease_owner)
    else:
        free = False
    if not free:
        return None
    taken_over = status.is_active
    job.status = JobState.CRAWLING
    job.fence += 1
    job.attempt += 1
    job.failures += int(taken_over)
    job.lease_owner = leases.owner_name()
    job.lease_until = now + timedelta(seconds=lease)
    job.started_at = job.started_at or now
    job.updated_at = now
    job.error_code = job.error_message = None
    message = "taken over from a process that died" if taken_over else f"attempt {job.attempt}"
    record(session, job_id, "state", message, JobState.CRAWLING)
    session.flush()
    return Claim(
        job_id=job.id,
        fence=job.fence,
        owner=job.lease_owner,
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


def _change(session: Session, claim: Claim, values: Mapping[str, Any]) -> None:
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
    _change(
        session,
        claim,
        {
            "requests": claim.requests_before + requests,
            "pages_fetched": pages,
            "pages_expected": expected,
        },
    )


def _enter(session: Session, claim: Claim, state: JobState, message: str, **values: Any) -> None:
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
    _change(session, claim, {"status": state, **values})
    record(session, claim.job_id, "state", message, state)


def enter_parsing(session: Session, claim: Claim) -> None:
    _enter(session, claim, JobState.PARSING, "reading the fetched pages")


def enter_saving(session: Session, claim: Claim) -> None:
    _enter(session, claim, JobState.SAVING, "saving")


def finish(session: Session, claim: Claim, *, novel_id: int, counts: Mapping[str, int]) -> None:
    """Done; in the same transaction as the data."""
    gaps = counts.get("failed", 0)
    message = f"done, {gaps} chapters missing" if gaps else "done"
    _enter(
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
    _enter(
        session,
        claim,
        JobState.ERROR,
        error.message,
        error_code=error.code,
        error_message=error.message,
        failures=JobRow.failures + 1,
    )


def hand_back(session: Session, claim: Claim, reason: str) -> None:
    """Back to the queue without charging the retry budget: the job was stopped, it did not fail."""
    _enter(session, claim, JobState.QUEUED, reason)


def requeue(session: Session, job_id: int, options: JobOptions) -> None:
    """Open a failed job again: it goes on from what it has fetched."""
    session.execute(
        update(JobRow)
        .where(JobRow.id == job_id, JobRow.status == JobState.ERROR)
        .values(
            status=JobState.QUEUED,
            options=options.model_dump(),
            error_code=None,
            error_message=None,
            finished_at=None,
            run_after=None,
            updated_at=func.now(),
        )
    )
    record(session, job_id, "state", "submitted again", JobState.QUEUED)


def active_job(session: Session, source: str, source_novel_id: str) -> int | None:
    """The job that is not terminal for this novel."""
    return session.scalar(
        select(JobRow.id).where(
            JobRow.source == source,
            JobRow.source_novel_id == source_novel_id,
            JobRow.status.not_in([JobState.DONE, JobState.ERROR]),
        )
    )


def find_novel(session: Session, source: str, source_novel_id: str) -> int | None:
    """The library's id of a source's novel."""
    return session.scalar(
        select(NovelRow.id).where(
            NovelRow.source == source, NovelRow.source_novel_id == source_novel_id
        )
    )


def adopt(session: Session, claim: Claim, match: UrlMatch) -> Claim | None:
    """Give a provisional job the identity its page told; None when another active job already has it, which this one joins."""
    assert match.novel_id is not None
    library_id = find_novel(session, claim.source, match.novel_id)
    try:
        with session.begin_nested():
            _change(
                session,
                claim,
                {
                    "source_novel_id": match.novel_id,
                    "novel_id": library_id,
                    "url": match.url,
                    "kind": UrlKind.NOVEL,
                },
            )
    except IntegrityError:
        other = active_job(session, claim.source, match.novel_id)
        if other is None:  # it ended between the two statements: the identity is free now
            return adopt(session, claim, match)
        _enter(
            session,
            claim,
            JobState.DONE,
            f"joined job {other}, which ingests the same novel",
            joined_job_id=other,
        )
        return None
    record(session, claim.job_id, "note", f"belongs to novel {match.novel_id}")
    return replace(
        claim,
        source_novel_id=match.novel_id,
        novel_id=library_id,
        url=match.url,
        kind=UrlKind.NOVEL,
    )
