"""What a queue adds to a job: enqueue to done for a one-chapter novel, beside a no-op job and beside a subprocess.

All in one run, on one machine: the same RQ worker runs the no-op and the novels. Beside it stands a job of the usual form: an RQ worker
whose job starts Scrapy as a subprocess, which fetches robots.txt and the same two pages (no cover) and saves them in PostgreSQL by an item
pipeline; and that subprocess alone, without queue and database. Claims: at most 150 ms over the no-op, at least 8 times faster
than the subprocess, at most 60 MB (PSS) for each of eight busy workers.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import scrapy_job
import scrapy_pipeline
from common import site
from queued import process, served_by, servers, stock_workers, wait_for, workers
from redis import Redis
from rq import Queue
from sqlalchemy import Engine, text

from novel_core.db.engine import open_database, session
from novel_core.intake import resolve, submit
from novel_core.jobs.options import JobOptions
from novel_core.queue.dispatch import dispatch
from novel_core.queue.names import QUEUE
from novel_core.registry import Registry, load_registry
from novel_core.settings import Settings, SourceOverride

TIMES = 20
MANY = 60
BUSY = 8
FICTIONS = 3 * (TIMES + 1) + 2 * MANY + BUSY


class Bench:
    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.database: Engine = open_database(environment["DATABASE_URL"])
        self.redis = Redis.from_url(environment["REDIS_URL"])
        self._registry: Registry = load_registry()
        no_limit = SourceOverride(requests_per_second=0)
        self._settings = Settings(sources={"royalroad": no_limit})
        self._next = 0

    def submit(self, count: int = 1) -> list[int]:
        jobs = []
        for _ in range(count):
            self._next += 1
            url = f"https://www.royalroad.com/fiction/{self._next}"
            with session(self.database) as opened:
                job = submit(opened, self._settings, resolve(self._registry, url), JobOptions())
            jobs.append(job.job_id)
        dispatch(self.database, self.redis, job_timeout=3600)
        return jobs

    def are_done(self, jobs: list[int]) -> bool:
        query = text("SELECT count(*) FROM jobs WHERE status = 'done' AND id = ANY(:jobs)")
        with self.database.connect() as connection:
            return int(connection.execute(query, {"jobs": jobs}).scalar_one()) == len(jobs)

    def novel(self) -> None:
        jobs = self.submit()
        wait_for(lambda: self.are_done(jobs))

    def noop(self) -> None:
        job = Queue(QUEUE, connection=self.redis).enqueue_call("os.getpid")
        wait_for(lambda: job.get_status() == "finished")


def timed(action: Callable[[], Any]) -> list[float]:
    """Milliseconds of each run, the first left out."""
    taken = []
    for _ in range(TIMES + 1):
        started = time.perf_counter()
        action()
        taken.append((time.perf_counter() - started) * 1000)
    return taken[1:]


def in_subprocess(bench: Bench, url: str) -> list[float]:
    """Milliseconds of each job of a worker that starts a subprocess for it."""
    engine = scrapy_pipeline.open_engine(bench.environment["DATABASE_URL"])
    scrapy_pipeline.Base.metadata.create_all(engine)
    queue = Queue(scrapy_job.QUEUE, connection=bench.redis)
    environment = bench.environment | {"PYTHONPATH": str(Path(__file__).parent)}
    command = (
        "-m",
        "rq.cli",
        "worker",
        scrapy_job.QUEUE,
        "--quiet",
        "--url",
        environment["REDIS_URL"],
    )

    def run() -> None:
        job = queue.enqueue_call("scrapy_job.run", args=(url,))
        wait_for(lambda: job.get_status() in {"finished", "failed"})
        if job.get_status() == "failed":
            raise SystemExit(f"the subprocess failed: {job.exc_info}")

    with process(*command, environment=environment):
        taken = timed(run)
    with engine.connect() as connection:
        saved = connection.execute(text("SELECT count(*) FROM original_chapters")).scalar_one()
    if saved != TIMES + 1:
        raise SystemExit(f"the subprocesses saved {saved} of {TIMES + 1} chapters")
    return taken


def show(name: str, taken: list[float]) -> float:
    median = statistics.median(taken)
    worst = sorted(taken)[int(len(taken) * 0.95) - 1]
    print(f"  {name:<32}: median {median:6.0f} ms, p95 {worst:6.0f} ms", flush=True)
    return median


def for_each_job(bench: Bench) -> None:
    """The same with RQ's own worker, which forks for each job: with and without the rehearsal."""
    environment = bench.environment | {"PYTHONPATH": str(Path(__file__).parent)}
    for name, config in (("rehearsed", "novel_worker.rq_config"), ("imports only", "unrehearsed")):
        with stock_workers(environment, 1, configured=config):
            noop = show(f"stock worker, {name}, no-op", timed(bench.noop))
            novel = show(f"stock worker, {name}, novel", timed(bench.novel))
            print(f"  beside the no-op            : {novel / noop:.1f} times", flush=True)


def throughput(bench: Bench, processes: int) -> None:
    with workers(bench.environment, processes):
        bench.noop()
        started = time.perf_counter()
        jobs = bench.submit(MANY)
        wait_for(lambda: bench.are_done(jobs))
        rate = MANY / (time.perf_counter() - started)
    print(f"  {processes} worker{'s' if processes > 1 else ' '}: {rate:5.1f} jobs/s", flush=True)


def memory(environment: dict[str, str]) -> None:
    """PSS of each worker with its work-horse, all of them in the middle of a job."""
    with site("--fictions", str(BUSY), "--chapters", "200", "--latency", "0.2") as served:
        bench = Bench(environment | served_by(served))
        # Of several slots one is kept free for other sites.
        with stock_workers(bench.environment, BUSY + 1) as supervisor:
            jobs = bench.submit(BUSY)
            busy = text("SELECT count(*) FROM jobs WHERE pages_fetched >= 20")

            def all_busy() -> bool:
                with bench.database.connect() as connection:
                    return int(connection.execute(busy).scalar_one()) == len(jobs)

            wait_for(all_busy, step=0.05)
            sizes = []
            for worker in psutil.Process(supervisor.pid).children():
                if family := worker.children():
                    whole = sum(p.memory_full_info().pss for p in [worker, *family])
                    sizes.append(whole / 1e6)
    print(
        f"  {len(sizes)} busy workers: {max(sizes):.0f} MB at most, {statistics.mean(sizes):.0f} MB on average"
        " (PSS; claim: at most 60)"
    )


def main() -> None:
    print("job: a novel of one chapter, enqueue to done")
    with (
        site("--fictions", str(FICTIONS), "--chapters", "1") as served,
        servers() as base,
    ):
        environment = base | served_by(served)
        bench = Bench(environment)
        with workers(environment, 1):
            noop = show("no-op RQ job", timed(bench.noop))
            novel = show("novel through the queue", timed(bench.novel))
        for_each_job(bench)
        page = f"{served.url}/fiction/1"
        crawl = show("subprocess for each RQ job", in_subprocess(bench, page))
        show("that subprocess, fetch only", timed(lambda: scrapy_job.crawl(page)))
        print(f"  over the no-op              : {novel - noop:.0f} ms (claim: at most 150)")
        print(f"  beside the no-op            : {novel / noop:.1f} times")
        print(
            f"  ratio to the subprocess     : {crawl / novel:.1f} times faster (claim: at least 8)"
        )
        for processes in (1, 2):
            throughput(bench, processes)
    with servers() as base:
        memory(base)


if __name__ == "__main__":
    main()
