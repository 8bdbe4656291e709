"""Health, metrics, sources and version."""

from __future__ import annotations

import logging
import socket

import pytest
from polling import eventually
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis
from rq import Queue, Worker
from rq.worker import WorkerStatus
from served import Serve, Served

from novel_api.logs import should_log
from novel_core.crawl.shared_pacing import keys_of

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def scrape(api: Served) -> Samples:
    answer = api.client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def value(samples: Samples, name: str, **labels: str) -> float:
    return samples[name, frozenset(labels.items())]


def test_metrics_tell_what_the_database_says(api_with_site: Served) -> None:
    api = api_with_site
    view = api.bench.ingest("https://toy.example/works/1")
    api.ingest("2")
    samples = scrape(api)
    assert value(samples, "novel_jobs", status="queued") == 1
    assert value(samples, "novel_jobs", status="done") == 1
    assert value(samples, "novel_jobs", status="error") == 0
    finished = {"source": "toysite", "status": "done", "code": ""}
    assert value(samples, "novel_jobs_finished", **finished) == 1
    assert value(samples, "novel_job_failures", code="not_found") == 1
    assert value(samples, "novel_job_duration_seconds_count", source="toysite") == 1
    assert value(samples, "novel_job_duration_seconds_bucket", source="toysite", le="+Inf") == 1
    assert view.started_at is not None
    assert view.finished_at is not None
    took = (view.finished_at - view.started_at).total_seconds()
    told = value(samples, "novel_job_duration_seconds_sum", source="toysite")
    assert abs(told - took) < 1e-3
    assert value(samples, "novel_oldest_queued_seconds") >= 0
    assert value(samples, "novel_watches_due") == 0
    assert value(samples, "novel_webhooks_due") == 0


def test_metrics_tell_what_redis_says(api: Served, redis: Redis) -> None:
    api.ingest()
    eventually(lambda: redis.llen("rq:queue:ingestion") == 1)
    worker = Worker([Queue("ingestion", connection=redis)], connection=redis)
    worker.register_birth()
    try:
        samples = scrape(api)
    finally:
        worker.register_death()
    assert value(samples, "novel_queue_up") == 1
    assert value(samples, "novel_queue_length") == 1
    assert sum(found for (name, _), found in samples.items() if name == "novel_workers") == 1


