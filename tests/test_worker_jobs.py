"""Real workers over the look-alike: jobs done, handed back, retried, cancelled; workers and servers that die."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from polling import eventually
from rq import Queue, Worker
from rq.registry import FailedJobRegistry
from rq.suspension import suspend
from sqlalchemy import Engine, text
from workbench import quick_settings
from working import WorkerProcess, running_worker, service_environment

from novel_core.db.engine import session
from novel_core.intake import resolve, submit
from novel_core.jobs import unclaimed
from novel_core.jobs.options import JobOptions
from novel_core.jobs.views import JobView, get_job, list_events
from novel_core.queue.connection import connect
from novel_core.queue.dispatch import dispatch
from novel_core.queue.names import QUEUE
from novel_core.registry import load_registry
from novel_royalroad_lookalike import ChapterFault, Fiction, Library, LookalikeServer

CHAPTERS = 30
CONCURRENCY = 4


@pytest.fixture
def site() -> Iterator[LookalikeServer]:
    fictions = [Fiction.generate(number, chapters=CHAPTERS) for number in (1, 2, 3)]
    with LookalikeServer(Library(fictions)) as served:
        yield served


@pytest.fixture
def environment(site: LookalikeServer, database_url: str, redis_url: str) -> dict[str, str]:
    return service_environment(
        DATABASE_URL=database_url,
        REDIS_URL=redis_url,
        NOVEL_HOST_MAP=site.host_map,
        NOVEL_SOURCES__ROYALROAD__REQUESTS_PER_SECOND="0",
        NOVEL_SOURCES__ROYALROAD__CONCURRENCY=str(CONCURRENCY),
        NOVEL_RETRY_BACKOFF="0.01",
        NOVEL_RETRY_TIMES="1",
        NOVEL_JOB_BACKOFF="0.2",
        NOVEL_HTTP_TIMEOUT="5",
    )


class Desk:
    """Submits, and looks at what becomes of it."""

    def __init__(self, database: Engine, redis_url: str) -> None:
        self.database = database
        self.redis = connect(redis_url)
        self._registry = load_registry()

    def submit(self, fiction: int = 1, **options: Any) -> int:
        url = f"https://www.royalroad.com/fiction/{fiction}"
        with session(self.database) as opened:
            job = submit(
                opened, quick_settings(), resolve(self._registry, url), JobOptions(**options)
            )
        dispatch(self.database, self.redis, job_timeout=3600)
        return job.job_id

    def job(self, job_id: int) -> JobView:
        with session(self.database) as opened:
            return get_job(opened, job_id)

    def ends(self, job_id: int, status: str = "done", timeout: float = 60.0) -> JobView:
        eventually(lambda: self.job(job_id).status in ("done", "error"), timeout)
        job = self.job(job_id)
        assert job.status == status, job
        return job

    def story(self, job_id: int) -> list[str]:
        with session(self.database) as opened:
            return [event.message for event in list_events(opened, job_id)]

    def value(self, statement: str) -> Any:
        with self.database.connect() as connection:
            return connection.execute(text(statement)).scalar_one()


@pytest.fixture
def desk(database: Engine, redis_url: str) -> Desk:
    return Desk(database, redis_url)


@pytest.fixture
def worker(environment: dict[str, str], tmp_path: Path) -> Iterator[WorkerProcess]:
    with running_worker(environment, tmp_path) as running:
        yield running


def chapters_asked(site: LookalikeServer) -> Counter[str]:
    return Counter(path for path in site.paths() if "/chapter/" in path)


def test_a_queued_job_is_done_by_a_worker(
    desk: Desk, worker: WorkerProcess, site: LookalikeServer
) -> None:
    job = desk.ends(desk.submit())
    assert job.chapters["new"] == CHAPTERS
    assert desk.value("SELECT count(*) FROM chapter_texts") == CHAPTERS
    assert set(chapters_asked(site).values()) == {1}
    queue = Queue(QUEUE, connection=desk.redis)
    eventually(lambda: queue.finished_job_registry.get_job_ids() == [f"{job.id}-1"])
    assert len(queue) == 0


def test_a_final_error_is_shown_by_rq_too_and_is_not_tried_again(
    desk: Desk, worker: WorkerProcess
) -> None:
    job = desk.ends(desk.submit(99), "error")
    assert (job.error_code, job.attempt) == ("not_found", 1)
    failed = FailedJobRegistry(QUEUE, connection=desk.redis)
    eventually(lambda: failed.get_job_ids() == [f"{job.id}-1"])
    said = worker.log.read_text()
    assert "WARNING novel_core.jobs.events error: Royal Road has no such page" in said
    assert ": not_found [job" in said
    assert "Traceback" not in said


def test_a_failure_that_time_heals_is_tried_again(
    desk: Desk, worker: WorkerProcess, site: LookalikeServer
) -> None:
    site.switches.unavailable = 2  # the index, and its only repetition
    job = desk.ends(desk.submit())
    assert job.attempt > 1
    assert any("Next attempt in" in line for line in desk.story(job.id))
    assert job.error_message is None


def test_sigterm_hands_the_job_back_uncharged_and_nothing_is_fetched_twice(
    desk: Desk,
    environment: dict[str, str],
    tmp_path: Path,
    site: LookalikeServer,
) -> None:
    site.switches.latency = 0.2
    with running_worker(environment, tmp_path) as worker:
        job_id = desk.submit()
        eventually(lambda: len(chapters_asked(site)) > 6)
        assert worker.stop() == 0
    assert desk.job(job_id).status == "queued"
    assert desk.value("SELECT failures FROM jobs") == 0
    assert len(chapters_asked(site)) < CHAPTERS
    with running_worker(environment, tmp_path):
        desk.ends(job_id)
    assert set(chapters_asked(site).values()) == {1}


def test_a_cancelled_job_stops_and_can_be_taken_up_again(
    desk: Desk, worker: WorkerProcess, site: LookalikeServer
) -> None:
    site.switches.latency = 0.3
    job_id = desk.submit()
    eventually(lambda: len(chapters_asked(site)) > 2)
    with session(desk.database) as opened:
        unclaimed.cancel(opened, job_id)
    job = desk.ends(job_id, "error", timeout=10)
    assert job.error_code == "cancelled"
    seen = len(site.requests)
    assert seen < CHAPTERS
    with session(desk.database) as opened:
        unclaimed.retry(opened, job_id)
    site.switches.latency = 0.0
    desk.ends(job_id)
    assert set(chapters_asked(site).values()) == {1}


def test_a_submission_withdraws_a_cancellation_under_way(
    desk: Desk, worker: WorkerProcess, site: LookalikeServer
) -> None:
    site.switches.latency = 0.3
    job_id = desk.submit()
    eventually(lambda: len(chapters_asked(site)) > 2)
    with session(desk.database) as opened:
        unclaimed.cancel(opened, job_id)
    assert desk.submit() == job_id
    site.switches.latency = 0.0
    desk.ends(job_id)
    assert set(chapters_asked(site).values()) == {1}


def test_the_death_of_a_crawl_process_is_charged_to_none_of_its_jobs(
    desk: Desk, worker: WorkerProcess, site: LookalikeServer
) -> None:
    site.switches.latency = 0.2
    jobs = [desk.submit(number) for number in (1, 2, 3)]
    running = "SELECT count(*) FROM jobs WHERE status = 'crawling'"
    eventually(lambda: desk.value(running) == len(jobs) and len(chapters_asked(site)) > 6)
    (crawler,) = worker.crawlers
    crawler.kill()
    # Each may have been the cause, so each goes on in a process of its own.
    eventually(lambda: bool(worker.alone))
    site.switches.latency = 0.0
    for job_id in jobs:
        assert desk.ends(job_id).attempt == 2
        assert "its process died" in desk.story(job_id)
    assert desk.value("SELECT sum(failures) FROM jobs") == 0
    assert sum(times - 1 for times in chapters_asked(site).values()) <= 3 * CONCURRENCY


def test_a_death_alone_is_charged_to_the_job(
    desk: Desk, worker: WorkerProcess, site: LookalikeServer
) -> None:
    site.switches.latency = 0.3
    job_id = desk.submit()
    eventually(lambda: len(chapters_asked(site)) > 2)
    worker.crawlers[0].kill()
    eventually(lambda: bool(worker.alone))
    eventually(lambda: desk.job(job_id).attempt == 2)
    worker.alone[0].kill()
    eventually(lambda: desk.value("SELECT failures FROM jobs") == 1)
    site.switches.latency = 0.0
    assert desk.ends(job_id).attempt == 3


def test_a_killed_worker_takes_a_job_that_runs_alone_with_it(
    desk: Desk, worker: WorkerProcess, site: LookalikeServer
) -> None:
    site.switches.latency = 0.3
    job_id = desk.submit()
    eventually(lambda: len(chapters_asked(site)) > 2)
    worker.crawlers[0].kill()
    eventually(lambda: bool(worker.alone))
    (alone,) = worker.alone
    eventually(lambda: desk.job(job_id).attempt == 2)
    os.kill(alone.ppid(), signal.SIGKILL)
    eventually(lambda: not psutil.pid_exists(alone.pid))
    desk.ends(job_id)
    assert desk.value("SELECT failures FROM jobs") == 0


def test_a_crawl_process_runs_many_jobs_and_rq_shows_each(
    desk: Desk, environment: dict[str, str], tmp_path: Path, site: LookalikeServer
) -> None:
    site.switches.latency = 0.2
    # One of the slots is kept free for other sites.
    with running_worker(environment, tmp_path, crawls=4) as worker:
        jobs = [desk.submit(number) for number in (1, 2, 3)]
        eventually(
            lambda: (
                {each.get_current_job_id() for each in Worker.all(connection=desk.redis)}
                == {f"{job_id}-1" for job_id in jobs} | {None}
            )
        )
        assert len(worker.crawlers) == 1
        site.switches.latency = 0.0
        for job_id in jobs:
            desk.ends(job_id)
        suspend(desk.redis)
        eventually(
            lambda: (
                {each.get_state() for each in Worker.all(connection=desk.redis)} == {"suspended"}
            )
        )
        held = desk.submit()
        assert worker.stop() == 0
    assert desk.job(held).attempt == 0
    assert Worker.count(connection=desk.redis) == 0


def test_jobs_that_redis_has_forgotten_are_pushed_again(
    desk: Desk, environment: dict[str, str], tmp_path: Path
) -> None:
    jobs = [desk.submit(number) for number in (1, 2, 3)]
    desk.redis.flushall()
    with desk.database.begin() as connection:  # as if it had happened a while ago
        connection.execute(text("UPDATE jobs SET enqueued_at = now() - interval '1 minute'"))
    with running_worker(environment, tmp_path, processes=2):
        for job_id in jobs:
            desk.ends(job_id)
    assert desk.value("SELECT dispatch_no FROM jobs ORDER BY id LIMIT 1") == 2


def test_a_deadline_hands_back_what_is_missing(
    desk: Desk, worker: WorkerProcess, site: LookalikeServer
) -> None:
    site.switches.latency = 2.5
    job_id = desk.submit(timeout=10)
    eventually(lambda: desk.job(job_id).attempt == 2)
    site.switches.latency = 0.0
    job = desk.ends(job_id)
    assert any("not done within 10 seconds" in line for line in desk.story(job.id))
    assert desk.value("SELECT failures FROM jobs") == 0
    assert set(chapters_asked(site).values()) == {1}


def test_a_job_that_ended_with_gaps_is_retried_for_the_gaps_only(
    desk: Desk, worker: WorkerProcess, site: LookalikeServer
) -> None:
    chapter = site.library.fictions[1].chapters[3].id
    site.switches.faults[f"chapter:{chapter}"] = ChapterFault.ERROR_500
    job = desk.ends(desk.submit())
    assert job.chapters["failed"] == 1
    site.switches.faults.clear()
    site.clear()
    with session(desk.database) as opened:
        unclaimed.retry(opened, job.id)
    eventually(lambda: desk.job(job.id).chapters.get("failed") == 0)
    assert len(chapters_asked(site)) == 1


def test_redis_may_restart_empty_while_a_job_runs(
    desk: Desk, worker: WorkerProcess, site: LookalikeServer
) -> None:
    site.switches.latency = 0.1
    job_id = desk.submit()
    eventually(lambda: len(chapters_asked(site)) > 3)
    desk.redis.flushall()
    desk.ends(job_id)
    assert set(chapters_asked(site).values()) == {1}
