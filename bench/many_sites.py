"""One process that crawls 200 sites at once, each politely: `novel worker --crawls 200`, for a minute.

200 look-alike hosts, each with one request a second and a rate group of its own, are served by one process; each has one job. Beside
it, in the same run: the bare spider of `ingest.py`, single crawls without a rate through a worker of the same kind, and eight stock
workers, which fork, on the same queue. Claims: at least 0.95 of the 200 requests/s, or of a third of the bare spider's pages/s where that
does less than 600; at most 3 MB (PSS) for each crawl above the idle process; at most 1.3 times the CPU of a single crawl for each page.

`python bench/many_sites.py [SITES [CHAPTERS]]` is a smaller run.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
from common import Site, requests_of, site
from ingest import CHAPTERS as BARE_PAGES, OPTIONS as BARE_OPTIONS, bare, chapter_urls
from queued import servers, stock_workers, wait_for, workers
from sqlalchemy import text

from novel_core.db.engine import open_database, session
from novel_core.intake import resolve, submit
from novel_core.jobs.options import JobOptions
from novel_core.queue.connection import connect
from novel_core.queue.dispatch import dispatch
from novel_core.registry import load_registry
from novel_core.runtime import Runtime, Servers
from novel_core.settings import Settings
from novel_royalroad_lookalike import mirrors

SITES, CHAPTERS = 200, 60
#: Jobs of the single crawl, one after the other. The first warms the process up.
SINGLE = 6
FORKED, FORKED_PAGES = 8, 10
ENOUGH = 600
#: Seconds between two looks at the memory.
LOOK = 2.0


@dataclass(frozen=True, slots=True)
class Use:
    """A worker with all its processes: CPU seconds so far, and MB (PSS) now."""

    cpu: float
    memory: float


def use_of(worker: psutil.Process) -> Use:
    cpu = memory = 0.0
    for process in [worker, *worker.children(recursive=True)]:
        # The parent of one that ends now has its CPU seconds too.
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            cpu += times.user + times.system + times.children_user + times.children_system
            memory += process.memory_full_info().pss / 1e6
    return Use(cpu, memory)


class Queue:
    """Jobs of the mirrors in one database and one queue."""

    def __init__(self, environment: dict[str, str], settings: Settings | None = None) -> None:
        self.environment = environment
        database = open_database(environment["DATABASE_URL"])
        registry = load_registry()
        self.runtime = Runtime(settings or Settings(), registry, database, Servers("", None))
        self._redis = connect(environment["REDIS_URL"])

    def submit(self, numbers: range, fiction: int) -> None:
        """A job for the fiction at each of the hosts."""
        for number in numbers:
            url = f"https://{mirrors.host(number)}/fiction/{fiction}"
            target = resolve(self.runtime.registry, url)
            with session(self.runtime.database) as opened:
                submit(opened, self.runtime.settings, target, JobOptions())
        dispatch(self.runtime.database, self._redis, job_timeout=3600)

    def count(self, condition: str) -> int:
        with session(self.runtime.database) as opened:
            query = text(f"SELECT count(*) FROM jobs WHERE {condition}")
            return int(opened.execute(query).scalar_one())

    def is_over(self) -> bool:
        return self.count("status NOT IN ('done', 'error')") == 0

    def fetched(self) -> int:
        with session(self.runtime.database) as opened:
            return int(opened.execute(text("SELECT sum(pages_fetched) FROM jobs")).scalar_one())


def single(queue: Queue, worker: psutil.Process) -> float:
    """CPU ms of a page."""
    cpu, pages = 0.0, 0
    for fiction in range(1, SINGLE + 1):
        queue.submit(range(1), fiction)
        wait_for(queue.is_over, step=0.02)
        if fiction == 1:
            cpu, pages = use_of(worker).cpu, queue.fetched()
    return (use_of(worker).cpu - cpu) * 1000 / (queue.fetched() - pages)


@dataclass(frozen=True, slots=True)
class Crawled:
    """`seconds` until all is saved, `rate` in requests/s while all sites are crawled, `cpu` in ms/page."""

    seconds: float
    rate: float
    memory: float
    cpu: float


def all_at_once(queue: Queue, served: Site, worker: psutil.Process, sites: int) -> Crawled:
    """One job at each site."""
    before, pages, started = use_of(worker), queue.fetched(), time.time()
    peak = 0.0
    queue.submit(range(1, sites + 1), SINGLE + 1)
    while not queue.is_over():
        peak = max(peak, use_of(worker).memory)
        time.sleep(LOOK)
    seconds = time.time() - started
    cpu = (use_of(worker).cpu - before.cpu) * 1000 / (queue.fetched() - pages)
    moments: dict[str, list[float]] = {}
    for moment, host in requests_of(served):
        if moment > started:
            moments.setdefault(host, []).append(moment)
    first = max(seen[0] for seen in moments.values())
    last = min(seen[-1] for seen in moments.values())
    within = sum(first <= moment <= last for seen in moments.values() for moment in seen)
    return Crawled(seconds, within / (last - first), peak, cpu)


def forked(queue: Queue, served: Site, sites: int) -> Crawled:
    """The same jobs by workers that fork, until each of them has fetched some pages."""
    busy = f"pages_fetched >= {FORKED_PAGES}"
    with stock_workers(queue.environment, FORKED) as worker:
        before, started = queue.count(busy), time.time()
        queue.submit(range(1, sites + 1), SINGLE + 2)
        wait_for(lambda: queue.count(busy) >= before + min(FORKED, sites), step=0.1)
        memory = use_of(psutil.Process(worker.pid)).memory
    moments = [moment for moment, _ in requests_of(served) if moment > started]
    seconds = moments[-1] - moments[0]
    return Crawled(seconds, len(moments) / seconds, memory, 0.0)


@contextmanager
def mirrored(served: Site, sites: int) -> Iterator[dict[str, str]]:
    """Servers, and the settings with which each host is a site: the first has no rate."""
    with tempfile.TemporaryDirectory(prefix="novel-bench-") as folder, servers() as base:
        mirrors.install(Path(folder))
        sys.path.insert(0, folder)
        hosts = [mirrors.host(number) for number in range(sites + 1)]
        yield base | {
            "PYTHONPATH": folder,
            "NOVEL_HOST_MAP": ",".join(f"{host}={served.url}" for host in hosts),
            # Some chapters have pictures at hosts that are not mapped.
            "NOVEL_FETCH_IMAGES": "0",
            "NOVEL_SOURCES__MIRRORS__JITTER": "0",
            "NOVEL_SOURCES__M0_MIRROR_EXAMPLE__REQUESTS_PER_SECOND": "0",
        }


def main(sites: int = SITES, chapters: int = CHAPTERS) -> None:
    began = time.perf_counter()
    print(f"many sites: {sites} hosts at 1 request/s, a novel of {chapters} chapters at each")
    with site(*BARE_OPTIONS) as served:
        bare_rate = BARE_PAGES / bare(chapter_urls(served))["seconds"]
    print(f"  bare spider : {bare_rate:6.0f} pages/s", flush=True)
    possible = min(sites, bare_rate / 3) if bare_rate < ENOUGH else sites
    options = ("--fictions", str(SINGLE + 2), "--chapters", str(chapters), "--fast")
    with site(*options) as served, mirrored(served, sites) as environment:
        queue = Queue(environment)
        with workers(environment, 1, crawls=sites) as process:
            worker = psutil.Process(process.pid)
            idle = use_of(worker).memory
            one = single(queue, worker)
            print(f"  single crawl: {one:6.2f} CPU ms/page", flush=True)
            many = all_at_once(queue, served, worker, sites)
        print(
            f"  one process : {many.rate:6.1f} requests/s, {many.rate / possible:.2f} of {possible:.0f} (claim: at least 0.95);"
            f" all saved after {many.seconds:.0f} s"
        )
        print(
            f"  memory      : {idle:6.0f} MB idle, {many.memory:.0f} MB at the peak:"
            f" {(many.memory - idle) / sites:.2f} MB for each crawl (PSS; claim: at most 3)"
        )
        print(
            f"  CPU         : {many.cpu:6.2f} ms/page, {many.cpu / one:.2f} of the single crawl's (claim: at most 1.3)",
            flush=True,
        )
        few = forked(queue, served, sites)
    print(
        f"  {FORKED} that fork : {few.rate:6.1f} requests/s, {few.memory / FORKED:.0f} MB for each crawl"
    )
    print(f"  ({time.perf_counter() - began:.0f} s)")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
