"""Following a job as it goes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
from polling import eventually
from served import Serve, Served

Told = tuple[str, str | None, Any]


def told(answer: httpx.Response) -> Iterator[Told]:
    """The events of a stream: name, id, data."""
    fields: dict[str, str] = {}
    for line in answer.iter_lines():
        if line.startswith(":"):
            continue
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
            continue
        if "data" in fields:
            yield fields.get("event", ""), fields.get("id"), json.loads(fields["data"])
        fields = {}


def follow(api: Served, job_id: int = 1, **headers: str) -> list[Told]:
    with api.client.stream("GET", f"/jobs/{job_id}/events", headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        return list(told(answer))


def test_the_story_of_an_ended_job(api_with_site: Served) -> None:
    api = api_with_site
    api.bench.ingest("https://toy.example/works/1")
    events = follow(api)
    states = [data["status"] for name, _, data in events if name == "state"]
    assert states == ["queued", "crawling", "parsing", "saving", "done"]
    assert events[0][2]["message"] == "submitted"
    name, number, job = events[-1]
    assert (name, number, job["id"], job["status"]) == ("end", None, 1, "done")
    assert [name for name, _, _ in events].count("progress") == 1


def test_it_goes_on_after_the_last_event_seen(api_with_site: Served) -> None:
    api = api_with_site
    api.bench.ingest("https://toy.example/works/1")
    numbered = [number for _, number, _ in follow(api) if number]
    again = follow(api, **{"Last-Event-ID": numbered[1] or ""})
    assert [number for _, number, _ in again if number] == numbered[2:]
    assert again[-1][0] == "end"


def test_a_stream_ends_with_its_job(api: Served) -> None:
    api.ingest()
    with api.client.stream("GET", "/jobs/1/events") as answer:
        events = told(answer)
        assert next(events)[2]["message"] == "submitted"
        name, number, progress = next(events)
        assert (name, number, progress["status"]) == ("progress", None, "queued")
        assert set(progress) == {"status", "total", "done", "failed", "requests", "attempt"}
        api.bench.write("UPDATE jobs SET pages_expected = 9, pages_fetched = 4")
        name, _, progress = next(events)
        assert (name, progress["total"], progress["done"]) == ("progress", 9, 4)
        api.client.post("/jobs/1/cancel")
        rest = list(events)
    assert [name for name, _, _ in rest] == ["state", "progress", "end"]
    assert rest[-1][2]["error_code"] == "cancelled"


def test_a_joined_job_tells_the_story_of_the_other(api: Served) -> None:
    api.ingest("1")
    api.ingest("2")
    api.client.post("/jobs/2/cancel")
    api.bench.write("UPDATE jobs SET status = 'done', joined_job_id = 2 WHERE id = 1")
    assert follow(api, 1)[-1][2]["error_code"] == "cancelled"


def test_streams_are_counted(serve: Serve) -> None:
    api = serve(api_streams=1)
    api.ingest()
    with api.client.stream("GET", "/jobs/1/events") as answer:
        events = told(answer)  # kept: a generator that is forgotten closes the connection
        assert next(events)
        refused = api.client.get("/jobs/1/events")
        assert (refused.status_code, refused.json()["code"]) == (503, "too_busy")
        assert int(refused.headers["retry-after"]) > 0
    # Who leaves makes room.
    eventually(lambda: api.app.state.api.streams.open == 0)
    assert api.client.post("/jobs/1/cancel").status_code == 200
    assert follow(api)[-1][0] == "end"


def test_a_long_story_is_told_whole(api: Served) -> None:
    api.ingest()
    api.bench.write(
        "INSERT INTO job_events (job_id, kind, message) SELECT 1, 'note', n::text FROM generate_series(1, 1234) n"
    )
    api.client.post("/jobs/1/cancel")
    events = follow(api)
    assert [data["message"] for name, _, data in events if name == "note"] == [
        str(number) for number in range(1, 1235)
    ]
    assert events[-1][0] == "end"


def test_a_stream_ends_when_its_key_is_revoked(api: Served) -> None:
    key = api.key("ingest")
    api.client.post("/ingest", json={"url": "https://toy.example/works/1"}, headers=key)
    with api.client.stream("GET", "/jobs/1/events", headers=key) as answer:
        events = told(answer)
        assert next(events)
        api.bench.write("UPDATE api_keys SET revoked_at = now()")
        assert "end" not in [name for name, _, _ in events]
    eventually(lambda: api.app.state.api.streams.open == 0)


def test_a_stream_without_a_key_ends_when_there_is_one(api: Served) -> None:
    api.ingest()
    with api.client.stream("GET", "/jobs/1/events") as answer:
        events = told(answer)
        assert next(events)
        api.key("read")
        assert "end" not in [name for name, _, _ in events]


def test_a_refused_stream_leaves_its_place(serve: Serve) -> None:
    api = serve(api_streams=1)
    for _ in range(3):
        assert api.client.get("/jobs/9/events").status_code == 404
    assert api.app.state.api.streams.open == 0


def test_a_bad_last_event_id(api: Served) -> None:
    api.ingest()
    answer = api.client.get("/jobs/1/events", headers={"Last-Event-ID": "x"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
