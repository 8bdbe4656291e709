"""Claiming a job, and every change of a claimed one.

A change is conditional on the claim's fence and on the transition table (`novel_core.states`), and
leaves an event. A process whose claim is no longer the newest changes nothing and gets LeaseLost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, cast

from sqlalchemy import Row, Table, bindparam, func, select, tuple_, update
from sqlalchemy.orm import Session

from novel_core.db.jobs import JobRow
from novel_core.errors import (
    JobCancelled,
    LeaseLost,
    NovelError,
    RunsAlone,
    UnknownJob,
    WorkerDied,
)
from novel_core.jobs import lease as leases, unclaimed
from novel_core.jobs.chapter_counts import gaps_in
from novel_core.jobs.events import record, storable
from novel_core.jobs.failures import skip_page
from novel_core.jobs.options import JobOptions
from novel_core.plurals import several
from novel_core.states import ADOPTION, JobState
from novel_core.steps import Step

#: What a job may have done to its process: it is run alone, and notes what it works on.
_SUSPICIOUS = frozenset({WorkerDied.code, RunsAlone.code})
#: A page in which so many attempts died is skipped: one death may have another cause.
MAX_DEATHS = 2


class MustRunAlone(Exception):
    """The job may have ended a process: run it in one of its own."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on a job, until a newer claim has a higher fence.

    With `is_careful` the attempt writes down which page it works on, since the process of an
    earlier one died. `deaths` counts the attempts that died, by page.
    """

    job_id: int
    fence: int
    lease: float
    source: str
    kind: str
    source_url: str
    url: str
    source_novel_id: str | None
    source_chapter_id: str | None
    novel_id: int | None
    options: JobOptions
    requests_before: int
    pages_before: int
    failures: int
    is_careful: bool = False
    deaths: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_adoption(self) -> bool:
        """Whether the job proves a site, and ingests nothing."""
        return self.kind == ADOPTION

    @property
    def is_current(self) -> Any:
        """The condition that the job's row is still ours."""
        return (JobRow.id == self.job_id) & (JobRow.fence == self.fence)


def claim(
    session: Session, job_id: int, *, lease: float, by_worker: bool = True, is_shared: bool = False
) -> Claim | None:
    """Claim the job if it is free. Without `by_worker` it holds no slot of a worker.

    That is queued (for a worker also due), or under a lease that ran out or whose owner died. None
    means that another process works on it, or that it has ended.

    `is_shared` is for a process that runs other jobs too: its death is charged to none of them.
    MustRunAlone where an earlier process of this job died, which it may have caused.
    """
    # Its owner may hold the row's lock for as long as a save takes, so a locked row is not waited
    # for.
    found = session.execute(
        select(JobRow, func.now())
        .where(JobRow.id == job_id)
        .with_for_update(skip_locked=True, of=JobRow)
        .execution_options(populate_existing=True)
    ).first()
    if found is None:
        if session.scalar(select(JobRow.id).where(JobRow.id == job_id)) is None:
            raise UnknownJob(f"There is no job {job_id}.")
        return None
    job, now = found
    status = JobState(job.status)
    free = status is JobState.QUEUED and (
        not by_worker or job.run_after is None or job.run_after <= now
    )
    if not free and not unclaimed.is_abandoned(job, now):
        return None
    if job.cancel_requested_at is not None:
        unclaimed.end(session, job, JobCancelled("Cancelled."), now)
        return None
    taken_over = status.is_active
    is_careful = taken_over or job.error_code in _SUSPICIOUS
    if is_careful and is_shared:
        raise MustRunAlone
    deaths = _count_deaths(session, job)
    assert status.can_become(JobState.CRAWLING)
    job.status = JobState.CRAWLING
    job.fence += 1
    job.attempt += 1
    job.failures += int(taken_over and not job.is_shared)
    job.is_shared = is_shared
    job.lease_owner = leases.owner_name()
    job.lease_until = now + timedelta(seconds=lease)
    job.enqueued_at = (job.enqueued_at or now) if by_worker else None
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
        kind=job.kind,
        source_url=job.source_url,
        url=job.url,
        source_novel_id=job.source_novel_id,
        source_chapter_id=job.source_chapter_id,
        novel_id=job.novel_id,
        options=JobOptions.model_validate(job.options),
        requests_before=job.requests,
        pages_before=job.pages_fetched,
        failures=job.failures,
        is_careful=is_careful,
        deaths=deaths,
    )


def _count_deaths(session: Session, job: JobRow) -> dict[str, int]:
    """How many attempts died, by page; a page in which `MAX_DEATHS` of them died is skipped."""
    if job.working_on is None:
        return {}
    deaths: dict[str, int] = dict(job.working_on["deaths"])
    if (noted := job.working_on["step"]) is not None:
        step = Step(noted["what"], noted["url"], tuple(noted["chapters"]))
        deaths[step.url] = deaths.get(step.url, 0) + 1
        if deaths[step.url] >= MAX_DEATHS:
            record(session, job.id, "warning", f"Its processes died: {step.what} {step.url}")
            skip_page(session, job.id, step)
    job.working_on = {"step": None, "deaths": deaths}
    return deaths


def note_step(session: Session, claim: Claim, step: Step | None) -> None:
    """Write down what the attempt works on, in case its process dies; None when done."""
    noted = None if step is None else asdict(step)
    change(session, claim, {"working_on": {"step": noted, "deaths": dict(claim.deaths)}})


def change(session: Session, claim: Claim, values: Mapping[str, Any]) -> None:
    """Write columns of the job's row."""
    result = session.execute(
        update(JobRow).where(claim.is_current).values(**values, updated_at=func.clock_timestamp())
    )
    _require_held(result.rowcount, claim)  # type: ignore[attr-defined]


