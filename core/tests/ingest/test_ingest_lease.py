"""Claims, fences and leases: one process at a time, and none that is gone."""

import os
import subprocess
import sys
from datetime import timedelta
from itertools import pairwise

import psutil
import pytest
from toysite import ToySite
from workbench import Workbench

from novel_core.db.engine import session
from novel_core.errors import JobStopped, LeaseLost, UnknownJob
from novel_core.jobs import lifecycle
from novel_core.jobs.lease import is_dead, owner_name
from novel_core.jobs.stop_switch import StopSwitch
from novel_core.states import TRANSITIONS, JobState

URL = "https://toy.example/works/1"


def claim(bench: Workbench, job_id: int) -> lifecycle.Claim | None:
    with session(bench.database) as opened:
        return lifecycle.claim(opened, job_id, lease=60)


def dead_owner() -> str:
    program = "from novel_core.jobs.lease import owner_name; print(owner_name())"
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.strip()


def test_only_one_process_gets_a_job(bench: Workbench) -> None:
    job_id = bench.submit(URL)
    assert claim(bench, job_id) is not None
    assert claim(bench, job_id) is None


def test_the_job_of_a_dead_process_is_taken_over_at_once(bench: Workbench) -> None:
    job_id = bench.submit(URL)
    first = claim(bench, job_id)
    assert first is not None
    with session(bench.database) as opened:
        job = opened.get(lifecycle.JobRow, job_id)
        assert job is not None
        job.lease_owner = dead_owner()
    second = claim(bench, job_id)
    assert second is not None
    assert second.fence == first.fence + 1
    with pytest.raises(LeaseLost), session(bench.database) as opened:
        lifecycle.enter(opened, first, JobState.PARSING, "parsing")
    assert bench.job(job_id).status == JobState.CRAWLING


def test_a_lease_that_ran_out_may_be_claimed_from_any_machine(bench: Workbench) -> None:
    job_id = bench.submit(URL)
    assert claim(bench, job_id) is not None
    bench_owner = "elsewhere/1/0.00"
    with session(bench.database) as opened:
        job = opened.get(lifecycle.JobRow, job_id)
        assert job is not None
        assert job.lease_until is not None
        job.lease_owner = bench_owner
    assert claim(bench, job_id) is None
    with session(bench.database) as opened:
        job = opened.get(lifecycle.JobRow, job_id)
        assert job is not None
        assert job.lease_until is not None
        job.lease_until -= timedelta(seconds=120)
    assert claim(bench, job_id) is not None


def test_owners_are_told_apart() -> None:
    assert not is_dead(owner_name())
    assert is_dead(dead_owner())
    assert not is_dead(f"another-machine/{os.getpid()}/1.00")
    assert not is_dead("not an owner")


def test_a_clock_that_is_set_kills_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """What psutil tells of a process' start moves with the clock on the wall."""
    owner, told = owner_name(), psutil.Process().create_time()
    started = psutil.boot_time()
    monkeypatch.setattr("psutil._psplatform.boot_time", lambda: started + 1)
    monkeypatch.setattr("psutil._psplatform.BOOT_TIME", started + 1, raising=False)
    assert psutil.Process().create_time() == pytest.approx(told + 1, abs=0.5)
    assert owner_name() == owner
    assert not is_dead(owner)


def test_a_name_used_again_by_another_process_is_told_apart() -> None:
    machine, pid, started = owner_name().rsplit("/", 2)
    assert is_dead(f"{machine}/{pid}/{int(started) - 1}")


def test_a_stopped_job_goes_back_to_the_queue_uncharged(bench: Workbench, site: ToySite) -> None:
    job_id = bench.submit(URL)
    switch = StopSwitch()
    switch.stop(JobStopped("Stopped."))
    outcome = bench.run(job_id, switch)
    assert isinstance(outcome.error, JobStopped)
    assert bench.job(job_id).status == JobState.QUEUED
    assert bench.value("SELECT failures FROM jobs") == 0
    assert site.requests == []
    bench.run(job_id)
    assert bench.job(job_id).status == JobState.DONE


def test_every_transition_is_in_the_story(bench: Workbench) -> None:
    job = bench.ingest(URL)
    states = [JobState(event.status) for event in bench.events(job.id) if event.status]
    assert states == [
        JobState.QUEUED,
        JobState.CRAWLING,
        JobState.PARSING,
        JobState.SAVING,
        JobState.DONE,
    ]
    assert all(later in TRANSITIONS[earlier] for earlier, later in pairwise(states))


def test_a_transition_outside_the_table_is_refused(bench: Workbench) -> None:
    job_id = bench.submit(URL)
    held = claim(bench, job_id)
    assert held is not None
    with pytest.raises(AssertionError), session(bench.database) as opened:
        lifecycle.enter(opened, held, JobState.SAVING, "saving")
    assert bench.job(job_id).status == JobState.CRAWLING


def test_an_unknown_job_is_told(bench: Workbench) -> None:
    with pytest.raises(UnknownJob):
        claim(bench, 999)
