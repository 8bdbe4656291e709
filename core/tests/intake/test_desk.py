"""The desk: its examples are executed, and every way to a job owes the installation's webhook."""

from __future__ import annotations

import doctest
import logging
from collections.abc import Iterator
from dataclasses import replace
from types import ModuleType

import pytest
from sqlalchemy.orm import Session
from workbench import Workbench

from novel_core import intake
from novel_core.errors import UnknownJob, UnknownNovel
from novel_core.intake import Submission, adoptions, desk, removal, site_list, target
from novel_core.jobs.options import JobOptions
from novel_core.states import JobState
from novel_core.watches import watchlist

URL = "https://toy.example/works/1"
ENDED = "UPDATE jobs SET status = 'error', error_code = 'bug', finished_at = now()"


@pytest.fixture
def opened(bench: Workbench) -> Iterator[Session]:
    """A transaction that is rolled back."""
    with Session(bench.database, expire_on_commit=False) as opened:
        yield opened


def examples() -> Iterator[doctest.DocTest]:
    for module in (adoptions, desk, removal, site_list, target, watchlist):
        yield from (test for test in _found(module) if test.examples)


def _found(module: ModuleType) -> list[doctest.DocTest]:
    return doctest.DocTestFinder().find(module)


@pytest.mark.parametrize("example", list(examples()), ids=lambda example: example.name)
def test_the_examples_hold(bench: Workbench, opened: Session, example: doctest.DocTest) -> None:
    example.globs |= {
        "session": opened,
        "registry": bench.runtime.registry,
        "settings": bench.runtime.settings,
        "novel_id": bench.novel_id(URL),
        "replace": replace,
    }
    assert doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(example).failed == 0


def test_every_function_of_the_desk_has_an_example() -> None:
    documented = {example.name.rpartition(".")[2] for example in examples()}
    functions = {name for name in intake.__all__ if name[0].islower()}
    assert functions <= documented


def webhooks(bench: Workbench) -> list[tuple[int, str]]:
    return [
        (row[0], row[1])
        for row in bench.rows(
            "SELECT job_id, url FROM webhooks WHERE payload IS NULL ORDER BY created_at, url"
        )
    ]


@pytest.mark.parametrize("verb", ["submit", "refresh", "submit_import"])
def test_every_way_to_a_job_owes_the_default_webhook(bench: Workbench, verb: str) -> None:
    bench.write("DELETE FROM webhooks")
    runtime = bench.runtime
    found = intake.resolve(runtime.registry, URL)
    with Session(bench.database) as opened, opened.begin():
        match verb:
            case "submit":
                job = intake.submit(opened, runtime.settings, found, JobOptions())
            case "refresh":
                novel_id = bench.novel_id(URL)
                job = intake.refresh(opened, runtime.registry, runtime.settings, novel_id)
            case _:
                job = intake.submit_import(opened, runtime.settings, found)
    assert job == Submission(job.job_id, JobState.QUEUED, created=True)
    assert webhooks(bench) == [(job.job_id, "https://hooks.example/all")]


def test_a_submission_is_logged_once_it_is_committed(
    bench: Workbench, opened: Session, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="novel_core.jobs.events")
    found = intake.resolve(bench.runtime.registry, URL)
    intake.submit(opened, bench.runtime.settings, found, JobOptions())
    opened.rollback()
    assert caplog.messages == []
    bench.submit(URL)
    assert caplog.messages == ["queued: submitted"]


def test_an_open_job_is_met_with_its_status_and_takes_a_webhook(bench: Workbench) -> None:
    job_id = bench.submit(URL)
    bench.write(
        "UPDATE jobs SET status = 'crawling', lease_owner = 'x', lease_until = now() + interval '1 hour'"
        " WHERE id = :id",
        id=job_id,
    )
    found = intake.resolve(bench.runtime.registry, URL)
    with Session(bench.database) as opened, opened.begin():
        met = intake.submit(
            opened, bench.runtime.settings, found, JobOptions(), webhook="https://my.example/hook"
        )
    assert met == Submission(job_id, JobState.CRAWLING, created=False)
    assert (job_id, "https://my.example/hook") in webhooks(bench)


def test_a_retry_owes_the_webhooks_of_the_earlier_end_again(bench: Workbench) -> None:
    found = intake.resolve(bench.runtime.registry, URL)
    settings = bench.runtime.settings
    with Session(bench.database) as opened, opened.begin():
        job = intake.submit(
            opened, settings, found, JobOptions(), webhook="https://my.example/hook"
        )
    bench.write(f"{ENDED} WHERE id = :id", id=job.job_id)
    bench.write("UPDATE webhooks SET payload = '{}', due_at = NULL")
    with Session(bench.database) as opened, opened.begin():
        view = intake.retry(opened, settings, job.job_id)
    assert (view.id, view.status, view.error_code) == (job.job_id, "queued", None)
    assert sorted(url for _, url in webhooks(bench)) == [
        "https://hooks.example/all",
        "https://my.example/hook",
    ]


def test_what_is_not_there_is_named(bench: Workbench, opened: Session) -> None:
    runtime = bench.runtime
    with pytest.raises(UnknownNovel, match="novel 99"):
        intake.refresh(opened, runtime.registry, runtime.settings, 99)
    with pytest.raises(UnknownNovel, match="novel 99"):
        intake.watch(opened, 99)
    with pytest.raises(UnknownNovel, match="novel 99"):
        intake.remove(opened, 99)
    assert intake.unwatch(opened, 99) is None
    for job_id in (99, 0, 2**80):
        with pytest.raises(UnknownJob, match=f"job {job_id}"):
            intake.retry(opened, runtime.settings, job_id)
        with pytest.raises(UnknownJob, match=f"job {job_id}"):
            intake.cancel(opened, job_id)


def test_a_removal_cancels_the_job_that_waits(bench: Workbench) -> None:
    job_id = bench.submit(URL)
    with Session(bench.database) as opened, opened.begin():
        removed = intake.remove(opened, bench.novel_id(URL))
    assert (removed.title, removed.cancelled_job_id) == ("Work 1", job_id)
    assert bench.job(job_id).error_code == "cancelled"
