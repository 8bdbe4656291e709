"""Sites by the API: proved by a job that a worker runs, added, shown and removed."""

from __future__ import annotations

import pytest
from chronicles import NOVEL, ChronicleSite
from polling import eventually
from served import Served


def test_a_site_is_proved_by_a_worker_added_and_removed(
    api_with_family: Served, chronicle: ChronicleSite
) -> None:
    api, client = api_with_family, api_with_family.client
    client.headers.update(api.key("admin"))
    asked = client.post("/sites", json={"url": NOVEL})
    assert (asked.status_code, asked.json()["status"]) == (202, "queued")
    job = asked.json()["job_id"]
    assert asked.headers["location"] == f"/jobs/{job}"
    # The same site again, before its job has ended.
    assert client.post("/sites", json={"url": NOVEL}).status_code == 200
    assert client.get(f"/adoptions/{job}").json()["report"] is None
    early = client.post(f"/adoptions/{job}/confirm")
    assert (early.status_code, early.json()["code"]) == (422, "usage")
    assert chronicle.paths() == []

    api.bench.run(job)
    proof = client.get(f"/adoptions/{job}").json()
    report = proof["report"]
    assert (proof["status"], proof["verdict"], proof["site"]) == ("done", "proved", None)
    assert (report["software"], report["version"]) == ("Chronicle", "3.2")
    assert (report["novel"]["found"], report["novel"]["stated"]) == (12, 12)
    assert client.get("/sites").json()["items"] == []

    assert client.post(f"/adoptions/{job}/confirm").json() == {"site": "chronicle-example"}
    (site,) = client.get("/sites").json()["items"]
    assert (site["name"], site["added_by"]) == ("chronicle-example", "operator")
    assert site["removed_at"] is None
    assert client.get("/sites/chronicle-example").json()["proof"]["job_id"] == job
    # What a process knows of the host is a few seconds old at most.
    eventually(lambda: client.post("/ingest", json={"url": NOVEL}).status_code == 202)
    known = client.post("/sites", json={"url": NOVEL})
    assert (known.status_code, known.json()["code"]) == (409, "site_known")

    removed = client.delete("/sites/chronicle-example")
    assert removed.json() == {"name": "chronicle-example", "novels": 0, "jobs": 1}
    assert client.get("/sites").json()["items"][0]["removed_at"] is not None
    eventually(
        lambda: client.post("/ingest", json={"url": NOVEL}).json().get("code") == "site_removed"
    )


def test_only_an_admin_adds_and_removes_sites(api_with_family: Served) -> None:
    api, client = api_with_family, api_with_family.client
    admin, ingester = api.key("admin"), api.key("ingest", name="other")
    job = client.post("/sites", json={"url": NOVEL}, headers=admin).json()["job_id"]
    for method, path in (
        ("POST", "/sites"),
        ("POST", f"/adoptions/{job}/confirm"),
        ("DELETE", "/sites/chronicle-example"),
    ):
        body = {"url": NOVEL} if path == "/sites" else None
        answer = client.request(method, path, json=body, headers=ingester)
        assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    for path in ("/sites", f"/adoptions/{job}"):
        assert client.get(path, headers=ingester).status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"url": "no address"}, 422, "invalid_url"),
        ({"url": "https://127.0.0.1/t/1"}, 422, "address_refused"),
        ({"url": "https://localhost/t/1"}, 422, "address_refused"),
        ({"url": "https://unknown.example:8080/t/1"}, 422, "address_refused"),
        ({"url": NOVEL, "family": "other"}, 422, "unsupported_url"),
        ({"url": NOVEL, "language": "not a tag"}, 422, "invalid_request"),
        ({"url": NOVEL, "hosts": ["a.example"] * 11}, 422, "invalid_request"),
        ({"url": NOVEL, "sure": True}, 422, "invalid_request"),
        ({"url": "https://a.example/" + "a" * 9000}, 422, "invalid_request"),
    ],
)
def test_a_site_that_cannot_be_asked_about(
    api_with_family: Served,
    chronicle: ChronicleSite,
    body: dict[str, object],
    status: int,
    code: str,
) -> None:
    answer = api_with_family.client.post("/sites", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["hint"]
    assert chronicle.paths() == []


def test_an_answer_is_sent_again_for_the_same_idempotency_key(api_with_family: Served) -> None:
    client = api_with_family.client
    headers = {"Idempotency-Key": "one"}
    first = client.post("/sites", json={"url": NOVEL}, headers=headers)
    again = client.post("/sites", json={"url": NOVEL}, headers=headers)
    assert (again.status_code, again.json()) == (202, first.json())
    other = client.post("/sites", json={"url": NOVEL, "yes": True}, headers=headers)
    assert other.json()["code"] == "idempotency_mismatch"


def test_further_hosts_are_shown_and_confirmed(
    api_with_family: Served, chronicle: ChronicleSite
) -> None:
    api, client = api_with_family, api_with_family.client
    chronicle.change(head=chronicle.content.head + "<link rel=api href='https://api.example/v1'>")
    job = client.post("/sites", json={"url": NOVEL}).json()["job_id"]
    api.bench.run(job)
    proof = client.get(f"/adoptions/{job}").json()
    assert (proof["status"], proof["error_code"]) == ("error", "hosts_unconfirmed")
    assert proof["hosts"] == ["api.example"]
    body = {"url": NOVEL, "hosts": proof["hosts"], "yes": True}
    again = client.post("/sites", json=body).json()["job_id"]
    api.bench.run(again)
    proof = client.get(f"/adoptions/{again}").json()
    assert (proof["status"], proof["site"]) == ("done", "chronicle-example")
    assert proof["report"]["hosts"] == ["chronicle.example", "api.example"]


def test_what_is_not_there(api_with_family: Served) -> None:
    client = api_with_family.client
    for path in ("/sites/nothing", "/adoptions/999"):
        assert client.get(path).status_code == 404
    assert client.delete("/sites/nothing").json()["code"] == "unknown_source"
