"""The commands of the service that core brings: watch, process-queue, cancel, retry, and ingest --queue."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web
from commands import Novel
from redis import Redis
from sqlalchemy.engine import make_url
from workbench import Workbench

from novel_api.job_responses import JobResponse
from novel_core import services
from novel_core.cli.ingest_result import RESULT
from novel_core.cli.process_queue import RESULT as DONE
from novel_core.lookalike import ThreadedServer
from novel_royalroad_lookalike import LookalikeServer

URL = "https://www.royalroad.com/fiction/7"
NOWHERE = "redis://127.0.0.1:9/0"


@pytest.fixture
def service(novel: Novel, redis_url: str) -> Novel:
    """The command, with a queue."""
    novel.set("REDIS_URL", redis_url)
    return novel


@pytest.fixture
def hooks(service: Novel) -> Iterator[list[str]]:
    """What the installation's own webhook was told."""
    told: list[str] = []

    async def hook(request: web.Request) -> web.Response:
        told.append(await request.text())
        return web.Response()

    app = web.Application()
    app.router.add_post("/", hook)
    with ThreadedServer(lambda: app) as served:
        service.set("NOVEL_WEBHOOK_URL", f"{served.url}/")
        service.set("NOVEL_WEBHOOK_SECRET", "a long random text")
        service.set("NOVEL_ALLOW_PRIVATE_HOSTS", "1")
        yield told


def queue_length(redis_url: str) -> int:
    with Redis.from_url(redis_url) as redis:
        return int(redis.llen("rq:queue:ingestion"))


def test_ingest_queue_leaves_the_job_to_a_worker(service: Novel, redis_url: str) -> None:
    ran = service("ingest", URL, "--queue", "--json", "--recheck", "2")
    assert ran.code == 0
    assert list(ran.json) == list(RESULT)
    assert (ran.json["status"], ran.json["requests"], ran.json["novel"]) == ("queued", 0, None)
    job_id = ran.json["job_id"]
    assert queue_length(redis_url) == 1
    again = service("ingest", URL, "--queue")
    assert again.code == 0
    assert f"Job {job_id} is queued already. Follow it: novel job {job_id}" in again.out
    assert queue_length(redis_url) == 1
    assert service("ingest", "https://unknown.example/1", "--queue").code == 2


def test_ingest_queue_without_redis_keeps_the_job(service: Novel, bench: Workbench) -> None:
    service.set("REDIS_URL", NOWHERE)
    ran = service("ingest", URL, "--queue", "--json")
    assert (ran.code, ran.json["status"]) == (0, "queued")
    assert "safe in the database" in ran.err
    assert bench.value("SELECT enqueued_at FROM jobs") is None


def test_cancel_and_retry(service: Novel, redis_url: str) -> None:
    job_id = str(service("ingest", URL, "--queue", "--json").json["job_id"])
    assert f"Job {job_id} is cancelled." in service("cancel", job_id).out
    cancelled = service("cancel", job_id, "--json")  # once more does no harm
    assert (cancelled.code, cancelled.json["status"]) == (0, "error")
    assert cancelled.json["error_code"] == "cancelled"
    before = queue_length(redis_url)
    retried = service("retry", job_id)
    assert retried.code == 0
    assert f"Job {job_id} is queued. Follow it: novel job {job_id}" in retried.out
    assert queue_length(redis_url) == before + 1
    twice = service("retry", job_id, "--json")
    assert (twice.code, twice.json["error_code"]) == (2, "nothing_to_retry")
    for command in ("cancel", "retry"):
        for unknown in ("99", "9" * 30):
            missing = service(command, unknown)
            assert missing.code == 5
            assert "There is no job" in missing.err


def test_a_done_job_is_neither_cancelled_nor_retried(service: Novel) -> None:
    job_id = str(service("ingest", URL, "--json").json["job_id"])
    assert service("cancel", job_id, "--json").json["error_code"] == "job_not_open"
    assert service("retry", job_id, "--json").json["error_code"] == "nothing_to_retry"


def test_retry_without_redis_tells_who_pushes_it(service: Novel) -> None:
    job_id = str(service("ingest", URL, "--queue", "--json").json["job_id"])
    service("cancel", job_id)
    service.set("REDIS_URL", NOWHERE)
    ran = service("retry", job_id)
    assert ran.code == 0
    assert "housekeeper" in ran.err


def test_a_running_job_is_asked_to_stop(
    service: Novel, bench: Workbench, site: LookalikeServer
) -> None:
    job_id = bench.submit(URL)
    bench.write(
        "UPDATE jobs SET status = 'crawling', fence = 1, lease_owner = 'elsewhere:1:1',"
        " lease_until = now() + interval '1 hour'"
    )
    ran = service("cancel", str(job_id))
    assert (ran.code, "is being cancelled" in ran.out) == (0, True)
    assert bench.value("SELECT cancel_requested_at IS NOT NULL FROM jobs")


def test_watch_add_list_and_remove(service: Novel, bench: Workbench) -> None:
    slug = service("ingest", URL, "--json").json["novel"]["slug"]
    assert "No novel is watched" in service("watch", "list").out
    assert "is watched: next updated at" in service("watch", "add", URL).out
    assert "is watched already" in service("watch", "add", "royalroad:7").out
    [view] = service("watch", "add", slug, "royalroad:7", "--json").json
    assert (view["slug"], view["last_job_status"]) == (slug, None)
    assert service("watch", "list", "--json").json == [view]
    assert slug in service("watch", "list").out
    wrong = service("watch", "add", slug, "nobody", "--json")
    assert (wrong.code, wrong.json["error_code"]) == (5, "unknown_novel")
    assert service("watch", "remove", slug, "nobody").code == 5
    assert len(service("watch", "list", "--json").json) == 1  # a wrong name changes nothing
    assert service("watch", "add").code == 2
    assert "no longer watched" in service("watch", "remove", slug).out
    assert "1 of these novels was not watched" in service("watch", "remove", slug).out
    assert service("watch", "list", "--json").json == []


