"""Submitting over HTTP: what is answered, what is stored, and that the queue is told."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from polling import eventually
from redis import Redis
from served import Serve, Served
from toysite import ToySite

MESSAGE = "Ingestion job created and queued"


def test_a_submission_is_accepted(api: Served) -> None:
    answer = api.ingest()
    assert answer.status_code == 202
    assert answer.json() == {"job_id": 1, "status": "queued", "message": MESSAGE}
    assert answer.headers["location"] == "/jobs/1"
    assert list(answer.json()) == ["job_id", "status", "message"]


def test_it_reaches_the_queue(api: Served, redis: Redis) -> None:
    job_id = api.ingest().json()["job_id"]
    eventually(lambda: redis.lrange("rq:queue:ingestion", 0, -1) == [f"{job_id}-1".encode()])


def test_a_novel_has_one_open_job(api: Served) -> None:
    first = api.ingest()
    second = api.client.post("/ingest", json={"url": "https://toy.example/works/1/2"})
    assert second.status_code == 200
    assert second.json()["job_id"] == first.json()["job_id"]
    assert second.headers["location"] == first.headers["location"]
    assert second.json()["status"] == "queued"


def test_concurrent_submissions_meet_in_one_job(api: Served) -> None:
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: api.ingest(), range(24)))
    assert {answer.json()["job_id"] for answer in answers} == {answers[0].json()["job_id"]}
    assert sorted(answer.status_code for answer in answers) == [200] * 23 + [202]


def test_options_are_kept(api: Served) -> None:
    api.ingest(recheck="all", force=True, timeout=60)
    assert api.bench.value("SELECT options FROM jobs") == {
        "recheck": "all",
        "rotate": 0,
        "force": True,
        "timeout": 60,
        "accept_removals": False,
    }


def test_a_webhook_is_owed(serve: Serve) -> None:
    api = serve(webhook_secret="a long random text")
    assert api.ingest(webhook="https://hooks.example/novel").status_code == 202
    rows = api.bench.rows("SELECT job_id, url FROM webhooks")
    assert [tuple(row) for row in rows] == [(1, "https://hooks.example/novel")]
    assert api.ingest(webhook="https://hooks.example/novel").status_code == 200
    assert api.bench.value("SELECT count(*) FROM webhooks") == 1


def test_a_webhook_needs_a_secret_to_sign_with(api: Served) -> None:
    answer = api.ingest(webhook="https://hooks.example/novel")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_setting")
    assert api.bench.value("SELECT count(*) FROM jobs") == 0


def test_the_installation_is_told_too(serve: Serve) -> None:
    url = "https://hooks.example/all"
    api = serve(webhook_secret="a long random text", webhook_url=url)
    api.ingest()
    assert api.bench.rows("SELECT job_id, url FROM webhooks") == [(1, url)]
    api.client.post("/jobs/1/cancel")
    api.bench.write("UPDATE webhooks SET payload = '{}', due_at = NULL")
    api.client.post("/jobs/1/retry")
    assert api.bench.value("SELECT count(*) FROM webhooks WHERE due_at IS NOT NULL") == 1


def test_a_bad_webhook_leaves_no_job(serve: Serve) -> None:
    api = serve(webhook_secret="a long random text")
    assert api.ingest(webhook="ftp://hooks.example").status_code == 422
    assert api.bench.value("SELECT count(*) FROM jobs") == 0


NONSENSE: list[object] = [
    {},
    {"url": 7},
    {"url": ""},
    {"url": "x" * 2049},
    {"url": "https://toy.example/works/1", "recheck": -1},
    {"url": "https://toy.example/works/1", "recheck": "some"},
    {"url": "https://toy.example/works/1", "force": "yes"},
    {"url": "https://toy.example/works/1", "timeout": 1},
    {"url": "https://toy.example/works/1", "forse": True},
    {"url": "https://toy.example/works/1\ud800"},
    ["https://toy.example/works/1"],
]


def test_what_makes_no_sense_is_refused(api: Served) -> None:
    for body in NONSENSE:
        answer = api.client.post(
            "/ingest", content=json.dumps(body), headers={"Content-Type": "application/json"}
        )
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), body
        assert answer.json()["errors"][0]["where"].startswith("body")
    assert api.bench.value("SELECT count(*) FROM jobs") == 0


def test_a_refresh_asks_for_some_chapters_again(api_with_site: Served) -> None:
    api = api_with_site
    slug = api.bench.ingest("https://toy.example/works/1").novel["slug"]  # type: ignore[index]
    answer = api.client.post(f"/novels/{slug}/refresh")
    assert (answer.status_code, answer.json()["message"]) == (202, MESSAGE)
    assert answer.headers["location"] == f"/jobs/{answer.json()['job_id']}"
    options = api.bench.value("SELECT options FROM jobs ORDER BY id DESC LIMIT 1")
    assert (options["recheck"], options["rotate"]) == (5, 5)
    assert api.bench.value("SELECT min(novel_id) = max(novel_id) FROM jobs")
    assert api.bench.value("SELECT count(novel_id) FROM jobs") == 2
    assert api.client.post(f"/novels/{slug}/refresh").status_code == 200


def test_an_unknown_novel_is_not_refreshed(api: Served) -> None:
    answer = api.client.post("/novels/no-such/refresh")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_novel")


def test_the_whole_way_through_the_worker_function(api_with_site: Served, site: ToySite) -> None:
    api = api_with_site
    job_id = api.ingest().json()["job_id"]
    api.bench.run(job_id)
    job = api.client.get(f"/jobs/{job_id}").json()
    assert (job["status"], job["failed"]) == ("done", 1)
    assert job["novel"]["title"] == "A Toy"


def test_a_dead_queue_does_not_hold_up_a_submission(serve: Serve) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        api = serve(redis_url=f"redis://127.0.0.1:{closed.getsockname()[1]}/0")
        assert api.ingest().status_code == 202
        assert api.client.get("/jobs/1").json()["status"] == "queued"


@pytest.fixture
def tarpit() -> Iterator[int]:
    """A server that takes connections and never says anything."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        yield listener.getsockname()[1]


def test_a_queue_that_hangs_does_not_hold_up_a_submission(serve: Serve, tarpit: int) -> None:
    # Who waited for this Redis would wait longer than the client does.
    patient = "socket_timeout=600&socket_connect_timeout=600"
    api = serve(redis_url=f"redis://127.0.0.1:{tarpit}/0?{patient}")
    answers = [api.ingest(str(work)) for work in range(20)]
    assert {answer.status_code for answer in answers} == {202}


def test_a_job_queued_while_redis_was_away_arrives_later(
    serve: Serve, redis: Redis, valkey: str
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        away = serve(redis_url=f"redis://127.0.0.1:{closed.getsockname()[1]}/0")
        away.ingest()
    serve(redis_url=valkey)
    eventually(lambda: redis.llen("rq:queue:ingestion") == 1)


def test_threads_of_the_server_end(serve: Serve) -> None:
    api = serve()
    api.server.should_exit = True
    eventually(lambda: "novel-housekeeper" not in {t.name for t in threading.enumerate()})
