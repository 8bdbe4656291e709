"""Watched novels: how often they are looked at, in which order, and what one that fails does to the others."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import toysite
from polling import eventually
from sqlalchemy import func, select
from workbench import Workbench, quick_settings, registry_of

from novel_core import watches
from novel_core.db.engine import session
from novel_core.errors import UnknownNovel
from novel_core.intake import remove, resolve, submit
from novel_core.jobs.options import JobOptions
from novel_core.queue import watch_updates
from novel_core.queue.housekeeping import Housekeeper
from novel_core.runtime import Runtime, Servers
from novel_core.watches.interval import LONGEST, SHORTEST, UNKNOWN
from novel_core.webhooks import subscribe

HOUR, DAY = 3600.0, 86_400.0
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def url_of(number: int) -> str:
    return f"{toysite.ROOT}/works/{number}"


@pytest.fixture
def novel_id(bench: Workbench) -> int:
    """The only novel of the library."""
    assert bench.ingest(url_of(1)).status == "done"
    return bench.novel_id("toysite:1")


@pytest.fixture
def novels(bench: Workbench) -> list[int]:
    """Four novels of the library, by id."""
    for number in range(1, 5):
        assert bench.ingest(url_of(number)).status == "done"
    return [bench.novel_id(f"toysite:{number}") for number in range(1, 5)]


def watch(bench: Workbench, *novel_ids: int) -> None:
    with session(bench.database) as opened:
        for novel_id in novel_ids:
            assert watches.watch(opened, novel_id).is_new


def make_due(bench: Workbench, novel_id: int, *, interval: float, late: float = 1.0) -> None:
    bench.write(
        "UPDATE watches SET interval = :interval, due_at = now() - make_interval(secs => :late)"
        " WHERE novel_id = :id",
        interval=interval,
        late=late,
        id=novel_id,
    )


def submit_due(bench: Workbench, **options: Any) -> int:
    return watch_updates.submit_due(
        bench.database, bench.runtime.registry, bench.runtime.settings, **options
    )


def open_jobs(bench: Workbench) -> list[int]:
    """The novels of the jobs that wait, in the order of their submission."""
    return [
        row[0]
        for row in bench.rows("SELECT novel_id FROM jobs WHERE status = 'queued' ORDER BY id")
    ]


def publish(bench: Workbench, novel_id: int, *moments: datetime) -> None:
    """Let the novel's chapters have come at these times."""
    bench.write(
        "INSERT INTO chapters (novel_id, source_chapter_id, number, title, url, access, published_at)"
        " SELECT :id, 'x' || n, 100 + n, 't', 'u', 'free', moment"
        " FROM unnest(CAST(:moments AS timestamptz[])) WITH ORDINALITY AS given (moment, n)",
        id=novel_id,
        moments=list(moments),
    )


@pytest.mark.parametrize(
    ("gaps", "silence", "expected"),
    [
        ([], 0.0, UNKNOWN),
        ([DAY] * 9, 0.5 * DAY, DAY / 2),
        ([7 * DAY] * 9, DAY, 3.5 * DAY),
        ([DAY] * 6 + [60 * DAY] * 20, DAY, DAY / 2),  # what was long ago does not count
        ([60.0] * 9, 60.0, SHORTEST),
        ([0.0] * 9, 5 * DAY, DAY / 2),  # all uploaded together
        ([DAY] * 9, 30 * DAY, 3 * DAY),
        ([DAY] * 9, 3000 * DAY, LONGEST),
        ([90 * DAY] * 9, DAY, LONGEST),
    ],
)
def test_the_interval_follows_the_author(
    bench: Workbench, novel_id: int, gaps: list[float], silence: float, expected: float
) -> None:
    moments = []
    if gaps:
        moments = [NOW - timedelta(seconds=silence)]
        for gap in gaps:
            moments.append(moments[-1] - timedelta(seconds=gap))
    publish(bench, novel_id, *moments)
    with session(bench.database) as opened:
        assert watches.interval_of(opened, novel_id, now=NOW) == pytest.approx(expected)


def test_first_looks_are_spread_over_the_interval(bench: Workbench, novels: list[int]) -> None:
    with session(bench.database) as opened:
        for novel_id in novels:
            assert watches.watch(opened, novel_id, now=NOW).is_new
            assert not watches.watch(opened, novel_id, now=NOW + timedelta(days=1)).is_new
        views = watches.list_watches(opened)
    assert {view.novel_id for view in views} == set(novels)
    assert [view.due_at for view in views] == sorted({view.due_at for view in views})
    for view in views:
        assert timedelta() <= view.due_at - NOW <= timedelta(seconds=view.interval)
        assert (view.last_job_id, view.last_job_status) == (None, None)
    assert views[0].slug.startswith("work-")