def _require_held(rows: int, claim: Claim) -> None:
    if rows != 1:
        raise LeaseLost(f"Job {claim.job_id} is run by another process now.")


class Held(Enum):
    """Whether a claimed job is still ours."""

    HELD = "held"
    CANCELLED = "cancelled"
    LOST = "lost"


def renew(session: Session, claims: Sequence[Claim], lease: float | None) -> dict[int, Held]:
    """Extend the leases of claimed jobs, or with None only look; what became of each job, by id.

    A row that a save has locked is not waited for: nobody else can claim it meanwhile.
    """
    is_ours = tuple_(JobRow.id, JobRow.fence).in_([(one.job_id, one.fence) for one in claims])
    is_held = is_ours & JobRow.lease_until.is_not(None)
    if lease is not None:
        free = select(JobRow.id).where(is_held).with_for_update(skip_locked=True, key_share=True)
        session.execute(
            update(JobRow)
            .where(JobRow.id.in_(select(free.cte().c.id)))
            .values(lease_until=func.now() + timedelta(seconds=lease))
            .execution_options(synchronize_session=False)
        )
    states = {one.job_id: Held.LOST for one in claims}
    rows = session.execute(select(JobRow.id, JobRow.cancel_requested_at).where(is_held))
    states |= {row.id: Held.CANCELLED if row.cancel_requested_at else Held.HELD for row in rows}
    return states


def hold(session: Session, claim: Claim) -> datetime:
    """Lock the job's row for this transaction and return the transaction's time.

    Raise LeaseLost where it is not ours.
    """
    now: datetime = _locked(session, claim, func.now())[0]
    return now


def _locked(session: Session, claim: Claim, *columns: Any) -> Row[*tuple[Any, ...]]:
    """Lock the claimed job's row and return columns of it. Raise LeaseLost where it is not ours."""
    # Without the key, so that a new webhook or watch of the job does not wait for the end of a
    # save.
    query = select(*columns).where(claim.is_current)
    row = session.execute(query.with_for_update(key_share=True, of=JobRow)).first()
    if row is None:
        raise LeaseLost(f"Job {claim.job_id} is run by another process now.")
    return row


_JOBS = cast(Table, JobRow.__table__)
_PROGRESS = (
    update(_JOBS)
    .where(_JOBS.c.id == bindparam("of_job"), _JOBS.c.fence == bindparam("of_fence"))
    .values(updated_at=func.clock_timestamp())
)


def progress(session: Session, claim: Claim, *, requests: int, pages: int, expected: int) -> None:
    """Write the crawl's counters of this attempt."""
    values = {
        "requests": claim.requests_before + requests,
        "pages_fetched": pages,
        "pages_expected": expected,
    }
    # Written with every archived page: made once, and without the ORM's own work.
    ours = {"of_job": claim.job_id, "of_fence": claim.fence}
    _require_held(session.connection().execute(_PROGRESS, values | ours).rowcount, claim)


def has_progressed(session: Session, claim: Claim) -> bool:
    """Whether the attempt has fetched pages that earlier attempts had not."""
    return bool(
        session.scalar(
            select(JobRow.id).where(claim.is_current, JobRow.pages_fetched > claim.pages_before)
        )
    )


def enter(session: Session, claim: Claim, state: JobState, message: str, **values: Any) -> None:
    """Change the status of a claimed job; the only place that does."""
    current, cancelled_at = _locked(session, claim, JobRow.status, JobRow.cancel_requested_at)
    if state is JobState.QUEUED and cancelled_at is not None:
        error = JobCancelled("Cancelled.")
        state, message, values = JobState.ERROR, error.message, _error_columns(error)
    if not JobState(current).can_become(state):
        msg = f"job {claim.job_id} cannot go from {current} to {state}"
        raise AssertionError(msg)
    if not state.is_active:
        values |= {"lease_owner": None, "lease_until": None, "working_on": None}
    if state.is_terminal:
        values["finished_at"] = func.clock_timestamp()
    change(session, claim, {"status": state, **values})
    code = values.get("error_code") if state is JobState.ERROR else None
    record(session, claim.job_id, "state", message, state, code=code)


def finish(session: Session, claim: Claim, *, novel_id: int, counts: Mapping[str, int]) -> None:
    """Enter DONE, in the same transaction as the data."""
    gaps = gaps_in(counts)
    message = f"done, {several(gaps, 'chapter')} missing" if gaps else "done"
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
    """End the job with an error; what was fetched stays in the archive for the next attempt."""
    failures = JobRow.failures + 1
    enter(session, claim, JobState.ERROR, error.message, failures=failures, **_error_columns(error))


def retry_later(session: Session, claim: Claim, error: NovelError, delay: float) -> None:
    """Queue the job again after a temporary failure, to be run after `delay` seconds."""
    reason = f"{error.message} Next attempt in {delay:.0f} s."
    failures = JobRow.failures + 1
    release(session, claim, reason, delay=delay, failures=failures, **_error_columns(error))


def _error_columns(error: NovelError) -> dict[str, Any]:
    return {
        "error_code": error.code,
        "error_message": storable(error.message),
        "error_hint": storable(error.hint),
    }


def release(
    session: Session, claim: Claim, reason: str, *, delay: float = 0.0, **values: Any
) -> None:
    """Queue the job again without counting a failure: it was only stopped."""
    run_after = func.now() + timedelta(seconds=delay)
    values |= {"run_after": run_after, "enqueued_at": None}
    enter(session, claim, JobState.QUEUED, reason, **values)


def release_suspect(session: Session, claim: Claim, error: RunsAlone) -> None:
    """Queue the job again without counting a failure, to be run in a process of its own."""
    release(session, claim, error.message, **_error_columns(error))
