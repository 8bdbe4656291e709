"""The turn of a job in its rate group: people before schedules, updates before first crawls, then the oldest."""

from __future__ import annotations

from dataclasses import replace

import pytest
import toysite
from workbench import Workbench

from novel_core.db.engine import session
from novel_core.intake import cancel, refresh, resolve, retry, submit
from novel_core.jobs.options import JobOptions
from novel_core.jobs.turn import PERSON, UPDATE
from novel_core.queue.admission import admit
from novel_core.settings import SourceOverride


def url_of(number: int) -> str:
    return f"{toysite.ROOT}/works/{number}"


def ask(bench: Workbench, number: int, *, scheduled: bool = False) -> int:
    with session(bench.database) as opened:
        target = resolve(bench.runtime.registry, url_of(number))
        settings = bench.runtime.settings
        return submit(opened, settings, target, JobOptions(), scheduled=scheduled).job_id


def head_start(bench: Workbench, job_id: int) -> float:
    """Seconds from its turn to its submission."""
    statement = "SELECT extract(epoch FROM created_at - turn_at) FROM jobs WHERE id = :id"
    return float(bench.value(statement, id=job_id))


@pytest.mark.parametrize(
    ("number", "scheduled", "expected"),
    [
        (1, False, PERSON + UPDATE),
        (2, False, PERSON),
        (1, True, UPDATE),
        (2, True, 0.0),
    ],
)
def test_the_head_start_of_a_request(
    bench: Workbench, number: int, *, scheduled: bool, expected: float
) -> None:
    assert head_start(bench, ask(bench, number, scheduled=scheduled)) == expected


def test_the_order_of_a_group_and_that_nothing_starves(bench: Workbench) -> None:
    jobs = {
        "first crawl, scheduled": ask(bench, 3, scheduled=True),
        "first crawl": ask(bench, 2),
        "update": ask(bench, 1),
        "scheduled long ago": ask(bench, 4, scheduled=True),
    }
    bench.write(
        "UPDATE jobs SET turn_at = turn_at - make_interval(secs => :it) WHERE id = :id",
        it=PERSON + UPDATE + 1,
        id=jobs["scheduled long ago"],
    )
    names = {job_id: name for name, job_id in jobs.items()}
    assert [names[job.id] for job in admit(bench.database, 99)] == [
        "scheduled long ago",
        "update",
        "first crawl",
        "first crawl, scheduled",
    ]


def test_a_person_who_joins_a_waiting_update_brings_it_forward(bench: Workbench) -> None:
    novel = bench.novel_id("toysite:1")
    settings, registry = bench.runtime.settings, bench.runtime.registry
    with session(bench.database) as opened:
        job_id = refresh(opened, registry, settings, novel, scheduled=True).job_id
    assert head_start(bench, job_id) == UPDATE
    assert ask(bench, 1) == job_id
    sooner = head_start(bench, job_id)
    # Of the second request, which came a moment later than the job.
    assert UPDATE < sooner <= PERSON + UPDATE
    with session(bench.database) as opened:
        assert refresh(opened, registry, settings, novel, scheduled=True).job_id == job_id
    assert head_start(bench, job_id) == sooner


def test_a_job_that_is_opened_again_does_not_go_before_those_that_wait(bench: Workbench) -> None:
    job_id = ask(bench, 2)
    bench.write(
        "UPDATE jobs SET created_at = created_at - interval '2 days', turn_at = turn_at - interval '2 days'"
    )
    with session(bench.database) as opened:
        cancel(opened, job_id)
    waiting = ask(bench, 3)
    with session(bench.database) as opened:
        retry(opened, bench.runtime.settings, job_id)
    assert [job.id for job in admit(bench.database, 99)] == [waiting, job_id]


@pytest.mark.parametrize("rate", [2.5, 0.0])
def test_a_job_knows_its_rate_group(bench: Workbench, rate: float) -> None:
    override = SourceOverride(requests_per_second=rate)
    settings = bench.runtime.settings.model_copy(update={"sources": {"toysite": override}})
    with session(bench.database) as opened:
        target = resolve(bench.runtime.registry, url_of(2))
        job_id = submit(opened, settings, target, JobOptions()).job_id
    [row] = bench.rows("SELECT rate_group, rate FROM jobs WHERE id = :id", id=job_id)
    assert tuple(row) == (toysite.HOST, rate)


def test_the_rate_group_that_a_source_names(bench: Workbench) -> None:
    target = resolve(bench.runtime.registry, url_of(2))
    pace = replace(target.info.politeness, rate_group="toys")
    target = replace(target, info=replace(target.info, politeness=pace))
    with session(bench.database) as opened:
        job_id = submit(opened, bench.runtime.settings, target, JobOptions()).job_id
    assert bench.value("SELECT rate_group FROM jobs WHERE id = :id", id=job_id) == "toys"