def test_removing_a_watch_and_a_novel(bench: Workbench, novels: list[int]) -> None:
    watch(bench, *novels[:2])
    with session(bench.database) as opened:
        assert watches.unwatch(opened, novels[0])
        assert not watches.unwatch(opened, novels[0])
        remove(opened, novels[1])
    with session(bench.database) as opened:
        assert watches.list_watches(opened) == []
        with pytest.raises(UnknownNovel):
            watches.watch(opened, novels[1])


def test_a_due_novel_is_updated_through_the_queue(bench: Workbench, novels: list[int]) -> None:
    watch(bench, *novels[:2])
    make_due(bench, novels[0], interval=HOUR)
    bench.write(
        "UPDATE watches SET due_at = now() + interval '1 hour' WHERE novel_id = :id", id=novels[1]
    )
    assert submit_due(bench) == 1
    assert submit_due(bench) == 0
    [row] = bench.rows("SELECT id, url, options FROM jobs WHERE status = 'queued'")
    assert row.url == url_of(1)
    assert row.options == JobOptions(recheck=5, rotate=5).model_dump()
    planned = bench.rows(
        "SELECT last_job_id, interval, extract(epoch FROM due_at - now()) AS wait"
        " FROM watches WHERE novel_id = :id",
        id=novels[0],
    )[0]
    assert planned.last_job_id == row.id
    assert planned.interval == UNKNOWN  # the toy source tells no dates
    assert 0.89 * UNKNOWN < float(planned.wait) <= 1.1 * UNKNOWN
    bench.run(row.id)
    with session(bench.database) as opened:
        view = next(v for v in watches.list_watches(opened) if v.novel_id == novels[0])
    assert (view.last_job_id, view.last_job_status) == (row.id, "done")


def test_the_most_active_come_first_and_few_at_once(bench: Workbench, novels: list[int]) -> None:
    watch(bench, *novels)
    for novel_id, interval in zip(novels, (5 * DAY, HOUR, 2 * DAY, DAY), strict=True):
        make_due(bench, novel_id, interval=interval)
    assert submit_due(bench, limit=1) == 1
    assert open_jobs(bench) == [novels[1]]
    assert submit_due(bench, limit=2) == 2
    assert open_jobs(bench) == [novels[1], novels[3], novels[2]]


def test_a_quiet_novel_is_not_starved(bench: Workbench, novels: list[int]) -> None:
    watch(bench, *novels[:2])
    make_due(bench, novels[0], interval=HOUR)
    make_due(bench, novels[1], interval=5 * DAY, late=6 * DAY)
    assert submit_due(bench, limit=1) == 1
    assert open_jobs(bench) == [novels[1]]


def test_open_updates_are_limited(bench: Workbench, novels: list[int]) -> None:
    few = quick_settings(watch_open_jobs=2)
    watch(bench, *novels)
    for novel_id in novels:
        make_due(bench, novel_id, interval=HOUR)
    registry = bench.runtime.registry
    assert watch_updates.submit_due(bench.database, registry, few) == 2
    assert watch_updates.submit_due(bench.database, registry, few) == 0
    bench.run(bench.value("SELECT min(id) FROM jobs WHERE status = 'queued'"))
    assert watch_updates.submit_due(bench.database, registry, few) == 1


def test_updates_that_wait_for_a_site_do_not_count(bench: Workbench, novels: list[int]) -> None:
    few = quick_settings(watch_open_jobs=2)
    watch(bench, *novels)
    for novel_id in novels:
        make_due(bench, novel_id, interval=HOUR)
    registry = bench.runtime.registry
    assert watch_updates.submit_due(bench.database, registry, few) == 2
    bench.write("UPDATE jobs SET run_after = now() + interval '1 hour' WHERE status = 'queued'")
    assert watch_updates.submit_due(bench.database, registry, few) == 2


def test_one_process_submits_at_a_time(bench: Workbench, novels: list[int]) -> None:
    watch(bench, novels[0])
    make_due(bench, novels[0], interval=HOUR)
    with session(bench.database) as other:
        other.execute(select(func.pg_advisory_xact_lock(watch_updates.PASS_LOCK)))
        assert submit_due(bench) == 0
    assert submit_due(bench) == 1


def test_many_processes_submit_each_update_once(bench: Workbench, novels: list[int]) -> None:
    watch(bench, *novels)
    for novel_id in novels:
        make_due(bench, novel_id, interval=HOUR)
    together = threading.Barrier(4)
    counts: list[int] = []

    def run() -> None:
        together.wait()
        counts.append(submit_due(bench))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == 4
    assert sorted(open_jobs(bench)) == sorted(novels)


