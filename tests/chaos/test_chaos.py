"""Jobs under chaos: at the end each is done and right, and the site was hardly asked more than it had to be.

`CHAOS_JOBS` and `CHAOS_SEED` choose the run; `make chaos` is the long one.
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import time
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path

import pytest
from chaos import Arena, arena
from polling import eventually
from sqlalchemy import Engine, text

from novel_core.db import migrate
from novel_core.db.engine import open_database, session
from novel_core.errors import StorageError
from novel_core.intake import resolve, submit
from novel_core.jobs.options import JobOptions
from novel_core.registry import load_registry
from novel_core.settings import Settings
from novel_core.states import JobState
from novel_royalroad_lookalike import Fiction, Library, LookalikeServer

JOBS = int(os.environ.get("CHAOS_JOBS", "12"))
SEED = int(os.environ.get("CHAOS_SEED", "7"))
#: At four requests a second a few are enough, and many take long.
POLITE_JOBS = max(4, JOBS // 10)
CHAPTERS = 6
#: Seconds between two misfortunes.
PACE = 0.35
#: Of the submissions, those whose process dies between commit and push.
CRASHING = 0.3
PATIENCE = 120.0


def url_of(fiction: int) -> str:
    return f"https://www.royalroad.com/fiction/{fiction}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Submitter:
    """Submits as clients do: again and again until there is an answer."""

    def __init__(self, fight: Arena, database: Engine) -> None:
        self._fight = fight
        self._database = database
        self._registry = load_registry()
        self._random = random.Random(SEED + 1)

    def submit(self, fiction: int) -> None:
        how = self._commit_only if self._random.random() < CRASHING else self._ask_api
        eventually(lambda: how(fiction), timeout=60)

    def _commit_only(self, fiction: int) -> bool:
        try:
            with session(self._database) as opened:
                submit(opened, Settings(), resolve(self._registry, url_of(fiction)), JobOptions())
        except StorageError:
            return False
        return True

    def _ask_api(self, fiction: int) -> bool:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._fight.port}/ingest",
            data=json.dumps({"url": url_of(fiction)}).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return bool(answer.status in (200, 202))
        except (urllib.error.URLError, OSError):
            return False


def open_jobs(database: Engine) -> int:
    try:
        with session(database) as opened:
            return int(
                opened.execute(
                    text("SELECT count(*) FROM jobs WHERE status NOT IN ('done', 'error')")
                ).scalar_one()
            )
    except StorageError:
        return -1


def minimum(site: LookalikeServer, fight: Arena, database: Engine) -> int:
    """Requests of one job that meets no misfortune, the site's robots.txt aside."""
    submitter = Submitter(fight, database)
    submitter._commit_only(JOBS + 1)
    eventually(lambda: open_jobs(database) == 0, timeout=60)
    asked = [path for path in site.paths() if path != "/robots.txt"]
    site.clear()
    return len(asked)


@pytest.mark.timeout(900)
def test_no_page_is_lost_when_the_database_dies_under_a_polite_crawl(tmp_path: Path) -> None:
    """Pages come one by one: each is confirmed, and the server dead, before the next one is asked for."""
    fictions = [Fiction.generate(number, chapters=CHAPTERS) for number in range(1, POLITE_JOBS + 1)]
    with (
        LookalikeServer(Library(fictions)) as site,
        arena(tmp_path, site, SEED, free_port(), rate=4) as fight,
    ):
        database = open_database(fight.environment["DATABASE_URL"])
        migrate.upgrade(database)
        fight.start_worker()
        submitter = Submitter(fight, database)
        for fiction in range(1, POLITE_JOBS + 1):
            eventually(lambda number=fiction: submitter._commit_only(number))  # type: ignore[misc]
        eventually(lambda: len(site.requests) > CHAPTERS)
        while open_jobs(database) != 0:
            fight.done["kill_postgres"] += fight.kill_postgres(signal.SIGKILL)
            time.sleep(PACE)
        assert fight.done["kill_postgres"]
        _judge_library(database, POLITE_JOBS)
        database.dispose()


