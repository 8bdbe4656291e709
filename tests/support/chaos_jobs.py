"""The jobs of an arena: how they are submitted, and how their result is judged."""

from __future__ import annotations

import json
import os
import random
import urllib.error
import urllib.request

from chaos import Arena, url_of
from polling import eventually
from workbench import NO_LIMIT, quick_settings, registry_of

from novel_core.db.engine import session
from novel_core.errors import StorageError
from novel_core.intake import resolve, submit
from novel_core.jobs.options import JobOptions
from novel_core.runtime import Runtime, Servers
from novel_core.states import JobState
from novel_royalroad_lookalike import Fiction, Library

JOBS = int(os.environ.get("CHAOS_JOBS", "16"))
SEED = int(os.environ.get("CHAOS_SEED", "7"))
CHAPTERS = 6
#: Of the submissions, those whose process dies between commit and push.
CRASHING = 0.3


def library(jobs: int) -> Library:
    return Library([Fiction.generate(number, chapters=CHAPTERS) for number in range(1, jobs + 1)])


class Submitter:
    """Submits as clients do: again and again until there is an answer."""

    def __init__(self, fight: Arena) -> None:
        self._fight = fight
        registry = registry_of("mirrors=troubles")
        settings = quick_settings(sources={"mirrors": NO_LIMIT})
        self._runtime = Runtime(settings, registry, fight.database, Servers("", None))
        self._random = random.Random(SEED + 1)

    def submit(self, fiction: int) -> None:
        is_crash = self._fight.api is None or self._random.random() < CRASHING
        how = self._commit_only if is_crash else self._ask_api
        eventually(lambda: how(fiction), timeout=60)

    def _commit_only(self, fiction: int) -> bool:
        try:
            target = resolve(self._runtime.registry, url_of(fiction))
            with session(self._fight.database) as opened:
                submit(opened, self._runtime.settings, target, JobOptions())
        except StorageError:
            return False
        return True

    def _ask_api(self, fiction: int) -> bool:
        self._fight.tend()
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


def run_all(fight: Arena, fictions: range) -> None:
    """A job for each, without misfortunes."""
    submitter = Submitter(fight)
    for fiction in fictions:
        submitter.submit(fiction)
    eventually(lambda: fight.open_jobs() == 0, timeout=300)


def judge_library(fight: Arena, jobs: int) -> None:
    """Every job is done, every chapter is there, once; no job took a step that its state forbids."""
    wrong = fight.rows(
        "SELECT id, status, attempt, failures, run_after, enqueued_at, lease_until, error_message"
        " FROM jobs WHERE status <> 'done' ORDER BY id LIMIT 10"
    )
    assert wrong == []
    assert fight.rows("SELECT job_id, url, code, message FROM job_failures LIMIT 10") == []
    novels = fight.rows(
        "SELECT n.id, count(t.id) FROM novels n JOIN chapters c ON c.novel_id = n.id"
        " LEFT JOIN chapter_texts t ON t.chapter_id = c.id GROUP BY 1"
    )
    texts = fight.rows("SELECT version, content_html FROM chapter_texts")
    assert len(novels) == jobs
    assert {count for _, count in novels} == {CHAPTERS}
    assert {version for version, _ in texts} == {1}
    assert len({body for _, body in texts}) == CHAPTERS * jobs
    last: dict[int, JobState] = {}
    steps = fight.rows("SELECT job_id, status FROM job_events WHERE kind = 'state' ORDER BY id")
    for job_id, status in steps:
        state = JobState(status)
        if job_id in last:
            assert last[job_id].can_become(state), f"job {job_id}: {last[job_id]} to {state}"
        last[job_id] = state
