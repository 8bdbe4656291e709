"""Many jobs without misfortunes: what they leave behind, and PgBouncer between them and the database."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import psutil
import pytest
from bouncer import Bouncer
from chaos import Arena, ManySites, arena
from chaos_jobs import CHAPTERS, JOBS, SEED, Submitter, judge_library, library, run_all
from polling import eventually

SLOTS = 8


@pytest.mark.timeout(900)
def test_many_jobs_leave_nothing_behind(tmp_path: Path) -> None:
    """No thread, connection or file, in the processes of a worker and at the servers, is more after all jobs than after some."""
    # Every slot has had a job by then.
    some = 4 * SLOTS
    more = some + JOBS
    with ManySites(library(more + JOBS)) as site, arena(tmp_path, site, SEED) as fight:
        fight.start_worker(SLOTS)
        run_all(fight, range(1, some + 1))
        first = holdings(fight)
        run_all(fight, range(some + 1, more + 1))
        # A pool may open one more connection at any time, and keeps it: the most of both counts.
        before = first | holdings(fight)
        run_all(fight, range(more + 1, more + JOBS + 1))
        print(f"\nafter {more} jobs: {before}\nafter {more + JOBS} jobs: {holdings(fight)}")
        # What is kept for the next job may come and go: the least is what stays.
        eventually(lambda: all(now <= before[name] for name, now in holdings(fight).items()))


def holdings(fight: Arena) -> Counter[str]:
    counts: Counter[str] = Counter()
    for supervisor in fight.supervisors:
        worker = psutil.Process(supervisor.pid)
        for process in [worker, *worker.children(recursive=True)]:
            counts["processes"] += 1
            counts["threads"] += process.num_threads()
            counts["files"] += process.num_fds()
    counts["sessions"] = int(fight.rows("SELECT count(*) FROM pg_stat_activity")[0][0])
    counts["clients"] = len(fight.redis.client_list())
    return counts


@pytest.mark.system
@pytest.mark.timeout(300)
def test_jobs_go_on_through_a_pgbouncer_that_dies(tmp_path: Path) -> None:
    with (
        ManySites(library(JOBS)) as site,
        arena(tmp_path, site, SEED) as fight,
        Bouncer(fight.environment["DATABASE_URL"], tmp_path) as bouncer,
    ):
        fight.environment["DATABASE_URL"] = bouncer.url
        fight.start_worker()
        submitter = Submitter(fight)
        for fiction in range(1, JOBS + 1):
            submitter.submit(fiction)
        eventually(lambda: len(site.requests) > 2 * CHAPTERS)
        bouncer.kill()
        bouncer.start()
        eventually(lambda: fight.open_jobs() == 0)
        judge_library(fight, JOBS)
