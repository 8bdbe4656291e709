"""Too much memory: in a process of several jobs nobody is charged and each runs alone next; alone the job ends with advice."""

from __future__ import annotations

import pytest
from workbench import Workbench

from novel_core.db.engine import session
from novel_core.errors import OutOfMemory, RunsAlone
from novel_core.ingest.attempt import Attempt
from novel_core.ingest.runner import run_job
from novel_core.jobs import lifecycle
from novel_core.jobs.guard import JobGuard
from novel_core.jobs.lifecycle import Claim, MustRunAlone
from novel_core.jobs.stop_switch import StopSwitch
from novel_core.states import JobState

URL = "https://toy.example/works/1"
LEASE = 60.0


def claimed(bench: Workbench, job_id: int, *, is_shared: bool) -> Claim:
    with session(bench.database) as opened:
        claim = lifecycle.claim(opened, job_id, lease=LEASE, is_shared=is_shared)
    assert claim is not None
    return claim


def fail_to_allocate(_attempt: Attempt) -> Attempt:
    raise MemoryError


def runs_alone_next(bench: Workbench, job_id: int) -> Claim:
    job = bench.job(job_id)
    assert (job.status, job.error_code) == (JobState.QUEUED, "runs_alone")
    assert bench.value("SELECT failures FROM jobs") == 0
    with pytest.raises(MustRunAlone), session(bench.database) as opened:
        lifecycle.claim(opened, job_id, lease=LEASE, is_shared=True)
    return claimed(bench, job_id, is_shared=False)


def test_a_job_that_was_handed_back_for_memory_runs_alone_and_then_as_others(
    bench: Workbench,
) -> None:
    job_id = bench.submit(URL)
    switch = StopSwitch()
    switch.stop(RunsAlone("The worker process used too much memory."))
    run_job(bench.runtime, claimed(bench, job_id, is_shared=True), switch)
    alone = runs_alone_next(bench, job_id)
    assert alone.is_careful
    assert run_job(bench.runtime, alone).error is None
    assert bench.job(job_id).status == JobState.DONE


def test_memory_that_is_refused_in_a_shared_process_is_charged_to_nobody(
    bench: Workbench,
) -> None:
    job_id = bench.submit(URL)
    claim = claimed(bench, job_id, is_shared=True)
    with JobGuard(bench.database, LEASE) as guard:
        outcome = run_job(bench.runtime, claim, collect=fail_to_allocate, guard=guard)
    assert isinstance(outcome.error, RunsAlone)
    runs_alone_next(bench, job_id)


def test_memory_that_is_refused_alone_ends_the_job_with_advice(bench: Workbench) -> None:
    job_id = bench.submit(URL)
    claim = claimed(bench, job_id, is_shared=False)
    outcome = run_job(bench.runtime, claim, collect=fail_to_allocate)
    assert isinstance(outcome.error, OutOfMemory)
    job = bench.job(job_id)
    assert (job.status, job.error_code) == (JobState.ERROR, "out_of_memory")
    assert "NOVEL_JOB_MEMORY" in (job.error_hint or "")