def test_a_novel_without_its_source_does_not_stop_the_others(
    bench: Workbench, novels: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    watch(bench, *novels[:2])
    bench.write(
        "UPDATE novels SET url = 'https://gone.example/1', source = 'gone' WHERE id = :id",
        id=novels[0],
    )
    make_due(bench, novels[0], interval=HOUR)
    make_due(bench, novels[1], interval=DAY)
    assert submit_due(bench) == 1
    assert open_jobs(bench) == [novels[1]]
    assert f"watched novel {novels[0]} is postponed" in caplog.text
    assert "gone.example" in caplog.text
    assert bench.value("SELECT count(*) FROM watches WHERE due_at > now()") == 2


def test_an_update_joins_the_job_that_is_open(bench: Workbench, novels: list[int]) -> None:
    watch(bench, novels[0])
    make_due(bench, novels[0], interval=HOUR)
    job_id = bench.submit(url_of(1), recheck=1)
    assert submit_due(bench) == 1
    assert bench.value("SELECT last_job_id FROM watches") == job_id
    assert bench.value("SELECT options ->> 'recheck' FROM jobs WHERE id = :id", id=job_id) == "5"


def test_an_update_that_failed_is_taken_up_again(bench: Workbench, novels: list[int]) -> None:
    watch(bench, novels[0])
    make_due(bench, novels[0], interval=HOUR)
    assert submit_due(bench) == 1
    job_id = bench.value("SELECT last_job_id FROM watches")
    bench.write("UPDATE jobs SET status = 'error', finished_at = now() WHERE id = :id", id=job_id)
    make_due(bench, novels[0], interval=HOUR)
    assert submit_due(bench) == 1
    assert open_jobs(bench) == [novels[0]]


def test_the_installations_webhook_is_told_of_updates(bench: Workbench, novels: list[int]) -> None:
    watch(bench, novels[0])
    make_due(bench, novels[0], interval=HOUR)
    told = quick_settings(webhook_secret="s", webhook_url="https://hooks.example/")
    assert watch_updates.submit_due(bench.database, bench.runtime.registry, told) == 1
    [row] = bench.rows("SELECT url, job_id FROM webhooks")
    assert row.url == "https://hooks.example/"
    assert row.job_id == bench.value("SELECT last_job_id FROM watches")


def test_the_housekeeper_submits_updates_and_delivers_webhooks(
    bench: Workbench, novels: list[int], redis_url: str, receiver: Any
) -> None:
    settings = bench.runtime.settings.model_copy(update={"webhook_url": receiver.url})
    runtime = Runtime(settings, registry_of("toysite"), bench.database, Servers("", redis_url))
    watch(bench, novels[0])
    make_due(bench, novels[0], interval=HOUR)
    housekeeper = Housekeeper(runtime)
    thread = threading.Thread(target=housekeeper.run)
    thread.start()
    try:
        pushed = "SELECT count(*) FROM jobs WHERE status = 'queued' AND enqueued_at IS NOT NULL"
        eventually(lambda: bench.value(pushed) == 1)
        bench.run(bench.value("SELECT last_job_id FROM watches"))
        eventually(lambda: receiver.received)
        eventually(
            lambda: bench.value(
                "SELECT count(*) FROM webhooks WHERE delivered_at > now() - interval '1 min'"
            )
        )
    finally:
        housekeeper.stop()
        thread.join(30)
    assert not thread.is_alive()


def test_a_slow_receiver_does_not_hold_up_the_queue(
    bench: Workbench, redis_url: str, receiver: Any
) -> None:
    runtime = Runtime(
        bench.runtime.settings, registry_of("toysite"), bench.database, Servers("", redis_url)
    )
    receiver.hold()
    with session(bench.database) as opened:
        first = submit(
            opened, runtime.settings, resolve(runtime.registry, url_of(1)), JobOptions()
        ).job_id
        subscribe(opened, runtime.settings, first, receiver.url)
    bench.write("UPDATE jobs SET status = 'done', finished_at = now()")
    housekeeper = Housekeeper(runtime)
    thread = threading.Thread(target=housekeeper.run)
    thread.start()
    try:
        eventually(lambda: receiver.received)
        second = bench.submit(url_of(2))
        housekeeper.wake()
        sent = "SELECT enqueued_at IS NOT NULL FROM jobs WHERE id = :id"
        eventually(lambda: bench.value(sent, id=second))
        assert bench.value("SELECT count(*) FROM webhooks WHERE delivered_at IS NOT NULL") == 0
        receiver.release()
    finally:
        housekeeper.stop()
        thread.join(30)
    assert not thread.is_alive()