def test_what_runs_where_is_shown(api: Served, redis: Redis) -> None:
    api.ingest("1")
    api.ingest("2")
    eventually(lambda: redis.llen("rq:queue:ingestion") >= 1)
    api.bench.write(
        "UPDATE jobs SET status = 'crawling', lease_owner = 'x/1/1', lease_until = now() + interval '1 hour'"
        " WHERE url LIKE '%/1'"
    )
    api.bench.write("UPDATE jobs SET rate = 2")
    worker = Worker([Queue("ingestion", connection=redis)], connection=redis)
    worker.register_birth()
    worker.set_state(WorkerStatus.BUSY)
    place = keys_of("toy.example")[0]
    redis.hset(place, mapping={"minute": int(redis.time()[0]) // 60, "asked": 7})
    try:
        shown = api.client.get("/health/queue").json()
        samples = scrape(api)
        page = api.client.get("/status", headers={"Accept": "text/html"}).text
    finally:
        worker.register_death()
    process = {"name": f"{worker.hostname}.{worker.pid}", "running": 1, "slots": 1}
    assert shown["processes"] == [process]
    [group] = shown["groups"]
    # The minute may end between the two statements.
    assert group.pop("requests") in range(8)
    assert group == {"name": "toy.example", "running": 1, "waiting": 1, "allowed": 120}
    assert value(samples, "novel_worker_crawls", host=worker.hostname) == 1
    assert value(samples, "novel_group_jobs", group="toy.example", state="running") == 1
    assert value(samples, "novel_group_jobs", group="", state="waiting") == 0
    assert value(samples, "novel_group_requests_allowed", group="toy.example") == 120
    assert process["name"] in page
    assert "of 120" in page


def test_a_scrape_is_good_for_a_while(api: Served) -> None:
    before = scrape(api)
    api.ingest()
    assert scrape(api) == before


def test_metrics_without_redis(serve: Serve) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        api = serve(redis_url=f"redis://127.0.0.1:{closed.getsockname()[1]}/0")
        samples = scrape(api)
        assert value(samples, "novel_queue_up") == 0
        assert ("novel_queue_length", frozenset()) not in samples
        ready = api.client.get("/health/ready")
    assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
    assert ready.json()["queue"].startswith("The queue cannot be reached")


def test_ready(api: Served) -> None:
    told = api.client.get("/health/ready").json()
    assert told == {"status": "ready", "database": "ok", "queue": "ok", "housekeeping": "ok"}


def test_an_old_schema_is_not_ready(api: Served) -> None:
    api.bench.write("UPDATE alembic_version SET version_num = '0001'")
    answer = api.client.get("/health/ready")
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_error")
    assert "novel db upgrade" in answer.json()["hint"]


def test_sources(api: Served) -> None:
    sources = {source["name"]: source for source in api.client.get("/sources").json()["items"]}
    assert sources["toysite"] == {
        "name": "toysite",
        "title": "Toy Site",
        "homepage": "https://toy.example",
        "domains": ["toy.example"],
        "kind": "source",
        "site_count": None,
        "state": "loaded",
    }
    assert "www.royalroad.com" in sources["royalroad"]["domains"]
    answer = api.client.get("/sources")
    again = api.client.get("/sources", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


def test_a_family_is_one_source_with_the_number_of_its_sites(serve: Serve) -> None:
    api = serve(plugins=("toyfamily",))
    (family,) = api.client.get("/sources").json()["items"]
    assert family == {
        "name": "boards",
        "title": "Boards",
        "homepage": None,
        "domains": ["*.boards.example"],
        "kind": "family",
        "site_count": 2,
        "state": "loaded",
    }
    detail = api.client.get("/sources/boards").json()
    assert detail == family | {
        "error": None,
        "sites": [
            {
                "name": "board-one",
                "title": "Board One",
                "base_url": "https://one.example",
                "language": None,
            },
            {
                "name": "board-two",
                "title": "Board Two",
                "base_url": "https://two.example/board",
                "language": None,
            },
        ],
    }
    site = api.client.get("/sources/board-two").json()
    assert (site["kind"], site["homepage"]) == ("site", "https://two.example/board")
    assert (site["domains"], site["sites"]) == (["two.example"], [])
    assert api.client.get("/sources/board-three").json()["code"] == "unknown_source"
    refused = api.client.post("/ingest", json={"url": "https://elsewhere.example/t/1"}).json()
    assert refused["code"] == "unsupported_url"
    assert refused["hint"].startswith(
        "Supported: Boards sites. This address looks like one of Boards. If the site runs Boards, "
    )


def test_version(api: Served) -> None:
    assert api.client.get("/version").json() == {"version": "0.1.0"}


@pytest.mark.parametrize(
    ("path", "status", "logged"),
    [
        ("/health", 200, False),
        ("/metrics", 200, False),
        ("/health/ready", 503, True),
        ("/jobs", 200, True),
    ],
)
def test_probes_that_succeed_do_not_fill_the_log(path: str, status: int, logged: bool) -> None:
    record = logging.LogRecord(
        "uvicorn.access",
        logging.INFO,
        "",
        0,
        '%s - "%s %s HTTP/%s" %d',
        ("127.0.0.1:1", "GET", path, "1.1", status),
        None,
    )
    assert should_log(record) is logged


def test_a_full_queue_is_told(api: Served, redis: Redis) -> None:
    redis.config_set("maxmemory", 1)
    try:
        assert redis.ping()
        told = api.client.get("/health/ready")
    finally:
        redis.config_set("maxmemory", 0)
    assert (told.status_code, told.json()["status"]) == (200, "degraded")
    assert "maxmemory" in told.json()["queue"]


def test_where_keys_are_demanded_nobody_is_served_without_one(serve: Serve) -> None:
    api = serve(api_require_keys=True)
    assert api.client.get("/jobs").status_code == 401
    assert api.client.get("/health").status_code == 200
    assert api.client.get("/jobs", headers=api.key("read")).status_code == 200


def test_a_chore_that_fails_is_told(api: Served) -> None:
    api.bench.write("DROP TABLE webhooks")

    def told() -> str:
        return str(api.client.get("/health/ready").json()["housekeeping"])

    eventually(lambda: "webhooks" in told(), timeout=60)
