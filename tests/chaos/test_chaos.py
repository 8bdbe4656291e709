"""Jobs under chaos: at the end each is done and right, and the sites were hardly asked more than they had to be.

`CHAOS_JOBS` and `CHAOS_SEED` choose the run; `make chaos` is the long one.
"""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest
from chaos import SITES, Arena, ManySites, arena
from chaos_jobs import CHAPTERS, JOBS, SEED, Submitter, judge_library, library
from misfortunes import Misfortunes
from polling import eventually

#: At four requests a second a few are enough, and many take long.
POLITE_JOBS = max(4, min(24, JOBS // 10))
#: How many misfortunes there are at most, and the seconds between two.
MISFORTUNES, PACE = max(10, JOBS), 1.5


@pytest.mark.timeout(900)
def test_no_page_is_lost_when_the_database_dies_under_a_polite_crawl(tmp_path: Path) -> None:
    """Pages come one by one: each is confirmed, and the server dead, before the next one is asked for."""
    with (
        ManySites(library(POLITE_JOBS)) as site,
        arena(tmp_path, site, SEED, rate=4) as fight,
    ):
        fight.start_worker()
        submitter, misfortunes = Submitter(fight), Misfortunes(fight)
        for fiction in range(1, POLITE_JOBS + 1):
            submitter.submit(fiction)
        eventually(lambda: len(site.requests) > CHAPTERS)
        kills = 0
        while fight.open_jobs() != 0:
            kills += misfortunes.kill_postgres(signal.SIGKILL)
            time.sleep(PACE)
        assert kills
        judge_library(fight, POLITE_JOBS)


@pytest.mark.timeout(1200 + 3 * JOBS)
def test_every_job_survives(tmp_path: Path) -> None:
    with ManySites(library(JOBS + 1)) as site, arena(tmp_path, site, SEED) as fight:
        for _ in range(2):
            fight.start_worker()
        fight.start_stock_worker()
        submitter, misfortunes = Submitter(fight), Misfortunes(fight)
        each = minimum(fight, submitter)
        fight.start_api()
        site.switches.latency = 0.05
        waiting = list(range(1, JOBS + 1))
        due, more = time.monotonic(), MISFORTUNES
        while waiting or fight.open_jobs() != 0:
            if waiting:
                submitter.submit(waiting.pop(0))
            if more and time.monotonic() >= due:
                misfortunes.one()
                due, more = time.monotonic() + PACE, more - 1
            misfortunes.look()
            fight.tend()
            time.sleep(0.02)
        misfortunes.calm()
        submit_again(fight, submitter, misfortunes.met)
        report(fight, each, misfortunes.injected)
        judge_library(fight, JOBS + 1)
        assert len(site.requests) <= allowed(fight, each, misfortunes.injected)


def submit_again(fight: Arena, submitter: Submitter, met: int) -> None:
    """A job whose plugin froze or took too much memory has ended with an error that says so; it may be submitted again."""
    ended = fight.rows("SELECT error_code, source_novel_id FROM jobs WHERE status = 'error'")
    assert {code for code, _ in ended} <= {"plugin_error", "out_of_memory", "page_too_slow"}
    assert len(ended) <= met
    for _, fiction in ended:
        submitter.submit(int(fiction))
    eventually(lambda: fight.tend() is None and fight.open_jobs() == 0)


def minimum(fight: Arena, submitter: Submitter) -> int:
    """Requests of one job that meets no misfortune, its site's robots.txt aside."""
    submitter.submit(JOBS + 1)
    eventually(lambda: fight.open_jobs() == 0, timeout=60)
    asked = [path for path in fight.site.paths() if path != "/robots.txt"]
    fight.site.clear()
    return len(asked)


def allowed(fight: Arena, each: int, injected: int) -> int:
    return int(1.05 * each * JOBS) + SITES + fight.allowance + injected


def report(fight: Arena, each: int, injected: int) -> None:
    states = fight.rows("SELECT status, count(*) FROM jobs GROUP BY 1")
    attempts, failed = fight.rows("SELECT sum(attempt), sum(failures) FROM jobs")[0]
    print(f"\nchaos: {JOBS} jobs over {SITES} sites, seed {SEED}")
    print(f"  jobs        : {dict(tuple(row) for row in states)}")
    print(f"  attempts    : {attempts}, of which failed {failed}")
    print(f"  misfortunes : {dict(fight.done)}; {injected} met at the sites")
    print(
        f"  requests    : {len(fight.site.requests)}, at least {each * JOBS}, allowed"
        f" {allowed(fight, each, injected)} ({fight.allowance} on the wire, {injected} injected)"
    )
