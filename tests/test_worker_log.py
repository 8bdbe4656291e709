"""The log of a real worker: the story of a job, every request once, and no secrets."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from polling import eventually
from sqlalchemy import Engine
from working import running_worker, service_environment

from novel_core.db.engine import session
from novel_core.intake import resolve, submit
from novel_core.jobs.options import JobOptions
from novel_core.jobs.views import JobView, get_job
from novel_core.queue.connection import connect
from novel_core.queue.dispatch import dispatch
from novel_core.registry import load_registry
from novel_core.settings import Settings
from novel_royalroad_lookalike import ChapterFault, Fiction, Library, LookalikeServer

URL = "https://www.royalroad.com/fiction/1"
CHAPTERS = 12


def lines_of(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]


def job_of(database: Engine, job_id: int) -> JobView:
    with session(database) as opened:
        return get_job(opened, job_id)


def test_an_interrupted_job_in_the_log(database: Engine, redis_url: str, tmp_path: Path) -> None:
    """A first worker is stopped half-way, a second one ends the job with one chapter missing."""
    fiction = Fiction.generate(1, chapters=CHAPTERS)
    with LookalikeServer(Library([fiction])) as site:
        site.switches.latency = 0.2
        site.switches.faults[f"chapter:{fiction.chapters[-1].id}"] = ChapterFault.NOT_FOUND
        environment = service_environment(
            DATABASE_URL=database.url.render_as_string(hide_password=False),
            REDIS_URL=redis_url,
            NOVEL_HOST_MAP=site.host_map,
            NOVEL_SOURCES__ROYALROAD__REQUESTS_PER_SECOND="0",
            NOVEL_SOURCES__ROYALROAD__CONCURRENCY="2",
            NOVEL_LOG_FORMAT="json",
            NOVEL_LOG_LEVEL="debug",
        )
        with session(database) as opened:
            job_id = submit(opened, Settings(), resolve(load_registry(), URL), JobOptions()).job_id
        dispatch(database, connect(redis_url), job_timeout=60)
        with running_worker(environment, tmp_path) as first:
            eventually(lambda: sum("/chapter/" in path for path in site.paths()) > 3)
            site.switches.latency = 5.0  # it is stopped long before the chapter that is missing
            assert first.stop() == 0
        site.switches.latency = 0.0
        with running_worker(environment, tmp_path) as second:
            eventually(lambda: job_of(database, job_id).status == "done")
            assert second.stop() == 0
        served = site.paths()
    job = job_of(database, job_id)
    before, after = lines_of(first.log), lines_of(second.log)
    lines = [line for line in (*before, *after) if line["job_id"] == job_id]

    states = [line["message"] for line in lines if line.get("status")]
    assert states == [
        "crawling: attempt 1",
        "queued: The worker is shutting down.",
        "crawling: attempt 2",
        "parsing: reading the fetched pages",
        "saving",
        "done, 1 chapter missing",
    ]
    requests = [line for line in lines if line.get("origin") == "network"]
    assert {line["level"] for line in requests} == {"DEBUG"}
    assert len(requests) == job.requests == len(served)
    assert Counter(line["http_status"] for line in requests)[404] == 1
    pages = [line for line in requests if "/chapter/" in line["url"]]
    assert all(line["bytes"] > 0 and line["seconds"] >= 0 for line in pages)

    reused = [line["url"] for line in after if line.get("origin") == "archive"]
    fetched_before = {line["url"] for line in before if line.get("origin") == "network"}
    assert reused
    assert set(reused) <= fetched_before
    crawls = [line for line in lines if line["message"].startswith("crawled:")]
    assert [line["requests"] for line in crawls] == [
        sum(line.get("origin") == "network" and line in lines for line in half)
        for half in (before, after)
    ]
    assert [line["reused"] for line in crawls] == [0, len(reused)]

    warnings = [line for line in lines if line["level"] == "WARNING"]
    missing = next(line["url"] for line in requests if line["http_status"] == 404)
    assert [(line["code"], line["url"]) for line in warnings] == [("not_found", missing)]
    ends = [line["message"] for line in lines if line["message"].startswith("attempt ")]
    assert [message.split(" after ")[0].split(":")[0] for message in ends] == [
        "attempt begins",
        "attempt goes back into the queue",
        "attempt begins",
        "attempt ended",
    ]
