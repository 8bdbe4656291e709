"""Every refusal is a problem with a stable code."""

from __future__ import annotations

from typing import Any

import httpx
from served import Serve, Served

from novel_core.db.engine import open_database

FIELDS = {"type", "title", "status", "detail", "code", "hint", "instance"}


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told: dict[str, Any] = answer.json()
    assert told.keys() >= FIELDS
    assert (told["status"], told["code"]) == (status, code)
    assert told["instance"] == answer.request.url.path
    assert told["detail"]
    return told


def test_an_unsupported_address_lists_what_is_supported(api: Served) -> None:
    answer = api.client.post("/ingest", json={"url": "https://www.example.org/novel/1"})
    told = problem(answer, 422, "unsupported_url")
    sources = {source["name"]: source for source in told["sources"]}  # type: ignore[attr-defined]
    assert set(sources) == {"toysite", "royalroad"}
    assert sources["toysite"] == {
        "name": "toysite",
        "title": "Toy Site",
        "homepage": "https://toy.example",
        "domains": ["toy.example"],
    }


def test_what_is_no_address(api: Served) -> None:
    for url in ("ftp://toy.example/works/1", "  ", "https://u:p@toy.example/1"):
        problem(api.client.post("/ingest", json={"url": url}), 422, "invalid_url")


def test_a_page_of_a_supported_site_that_is_no_novel(api: Served) -> None:
    answer = api.client.post("/ingest", json={"url": "https://toy.example/about"})
    problem(answer, 422, "unsupported_url")


def test_an_unknown_path(api: Served) -> None:
    problem(api.client.get("/nothing"), 404, "unknown_address")
    problem(api.client.get("/nothing/"), 404, "unknown_address")


def test_a_method_that_is_not_there(api: Served) -> None:
    answer = api.client.delete("/jobs")
    problem(answer, 405, "method_refused")
    assert answer.headers["allow"] == "GET, HEAD"
    answer = api.client.get("/ingest")
    problem(answer, 405, "method_refused")
    assert answer.headers["allow"] == "POST"


def test_a_body_that_is_no_json(api: Served) -> None:
    headers = {"Content-Type": "application/json"}
    answer = api.client.post("/ingest", content=b"{", headers=headers)
    told = problem(answer, 422, "invalid_request")
    assert told["errors"][0]["where"] == "body"
    assert told["detail"].startswith("body: not JSON, at character 1: ")
    problem(
        api.client.post("/ingest", content=b"\xff\xfe", headers=headers), 422, "invalid_request"
    )
    told = problem(api.client.post("/ingest", content=b"url=x"), 422, "invalid_request")
    assert told["detail"].startswith("body: not JSON, at character 0: ")
    told = problem(
        api.client.post("/ingest", content=b"{}", headers={"Content-Type": "text/plain"}),
        422,
        "invalid_request",
    )
    assert "Content-Type: application/json" in told["detail"]
    deep = b'{"url":' + b"[" * 30_000
    assert api.client.post("/ingest", content=deep, headers=headers).status_code in {400, 422}


def test_a_field_that_does_not_exist(api: Served) -> None:
    answer = api.client.post("/ingest", json={"url": "https://example.org", "colour": "red"})
    told = problem(answer, 422, "invalid_request")
    assert told["detail"] == "body.colour: there is no such field"


def test_hints_are_for_clients_of_the_api(api: Served) -> None:
    told = problem(api.client.post("/novels/nothing-here/refresh"), 404, "unknown_novel")
    assert "POST /ingest" in told["hint"]
    told = problem(api.client.get("/jobs/4242"), 404, "unknown_job")
    assert "GET /jobs" in told["hint"]


def test_a_body_that_is_too_large(api: Served) -> None:
    body = {"url": "x" * 70_000}
    problem(api.client.post("/ingest", json=body), 413, "request_too_large")


def test_a_body_of_unknown_length_that_is_too_large(api: Served) -> None:
    answer = api.client.post(
        "/ingest",
        content=(b"x" * 1000 for _ in range(100)),
        headers={"Content-Type": "application/json"},
    )
    problem(answer, 413, "request_too_large")


def test_secrets_that_were_sent_are_not_repeated(api: Served) -> None:
    answer = api.client.post("/ingest", json={"url": {"password": "hunter2"}})
    problem(answer, 422, "invalid_request")
    assert "hunter2" not in answer.text


def test_a_bug_says_nothing_of_itself(api: Served) -> None:
    api.bench.write("ALTER TABLE jobs RENAME TO jobs_away")
    answer = api.ingest()
    problem(answer, 500, "error")
    assert "jobs" not in answer.text.replace("/jobs", "")


def test_a_database_that_is_away(serve: Serve) -> None:
    engine = open_database("postgresql://nobody@127.0.0.1:1/nothing")
    api = serve(engine=engine)
    for answer in (api.ingest(), api.client.get("/jobs/1"), api.client.get("/health/ready")):
        told = problem(answer, 503, "storage_error")
        assert told["hint"]
        assert int(answer.headers["retry-after"]) > 0
    assert api.client.get("/health").json() == {"status": "ok"}
    engine.dispose()


def test_the_limit_of_requests(serve: Serve) -> None:
    api = serve(api_rate_limit=5)
    statuses = [api.client.get("/jobs").status_code for _ in range(6)]
    assert statuses == [200] * 5 + [429]
    answer = api.client.get("/jobs")
    problem(answer, 429, "too_many_requests")
    assert 1 <= int(answer.headers["retry-after"]) <= 120
    # The service's own probes are not counted.
    assert api.client.get("/health").status_code == 200


def test_each_key_has_its_own_limit(serve: Serve) -> None:
    api = serve(api_rate_limit=3)
    one, two = api.key("read", name="one"), api.key("read", name="two")
    assert [api.client.get("/jobs", headers=one).status_code for _ in range(4)][-1] == 429
    assert api.client.get("/jobs", headers=two).status_code == 200


def test_guessing_keys_is_limited(serve: Serve) -> None:
    api = serve(api_rate_limit=3)
    api.key("read")
    guesses = [api.client.get("/jobs", headers={"X-API-Key": f"novel_{n}"}) for n in range(4)]
    assert [guess.status_code for guess in guesses] == [401, 401, 401, 429]


def test_processes_share_the_limit(serve: Serve) -> None:
    api = serve(api_rate_limit=8, api_workers=4)
    assert [api.client.get("/jobs").status_code for _ in range(3)] == [200, 200, 429]