def test_process_queue_does_every_chore_once(
    service: Novel, bench: Workbench, redis_url: str, hooks: list[str]
) -> None:
    assert service("ingest", URL).code == 0
    assert service("watch", "add", "royalroad:7").code == 0
    bench.write("UPDATE watches SET due_at = now()")
    ran = service("process-queue", "--json")
    assert ran.code == 0
    assert list(ran.json) == [*DONE, "error_code", "error_message"]
    assert ran.json["watches_submitted"] == 1
    assert ran.json["pushed"] == 1
    assert ran.json["webhooks_delivered"] == 1
    assert ran.json["error_code"] is None
    assert queue_length(redis_url) == 1
    assert len(hooks) == 1
    assert "job.done" in hooks[0]
    with Redis.from_url(redis_url) as redis:
        redis.flushall()
    bench.write("UPDATE jobs SET enqueued_at = now() - interval '1 minute' WHERE status = 'queued'")
    text = service("process-queue").out
    assert "1  jobs that the queue had lost" in text
    assert queue_length(redis_url) == 1


def test_a_webhook_shows_the_job_as_the_api_does(
    service: Novel, bench: Workbench, hooks: list[str]
) -> None:
    job_id = service("ingest", URL, "--json").json["job_id"]
    assert service("process-queue").code == 0
    shown = JobResponse.of(bench.job(job_id)).model_dump(mode="json")
    assert json.loads(hooks[0])["job"] == shown


def test_a_retried_job_tells_its_end_again(
    service: Novel, bench: Workbench, hooks: list[str]
) -> None:
    job_id = str(service("ingest", URL, "--queue", "--json").json["job_id"])
    assert service("cancel", job_id).code == 0
    assert service("process-queue", "--json").json["webhooks_delivered"] == 1
    assert service("retry", job_id).code == 0
    bench.run(int(job_id))
    assert service("process-queue", "--json").json["webhooks_delivered"] == 1
    assert [json.loads(body)["event"] for body in hooks] == ["job.error", "job.done"]


def test_process_queue_without_redis_does_what_it_can(
    service: Novel, bench: Workbench, hooks: list[str]
) -> None:
    assert service("ingest", URL).code == 0
    assert service("watch", "add", "royalroad:7").code == 0
    bench.write("UPDATE watches SET due_at = now()")
    service.set("REDIS_URL", NOWHERE)
    ran = service("process-queue", "--json")
    assert (ran.code, ran.json["error_code"]) == (1, "queue_error")
    assert ran.json["pushed"] is None
    assert ran.json["watches_submitted"] == ran.json["webhooks_delivered"] == 1
    assert len(hooks) == 1
    again = service("process-queue")
    assert again.code == 1
    assert "The queue cannot be reached" in again.err
    assert "Traceback" not in again.err


def test_many_may_process_the_queue_at_once(
    bench: Workbench, service: Novel, redis_url: str
) -> None:
    from novel_core.queue.connection import connect
    from novel_core.queue.dispatch import dispatch
    from novel_core.queue.reconcile import mark_lost

    service("ingest", URL, "--queue")
    with Redis.from_url(redis_url) as redis:
        redis.flushall()
    bench.write("UPDATE jobs SET enqueued_at = now() - interval '1 minute'")
    together = threading.Barrier(4)

    def run() -> None:
        together.wait()
        client = connect(redis_url, patience=5)
        mark_lost(bench.database, client)
        dispatch(bench.database, client, job_timeout=bench.runtime.settings.job_timeout)
        client.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert queue_length(redis_url) == 1


def test_a_made_key_says_whose_it_is(
    service: Novel, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.set("DATABASE_URL", database_url.replace("novel@", "novel:hunter2@"))
    ran = service("keys", "create", "one", "--scope", "read")
    assert "DATABASE_URL" not in ran.err
    assert make_url(database_url).database in ran.err
    told = service("keys", "create", "two", "--scope", "read", "--json").json["database"]
    assert "hunter2" not in ran.out + ran.err + told
    monkeypatch.delenv("DATABASE_URL")
    service.set("NOVEL_DATA_DIR", str(tmp_path / "data"))
    ran = service("keys", "create", "three", "--scope", "admin")
    services.stop(tmp_path / "data", force=True)
    assert str(tmp_path / "data") in ran.err
    assert "DATABASE_URL is not set" in ran.err
    assert "no job yet" in ran.err


def test_jobs_of_a_status_are_those_the_api_lists(service: Novel, bench: Workbench) -> None:
    leader = bench.submit(URL)
    joined = bench.submit("https://www.royalroad.com/fiction/8")
    bench.write("UPDATE jobs SET status = 'done', joined_job_id = 1 WHERE id = 2")
    assert (leader, joined) == (1, 2)
    queued = service("jobs", "--status", "queued", "--json").json
    assert [(job["id"], job["status"]) for job in queued] == [(2, "queued"), (1, "queued")]
    assert service("jobs", "--status", "done", "--json").json == []