@pytest.mark.timeout(900)
def test_every_job_survives(tmp_path: Path) -> None:
    fictions = [Fiction.generate(number, chapters=CHAPTERS) for number in range(1, JOBS + 2)]
    with (
        LookalikeServer(Library(fictions)) as site,
        arena(tmp_path, site, SEED, free_port()) as fight,
    ):
        database = open_database(fight.environment["DATABASE_URL"])
        migrate.upgrade(database)
        for _ in range(2):
            fight.start_worker()
        each = minimum(site, fight, database)
        fight.start_api()
        site.switches.latency = 0.05
        del site.library.fictions[JOBS + 1]
        _fight(fight, database)
        fight.calm()
        eventually(lambda: open_jobs(database) == 0, timeout=PATIENCE)
        _report(fight, database, site, each)
        _judge(fight, database, site, each)
        database.dispose()


def _fight(fight: Arena, database: Engine) -> None:
    submitter = Submitter(fight, database)
    waiting = list(range(1, JOBS + 1))
    due = time.monotonic()
    while waiting or open_jobs(database) != 0:
        if waiting:
            submitter.submit(waiting.pop(0))
        if time.monotonic() >= due:
            fight.misfortune()
            due = time.monotonic() + PACE
        time.sleep(0.02)


def told(database: Engine) -> list[object]:
    with session(database) as opened:
        return [
            tuple(row)
            for row in opened.execute(
                text(
                    "SELECT id, status, attempt, failures, run_after, enqueued_at, lease_until, error_message "
                    "FROM jobs WHERE status NOT IN ('done') ORDER BY id LIMIT 10"
                )
            )
        ]


def allowed(fight: Arena, each: int) -> int:
    return int(1.05 * each * JOBS) + fight.allowance + fight.injected + 1


def _report(fight: Arena, database: Engine, site: LookalikeServer, each: int) -> None:
    with session(database) as opened:
        states = opened.execute(text("SELECT status, count(*) FROM jobs GROUP BY 1")).all()
        attempts = opened.execute(text("SELECT sum(attempt), sum(failures) FROM jobs")).one()
    print(f"\nchaos: {JOBS} jobs, seed {SEED}")
    print(f"  jobs        : {dict(tuple(row) for row in states)}")
    print(f"  attempts    : {attempts[0]}, of which failed {attempts[1]}")
    print(f"  misfortunes : {dict(fight.done)}; {fight.injected} met at the site")
    print(
        f"  requests    : {len(site.requests)}, at least {each * JOBS}, allowed {allowed(fight, each)}"
        f" ({fight.allowance} on the wire at a kill, {fight.injected} injected)"
    )


def _judge(fight: Arena, database: Engine, site: LookalikeServer, each: int) -> None:
    _judge_library(database, JOBS + 1)
    assert len(site.requests) <= allowed(fight, each)


def _judge_library(database: Engine, jobs: int) -> None:
    """Every job is done, every chapter is there, once."""
    with session(database) as opened:
        wrong = told(database)
        assert wrong == []
        missing = opened.execute(
            text(
                "SELECT n.source_novel_id, count(t.id) FROM novels n JOIN chapters c ON c.novel_id = n.id"
                " LEFT JOIN chapter_texts t ON t.chapter_id = c.id GROUP BY 1"
            )
        ).all()
        texts = opened.execute(
            text(
                "SELECT c.source_chapter_id, t.version, t.content_html FROM chapter_texts t"
                " JOIN chapters c ON c.id = t.chapter_id"
            )
        ).all()
        stories = opened.execute(
            text("SELECT job_id, status FROM job_events WHERE kind = 'state' ORDER BY id")
        ).all()
    assert len(missing) == jobs
    assert {count for _, count in missing} == {CHAPTERS}
    assert {version for _, version, _ in texts} == {1}
    bodies = Counter(body for _, _, body in texts)
    assert len(bodies) == CHAPTERS * (jobs)
    last: dict[int, JobState] = {}
    for job_id, status in stories:
        state = JobState(status)
        if job_id in last:
            assert last[job_id].can_become(state), f"job {job_id}: {last[job_id]} to {state}"
        last[job_id] = state
