"""A request sent twice has one effect and one answer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from served import Served

KEY = {"Idempotency-Key": "7f-01"}
BODY = {"url": "https://toy.example/works/1"}


def test_the_answer_is_given_again(api: Served) -> None:
    first = api.client.post("/ingest", json=BODY, headers=KEY)
    api.client.post("/jobs/1/cancel")
    again = api.client.post("/ingest", json=BODY, headers=KEY)
    assert (again.status_code, again.json()) == (202, first.json())
    assert again.headers["location"] == "/jobs/1"
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    # Without the key it would have been opened again.
    assert api.client.get("/jobs/1").json()["error_code"] == "cancelled"


def test_another_request_with_the_same_key_is_refused(api: Served) -> None:
    api.client.post("/ingest", json=BODY, headers=KEY)
    for other in (BODY | {"force": True}, {"url": "https://toy.example/works/2"}):
        answer = api.client.post("/ingest", json=other, headers=KEY)
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_mismatch")
    answer = api.client.post("/jobs/1/retry", headers=KEY)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_mismatch")
    assert api.bench.value("SELECT count(*) FROM jobs") == 1


def test_concurrent_duplicates_get_one_answer(api: Served) -> None:
    with ThreadPoolExecutor(10) as pool:
        answers = list(
            pool.map(lambda _: api.client.post("/ingest", json=BODY, headers=KEY), range(20))
        )
    assert {(answer.status_code, answer.text) for answer in answers} == {
        (202, answers[0].text),
    }
    assert sum("idempotency-replayed" in answer.headers for answer in answers) == 19
    assert api.bench.value("SELECT count(*) FROM job_events") == 1


def test_a_refusal_is_not_remembered(api: Served) -> None:
    refused = api.client.post("/ingest", json={"url": "https://no.example/1"}, headers=KEY)
    assert refused.status_code == 422
    assert api.client.post("/ingest", json=BODY, headers=KEY).status_code == 202


def test_a_key_is_forgotten_after_a_day(api: Served) -> None:
    api.client.post("/ingest", json=BODY, headers=KEY)
    api.bench.write("UPDATE idempotency_keys SET created_at = now() - interval '25 hours'")
    again = api.client.post("/ingest", json=BODY, headers=KEY)
    assert again.status_code == 200
    assert "idempotency-replayed" not in again.headers
    assert api.bench.value("SELECT count(*) FROM idempotency_keys") == 1


def test_keys_of_different_callers_do_not_meet(api: Served) -> None:
    one, two = api.key("ingest", name="one"), api.key("ingest", name="two")
    api.client.post("/ingest", json=BODY, headers=KEY | one)
    other = {"url": "https://toy.example/works/2"}
    assert api.client.post("/ingest", json=other, headers=KEY | two).status_code == 202


def test_a_retry_takes_a_key_too(api: Served) -> None:
    api.ingest()
    api.client.post("/jobs/1/cancel")
    assert api.client.post("/jobs/1/retry", headers=KEY).status_code == 202
    again = api.client.post("/jobs/1/retry", headers=KEY)
    assert (again.status_code, again.headers["idempotency-replayed"]) == (202, "true")


def test_a_malformed_key_is_refused(api: Served) -> None:
    for key in ("", "a b", "x" * 256):
        answer = api.client.post("/ingest", json=BODY, headers={"Idempotency-Key": key})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
