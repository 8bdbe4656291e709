"""A site with 1,000 queued jobs, then one job of an idle site: how long that one takes.

Each site is a host of the look-alike with its own rate. The busy one has 10 requests a second, so it may have ten jobs under way: it
fills all slots but the one that is kept free. Claims: with 4 and with 32 slots the job is done within 1.5 times its time alone (median
of 5 each, in one run); with one slot, and with two stock workers, it is the next job
started.

`python bench/fair.py [JOBS [ROUNDS]]` is a smaller run.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from itertools import count
from statistics import median

from common import site
from many_sites import Queue, mirrored
from queued import stock_workers, wait_for, workers
from sqlalchemy import text

from novel_core.db.engine import session
from novel_core.intake import resolve, submit
from novel_core.jobs.options import JobOptions
from novel_core.settings import Settings, SourceOverride
from novel_royalroad_lookalike import mirrors

#: From an environment to a worker there.
Worker = Callable[[dict[str, str]], AbstractContextManager[object]]

JOBS, ROUNDS = 1000, 5
#: Requests per second to the busy site, and to each idle one.
RATE, IDLE_RATE = 10.0, 4.0
CHAPTERS = 8
BUSY = 0


class Sites:
    """Jobs of the busy site, and of others that are idle until their job is submitted."""

    def __init__(self, environment: dict[str, str], jobs: int) -> None:
        pace = {
            "mirrors": SourceOverride(requests_per_second=IDLE_RATE),
            "m0_mirror_example": SourceOverride(requests_per_second=RATE),
        }
        self.queue = Queue(environment, Settings(sources=pace))
        self._jobs = jobs
        self._idle = count(BUSY + 1)

    def fill(self) -> None:
        """Let the busy site have as many jobs as it is to have."""
        runtime = self.queue.runtime
        with session(runtime.database) as opened:
            for fiction in range(2, self._jobs + 1):
                target = resolve(
                    runtime.registry, f"https://{mirrors.host(BUSY)}/fiction/{fiction}"
                )
                submit(opened, runtime.settings, target, JobOptions())
        self.queue.submit(range(BUSY, BUSY + 1), 1)

    def time_idle(self) -> float:
        """Seconds of a job of the next idle site."""
        number = next(self._idle)
        started = time.perf_counter()
        self.queue.submit(range(number, number + 1), 1)
        host = mirrors.host(number)
        wait_for(lambda: self.queue.count(f"rate_group = '{host}' AND status = 'done'") == 1)
        return time.perf_counter() - started

    def started_before(self) -> int:
        """How many jobs were pushed between the submission of the last idle job and its own push."""
        query = text(
            "SELECT count(*) FROM jobs JOIN (SELECT * FROM jobs ORDER BY id DESC LIMIT 1) AS last"
            " ON jobs.enqueued_at > last.created_at AND jobs.enqueued_at < last.enqueued_at"
        )
        with session(self.queue.runtime.database) as opened:
            return int(opened.execute(query).scalar_one())


@contextmanager
def hosts(jobs: int, idle: int) -> Iterator[Sites]:
    """The look-alike and empty servers, with jobs of the busy site to come."""
    options = ("--fictions", str(jobs), "--chapters", str(CHAPTERS), "--fast")
    with site(*options) as served, mirrored(served, idle) as base:
        pace = {
            "NOVEL_SOURCES__MIRRORS__REQUESTS_PER_SECOND": f"{IDLE_RATE:g}",
            "NOVEL_SOURCES__M0_MIRROR_EXAMPLE__REQUESTS_PER_SECOND": f"{RATE:g}",
        }
        yield Sites(base | pace, jobs)


def slots(crawls: int, jobs: int, rounds: int) -> str:
    """An idle site's job alone, then beside the busy site."""
    with hosts(jobs, 2 * rounds + 1) as sites, workers(sites.queue.environment, 1, crawls=crawls):
        # The first one warms the process up.
        sites.time_idle()
        alone = [sites.time_idle() for _ in range(rounds)]
        sites.fill()
        wait_for(lambda: sites.queue.count("lease_until IS NOT NULL") >= min(crawls - 1, int(RATE)))
        beside = [sites.time_idle() for _ in range(rounds)]
        waiting = sites.queue.count("status = 'queued'")
    ratio = median(beside) / median(alone)
    return (
        f"  {crawls:2} slots       : {median(alone):5.2f} s alone, {median(beside):5.2f} s beside {waiting} waiting jobs:"
        f" {ratio:.2f} times (claim: at most 1.5)"
    )


def in_turn(name: str, jobs: int, rounds: int, worker: Worker) -> str:
    """The idle site's job while jobs of the busy site run and wait."""
    with hosts(jobs, rounds) as sites, worker(sites.queue.environment):
        sites.fill()
        busy = f"lease_until IS NOT NULL AND rate_group = '{mirrors.host(BUSY)}'"
        before = []
        for _ in range(rounds):
            wait_for(lambda: sites.queue.count(busy) > 0)
            sites.time_idle()
            before.append(sites.started_before())
    return f"  {name:<14}: {max(before)} jobs of the busy site pushed after its submission and before it (claim: 0)"


def main(jobs: int = JOBS, rounds: int = ROUNDS) -> None:
    began = time.perf_counter()
    print(f"fair: {jobs} queued jobs of a site at {RATE:g} requests/s, then one of an idle site")
    for crawls in (4, 32):
        print(slots(crawls, jobs, rounds), flush=True)
    one: Worker = partial(workers, processes=1, crawls=1)
    print(in_turn("1 slot", jobs, rounds, one), flush=True)
    two: Worker = partial(stock_workers, count=2)
    print(in_turn("2 stock workers", jobs, rounds, two), flush=True)
    print(f"  ({time.perf_counter() - began:.0f} s)")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
