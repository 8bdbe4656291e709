"""A process that has lost its job writes nothing any more."""

import pytest
from toysite import ToySite
from workbench import Workbench

from novel_core.db.engine import session
from novel_core.db.jobs import JobRow
from novel_core.errors import JobStopped, LeaseLost, NotFound
from novel_core.ingest.attempt import Attempt
from novel_core.ingest.parsing import parse_job
from novel_core.ingest.runner import run_job
from novel_core.jobs import lifecycle
from novel_core.jobs.stop_switch import StopSwitch
from novel_core.page import Follow
from novel_core.source import PageKind

URL = "https://toy.example/works/1"


@pytest.fixture
def stale(bench: Workbench) -> lifecycle.Claim:
    """A claim whose job another process has taken over, with what that one has found so far."""
    job_id = bench.submit(URL)
    with session(bench.database) as opened:
        first = lifecycle.claim(opened, job_id, lease=60)
        job = opened.get(JobRow, job_id)
        assert first is not None
        assert job is not None
        job.lease_owner = "elsewhere/1/0.00"
        opened.flush()
        job.lease_until = job.created_at.replace(year=2000)
    with session(bench.database) as opened:
        second = lifecycle.claim(opened, job_id, lease=60)
    assert second is not None
    bench.write(
        "INSERT INTO staged_items (job_id, page_id, kind, key, part, position, payload)"
        " VALUES (:job, 1, 'novel', '1', 0, 0, '{}')",
        job=job_id,
    )
    bench.write(
        "INSERT INTO job_failures (job_id, url, kind, code, message)"
        " VALUES (:job, 'u', 'chapter', 'c', 'm')",
        job=job_id,
    )
    return first


def test_it_leaves_the_staging_of_the_other_alone(bench: Workbench, stale: lifecycle.Claim) -> None:
    source = bench.runtime.registry.get("toysite")
    with pytest.raises(LeaseLost):
        parse_job(Attempt(bench.runtime, stale, source, StopSwitch()))
    assert bench.value("SELECT count(*) FROM staged_items") == 1


def test_it_leaves_the_failures_of_the_other_alone(
    bench: Workbench, stale: lifecycle.Claim, site: ToySite
) -> None:
    outcome = run_job(bench.runtime, stale)
    assert isinstance(outcome.error, LeaseLost)
    assert bench.value("SELECT count(*) FROM job_failures") == 1
    assert site.requests == []


def test_it_records_no_failure(bench: Workbench, stale: lifecycle.Claim) -> None:
    follow = Follow(f"{URL}/3", PageKind.CHAPTER, chapters=("3",))
    source = bench.runtime.registry.get("toysite")
    attempt = Attempt(bench.runtime, stale, source, StopSwitch())
    with pytest.raises(LeaseLost):
        attempt.record_failure(follow, NotFound("gone"))
    assert bench.value("SELECT count(*) FROM job_failures") == 1


def test_a_claim_does_not_wait_for_a_save_under_way(bench: Workbench) -> None:
    job_id = bench.submit(URL)
    with session(bench.database) as saving:
        assert lifecycle.claim(saving, job_id, lease=60) is not None
        with session(bench.database) as opened:
            opened.connection().exec_driver_sql("SET LOCAL lock_timeout = '2s'")
            assert lifecycle.claim(opened, job_id, lease=60) is None


def test_a_stop_between_look_and_watch_is_not_missed() -> None:
    told: list[Exception] = []
    switch = StopSwitch()
    look = switch.check

    def check_then_stop() -> None:
        look()
        switch.check = look  # type: ignore[method-assign]
        switch.stop(JobStopped("Stopped."))

    switch.check = check_then_stop  # type: ignore[method-assign]
    entered = []
    with pytest.raises(JobStopped), switch.calling(told.append):
        entered.append(True)
    assert told or not entered


def test_a_stop_from_a_signal_handler_does_not_wait_for_itself() -> None:
    switch = StopSwitch()
    with switch._lock:
        switch.stop(JobStopped("Stopped."))
    with pytest.raises(JobStopped):
        switch.check()
