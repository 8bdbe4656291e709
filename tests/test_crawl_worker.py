"""Jobs that make trouble in a worker process that runs many: the others are done, and none pays for another."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import psutil
import pytest
import toysite
import troublesite
from polling import eventually
from rq import Worker
from sqlalchemy import Engine, text
from toysite import ToyChapter, ToySite, ToyWork
from workbench import Workbench, quick_settings, registry_of
from working import WorkerProcess, running_worker, service_environment

from novel_core.jobs.views import JobView
from novel_core.lookalike import ThreadedServer
from novel_core.queue.connection import connect
from novel_core.queue.dispatch import dispatch
from novel_core.runtime import Runtime, Servers
from novel_core.states import TERMINAL, JobState

CHAPTERS = 5
CRAWLS = 4
MEBIBYTE = 2**20


def work(name: str) -> ToyWork:
    chapters = [
        ToyChapter(str(number), f"Chapter {number}", [f"<p>Text {number} of {name}.</p>"])
        for number in range(1, CHAPTERS + 1)
    ]
    return ToyWork(name, f"The work {name}", ["Ada Fern"], chapters)


class Desk:
    """Submits works by name, and looks at what becomes of them."""

    def __init__(self, bench: Workbench, redis_url: str) -> None:
        self.bench = bench
        self.redis = connect(redis_url)

    def submit(self, *names: str) -> list[int]:
        jobs = [self.bench.submit(f"{toysite.ROOT}/works/{name}") for name in names]
        dispatch(self.bench.database, self.redis, job_timeout=3600)
        return jobs

    def ends(self, job_id: int, timeout: float = 90.0) -> JobView:
        eventually(lambda: self.bench.job(job_id).status in TERMINAL, timeout)
        return self.bench.job(job_id)

    def all_done(self, jobs: list[int]) -> None:
        for job_id in jobs:
            job = self.ends(job_id)
            assert (job.status, job.chapters["new"]) == (JobState.DONE, CHAPTERS), job
        charged = "SELECT count(*) FROM jobs WHERE failures > 0 AND id = ANY(:jobs)"
        with self.bench.database.connect() as connection:
            assert connection.execute(text(charged), {"jobs": jobs}).scalar_one() == 0


@pytest.fixture
def site() -> ToySite:
    return ToySite()


@pytest.fixture
def desk(site: ToySite, database: Engine, redis_url: str) -> Iterator[Desk]:
    with ThreadedServer(site.app) as served:
        settings = quick_settings(host_map={toysite.HOST: served.url})
        runtime = Runtime(settings, registry_of("toysite"), database, Servers("", None))
        yield Desk(Workbench(runtime), redis_url)


Start = Callable[..., AbstractContextManager[WorkerProcess]]


@pytest.fixture
def start(desk: Desk, database_url: str, redis_url: str, tmp_path: Path) -> Start:
    """Start a worker with the troublesome source and these settings."""
    places = troublesite.install(tmp_path)

    def started(**settings: str) -> AbstractContextManager[WorkerProcess]:
        environment = service_environment(
            DATABASE_URL=database_url,
            REDIS_URL=redis_url,
            PYTHONPATH=places,
            NOVEL_HOST_MAP=f"{toysite.HOST}={desk.bench.runtime.settings.host_map[toysite.HOST]}",
            NOVEL_SOURCES__TOYSITE__REQUESTS_PER_SECOND="0",
            NOVEL_JOB_BACKOFF="0.2",
            **settings,
        )
        return running_worker(environment, tmp_path, crawls=CRAWLS)

    return started


@pytest.fixture
def submit(site: ToySite, desk: Desk) -> Callable[..., list[int]]:
    def submitted(*names: str) -> list[int]:
        site.works |= {name: work(name) for name in names}
        return desk.submit(*names)

    return submitted


Submit = Callable[..., list[int]]


def said(worker: WorkerProcess) -> str:
    return worker.log.read_text(errors="replace")


def test_a_loop_in_a_parser_is_interrupted_and_costs_one_chapter(
    desk: Desk, start: Start, submit: Submit
) -> None:
    with start(NOVEL_PAGE_TIMEOUT="2") as worker:
        [crawler] = worker.crawlers
        looping, *others = submit("loop1", "fine1", "fine2", "fine3")
        desk.all_done(others)
        job = desk.ends(looping)
        assert (job.chapters["new"], job.chapters["failed"]) == (CHAPTERS - 1, 1)
        assert crawler.is_running()


def test_a_parser_that_cannot_be_interrupted_costs_its_page_and_a_restart(
    desk: Desk, start: Start, submit: Submit
) -> None:
    with start(NOVEL_PAGE_TIMEOUT="2") as worker:
        [crawler] = worker.crawlers
        deaf, *others = submit("deaf1", "fine1", "fine2")
        desk.all_done(others)
        # By the clock it may take five times its time; then the process ends, and the next one skips the page.
        job = desk.ends(deaf)
        assert (job.status, job.chapters["failed"]) == (JobState.DONE, 1)
        assert not psutil.pid_exists(crawler.pid)
        eventually(lambda: bool(worker.crawlers))
        desk.all_done(submit("fine9"))


def test_code_that_holds_the_interpreter_dies_alone_until_its_page_is_skipped(
    desk: Desk, start: Start, submit: Submit
) -> None:
    with start(NOVEL_LEASE="3", NOVEL_PAGE_TIMEOUT="2"):
        held, *others = submit("held1", "fine1", "fine2", "fine3")
        desk.all_done(others)
        job = desk.ends(held, timeout=180)
        assert (job.status, job.chapters["failed"]) == (JobState.DONE, 1), job
        assert desk.bench.value("SELECT max(failures) FROM jobs") == 2


def test_a_spider_that_blocks_its_event_loop_ends_its_job_only(
    desk: Desk, start: Start, submit: Submit
) -> None:
    with start(NOVEL_LEASE="3"):
        blocked, *others = submit("blocked1", "fine1", "fine2")
        desk.all_done(others)
        job = desk.ends(blocked)
        assert (job.status, job.error_code) == (JobState.ERROR, "plugin_error")
        desk.all_done(submit("fine9"))


def test_a_job_that_eats_memory_ends_alone_with_advice(
    desk: Desk, start: Start, submit: Submit
) -> None:
    limits = {
        "NOVEL_PROCESS_MEMORY": str(300 * MEBIBYTE),
        "NOVEL_JOB_MEMORY": str(350 * MEBIBYTE),
    }
    with start(**limits) as worker:
        eater, *others = submit("eater1", "fine1", "fine2")
        desk.all_done(others)
        job = desk.ends(eater, timeout=120)
        assert (job.status, job.error_code) == (JobState.ERROR, "out_of_memory"), said(worker)
        assert job.error_message is not None
        assert "350 MiB are allowed" in job.error_message
        assert "NOVEL_JOB_MEMORY" in (job.error_hint or "")
        assert "It hands its jobs back and is started again" in said(worker)
        desk.all_done(submit("fine9"))


def test_a_frozen_process_that_wakes_up_goes_on_or_finds_its_jobs_taken(
    desk: Desk, start: Start, submit: Submit, site: ToySite
) -> None:
    with start(NOVEL_LEASE="2") as worker:
        [crawler] = worker.crawlers
        frozen: list[int] = []

        def freeze(_chapter: str) -> None:
            if not frozen:
                frozen.append(crawler.pid)
                crawler.suspend()

        site.on_chapter.append(freeze)
        jobs = submit("fine1", "fine2", "fine3")
        eventually(lambda: bool(frozen))
        # Released at nobody's charge, but for a job whose row the frozen process has locked.
        released = "SELECT count(*) FROM jobs WHERE status = 'queued' OR attempt > 1"
        eventually(lambda: desk.bench.value(released))
        crawler.send_signal(signal.SIGCONT)
        desk.all_done(jobs)
        # Each ran alone once: none was pushed again while its process started.
        assert "skipped" not in said(worker)


def test_slots_are_shown_again_after_redis_has_forgotten_them(
    desk: Desk, start: Start, submit: Submit
) -> None:
    with start():
        desk.redis.flushall()
        eventually(lambda: Worker.count(connection=desk.redis) == CRAWLS)
        names = {each.name for each in Worker.all(connection=desk.redis)}
        assert len(names) == CRAWLS
        desk.all_done(submit("fine1"))
