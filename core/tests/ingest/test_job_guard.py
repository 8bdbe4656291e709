"""The guards of running jobs: leases renewed together, lost ones noticed, what hangs interrupted or ended."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest
from polling import eventually
from sqlalchemy import text
from workbench import Workbench

from novel_core.db.engine import open_database, session
from novel_core.errors import (
    JobCancelled,
    LeaseLost,
    NovelError,
    PageTooSlow,
    PluginError,
    StorageError,
)
from novel_core.jobs import guard as guards, lifecycle, unclaimed
from novel_core.jobs.guard import GuardedJob, JobGuard
from novel_core.jobs.lifecycle import Claim, Held
from novel_core.jobs.stop_switch import StopSwitch
from novel_core.steps import Step, Steps

LEASE = 60.0


def claimed(bench: Workbench, number: int) -> Claim:
    job_id = bench.submit(f"https://toy.example/works/{number}")
    with session(bench.database) as opened:
        claim = lifecycle.claim(opened, job_id, lease=LEASE)
    assert claim is not None
    return claim


def guarded(claim: Claim, steps: Steps | None = None) -> GuardedJob:
    return GuardedJob(claim, StopSwitch(), steps or Steps(60))


@pytest.fixture
def jobs(bench: Workbench) -> list[GuardedJob]:
    return [guarded(claimed(bench, number)) for number in (1, 2, 3)]


def test_one_statement_renews_the_leases_that_are_held(
    bench: Workbench, jobs: list[GuardedJob]
) -> None:
    claims = [job.claim for job in jobs]
    with bench.database.begin() as connection:
        connection.execute(text("UPDATE jobs SET lease_until = now()"))
        connection.execute(
            text("UPDATE jobs SET fence = fence + 1 WHERE id = :id"), {"id": claims[1].job_id}
        )
    with session(bench.database) as opened:
        opened.execute(
            text("UPDATE jobs SET cancel_requested_at = now() WHERE id = :id"),
            {"id": claims[2].job_id},
        )
        states = lifecycle.renew(opened, claims, LEASE)
    assert states == {
        claims[0].job_id: Held.HELD,
        claims[1].job_id: Held.LOST,
        claims[2].job_id: Held.CANCELLED,
    }
    renewed = (
        "SELECT array_agg(id ORDER BY id) FROM jobs WHERE lease_until > now() + interval '9 s'"
    )
    assert bench.value(renewed) == [claims[0].job_id, claims[2].job_id]


def test_a_row_that_a_save_holds_is_neither_waited_for_nor_lost(
    bench: Workbench, jobs: list[GuardedJob]
) -> None:
    claims = [job.claim for job in jobs]
    with session(bench.database) as saving:
        lifecycle.hold(saving, claims[0])
        with session(bench.database) as opened:
            assert set(lifecycle.renew(opened, claims, LEASE).values()) == {Held.HELD}


def test_each_job_learns_what_became_of_it(
    bench: Workbench, jobs: list[GuardedJob], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guards, "CHECK_EVERY", 0.02)
    held, lost, cancelled = jobs
    with JobGuard(bench.database, LEASE) as guard, ExitStack() as running:
        for job in jobs:
            running.enter_context(guard.of(job))
        with session(bench.database) as opened:
            opened.execute(
                text("UPDATE jobs SET fence = fence + 1 WHERE id = :id"), {"id": lost.claim.job_id}
            )
            unclaimed.cancel(opened, cancelled.claim.job_id)
        eventually(lambda: bool(lost.switch.error and cancelled.switch.error))
    assert isinstance(lost.switch.error, LeaseLost)
    assert isinstance(cancelled.switch.error, JobCancelled)
    assert held.switch.error is None


def test_a_lease_that_nobody_can_renew_is_given_up(jobs: list[GuardedJob]) -> None:
    away = open_database("postgresql://127.0.0.1:1/nobody")
    ended: list[tuple[NovelError, Step | None]] = []
    job = GuardedJob(
        replace(jobs[0].claim, lease=0.2),
        StopSwitch(),
        Steps(60),
        (),
        lambda *how: ended.append(how),
    )
    with JobGuard(away, 0.2, patience=LEASE) as guard, guard.of(job):
        eventually(lambda: job.switch.error is not None)
        assert isinstance(job.switch.error, LeaseLost)
        # Its own thread may wait for the same server, without an end.
        eventually(lambda: bool(ended))
    [(error, step)] = ended
    assert isinstance(error, LeaseLost)
    assert step is None


def test_a_process_that_was_suspended_has_not_given_its_jobs_up(
    bench: Workbench, jobs: list[GuardedJob]
) -> None:
    """What it missed counts as one late turn; whether the lease is lost, the database says."""
    job, late = jobs[0], 3600.0
    job.steps.current = Step("Reading", "https://toy.example/works/1/1")
    now = time.monotonic()
    watch = JobGuard(bench.database, LEASE)._watch
    watch._jobs = lambda: [job]
    watch.turn()
    watch._looked = now - late
    watch.turn()
    assert job.switch.error is None
    assert not job.is_stuck


def test_a_short_outage_of_the_database_costs_nothing(
    bench: Workbench, jobs: list[GuardedJob], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guards, "CHECK_EVERY", 0.02)
    outages: Iterator[NovelError] = iter([StorageError("away"), StorageError("away")])
    renewals: list[float] = []

    def renew(*given: object) -> object:
        for outage in outages:
            raise outage
        renewals.append(time.monotonic())
        return lifecycle.renew(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(guards, "renew", renew)
    with JobGuard(bench.database, LEASE) as guard, guard.of(jobs[0]):
        eventually(lambda: len(renewals) > 1)
    assert jobs[0].switch.error is None


def test_a_step_in_a_thread_is_interrupted_when_it_has_used_up_its_time(
    bench: Workbench, jobs: list[GuardedJob]
) -> None:
    job = guarded(jobs[0].claim, Steps(0.2))
    ended: list[BaseException] = []

    def parse() -> None:
        while True:
            try:
                sum(range(1000))
            except Exception:  # noqa: BLE001 - a parser that survives what it can catch
                continue

    def work() -> None:
        try:
            job.steps.run(Step("Reading", "https://toy.example/works/1/1"), parse)
        except PageTooSlow as error:
            ended.append(error)
        # Nothing comes later.
        job.steps.run(Step("Reading", "https://toy.example/works/1/2"), lambda: time.sleep(0.01))

    thread = threading.Thread(target=work)
    with JobGuard(bench.database, LEASE) as guard, guard.of(job):
        thread.start()
        thread.join(60)
    assert [type(error) for error in ended] == [PageTooSlow]
    assert job.switch.error is None


def test_a_crawl_whose_event_loop_stands_still_is_ended(
    bench: Workbench, jobs: list[GuardedJob]
) -> None:
    ended: list[tuple[NovelError, Step | None]] = []
    seen = threading.Event()

    def end(error: NovelError, step: Step | None) -> None:
        ended.append((error, step))
        seen.set()

    claim = replace(jobs[0].claim, lease=0.3)
    job = GuardedJob(claim, StopSwitch(), Steps(60), (), end)
    job.steps.beat = 1.0
    with JobGuard(bench.database, LEASE) as guard, guard.of(job):
        assert seen.wait(30)
    [(error, step)] = ended
    assert isinstance(error, PluginError)
    assert step is None
    assert job.is_stuck
