"""Looking at jobs, cancelling and retrying them."""

from __future__ import annotations

from served import Served
from toysite import ToySite

FIRST = ["id", "source_url", "status", "error_message", "created_at", "updated_at"]


def test_a_job_is_shown(api: Served) -> None:
    api.ingest()
    job = api.client.get("/jobs/1").json()
    assert list(job)[:6] == FIRST
    assert job["source_url"] == "https://toy.example/works/1"
    assert (job["status"], job["error_message"], job["attempt"]) == ("queued", None, 0)
    assert job["created_at"].endswith("Z")
    assert {"total", "done", "failed", "requests"} <= set(job)


def test_counters_and_what_could_not_be_had(api_with_site: Served) -> None:
    api = api_with_site
    view = api.bench.ingest("https://toy.example/works/1")
    job = api.client.get(f"/jobs/{view.id}").json()
    assert (job["status"], job["failed"], job["attempt"]) == ("done", 1, 1)
    assert (job["total"], job["done"]) == (view.pages_expected, view.pages_fetched)
    assert job["requests"] == view.requests > 0
    failures = api.client.get(f"/jobs/{view.id}/errors").json()
    assert (failures["total"], failures["page"], failures["total_pages"]) == (1, 1, 1)
    (failure,) = failures["items"]
    assert failure["url"] == "https://toy.example/works/1/3"
    assert (failure["kind"], failure["chapter_id"]) == ("chapter", "3")
    assert failure["code"] == "not_found"
    assert failure["message"]


def test_an_unchanged_job_costs_no_body(api: Served) -> None:
    api.ingest()
    first = api.client.get("/jobs/1")
    tag = first.headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = api.client.get("/jobs/1", headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    api.client.post("/jobs/1/cancel")
    assert api.client.get("/jobs/1", headers={"If-None-Match": tag}).status_code == 200


def test_an_unknown_job(api: Served) -> None:
    for path in ("/jobs/7", "/jobs/7/errors", "/jobs/7/events"):
        answer = api.client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_job")
    for number in ("0", "-1", "x", "9223372036854775808", "1.5"):
        assert api.client.get(f"/jobs/{number}").status_code == 422


def test_jobs_are_listed_in_pages(api: Served) -> None:
    for work in range(5):
        api.ingest(str(work))
    seen, cursor = [], None
    for _ in range(3):
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = api.client.get("/jobs", params=query).json()  # type: ignore[arg-type]
        seen += [job["id"] for job in page["items"]]
        assert (page["total"], page["page"], page["page_size"], page["total_pages"]) == (
            5,
            None,
            2,
            3,
        )
        cursor = page["next"]
    assert (seen, cursor) == ([5, 4, 3, 2, 1], None)


def test_jobs_are_filtered(api_with_site: Served) -> None:
    api = api_with_site
    done = api.bench.ingest("https://toy.example/works/1")
    api.ingest("2")
    api.client.post("/ingest", json={"url": "https://www.royalroad.com/fiction/7"})

    def ids(**query: str) -> list[int]:
        answer = api.client.get("/jobs", params=query)
        assert answer.status_code == 200, answer.text
        return [job["id"] for job in answer.json()["items"]]

    assert ids() == [3, 2, 1]
    assert api.client.get("/jobs?source=royalroad&cursor=OQ").json()["total"] == 1
    assert ids(status="done") == [1]
    assert ids(status="queued", source="toysite") == [2]
    assert ids(source="royalroad") == [3]
    assert done.novel is not None
    assert ids(novel=done.novel["slug"]) == [1]
    assert ids(novel="no-such") == []
    moment = api.client.get("/jobs/2").json()["created_at"]
    assert ids(created_after=moment) == [3]
    assert ids(created_before=moment) == [1]


def test_a_joined_job_counts_as_what_it_joined(api: Served) -> None:
    api.ingest("1")
    api.ingest("2")
    api.bench.write("UPDATE jobs SET status = 'done', joined_job_id = 2 WHERE id = 1")
    assert [job["id"] for job in api.client.get("/jobs?status=queued").json()["items"]] == [2, 1]
    assert api.client.get("/jobs?status=done").json()["items"] == []
    assert api.client.get("/jobs/1").json()["status"] == "queued"


NONSENSE = [
    "limit=0",
    "limit=201",
    "status=lost",
    "cursor=%00",
    "cursor=bm8",
    "cursor=!",
    "cursor=",
    "novel=%00",
    "source=a/b",
    "created_after=yesterday",
    "created_after=1700000000",
    "created_before=0001-01-01T00:00:00%2B23:00",
    "created_after=2026-01-01T00:00:00",
]


def test_a_query_that_makes_no_sense(api: Served) -> None:
    for query in NONSENSE:
        answer = api.client.get(f"/jobs?{query}")
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), query


def test_a_waiting_job_is_cancelled_at_once(api: Served) -> None:
    api.ingest()
    answer = api.client.post("/jobs/1/cancel")
    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["error_code"]) == ("error", "cancelled")
    assert api.client.post("/jobs/1/cancel").status_code == 200


def test_an_ended_job_cannot_be_cancelled(api_with_site: Served) -> None:
    api = api_with_site
    api.bench.ingest("https://toy.example/works/2")
    answer = api.client.post("/jobs/1/cancel")
    assert (answer.status_code, answer.json()["code"]) == (409, "job_not_open")


def test_a_failed_job_is_retried(api: Served) -> None:
    api.ingest()
    api.client.post("/jobs/1/cancel")
    answer = api.client.post("/jobs/1/retry")
    assert (answer.status_code, answer.headers["location"]) == (202, "/jobs/1")
    assert answer.json()["job_id"] == 1
    assert api.client.get("/jobs/1").json()["status"] == "queued"


def test_what_cannot_be_retried(api: Served) -> None:
    api.ingest()
    answer = api.client.post("/jobs/1/retry")
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_retry")
    assert api.client.post("/jobs/9/retry").status_code == 404
    assert api.client.post("/jobs/9/cancel").status_code == 404


def test_warnings_are_counted_and_told(api_with_site: Served, site: ToySite) -> None:
    api = api_with_site
    site.works["1"].facts = {"status": "asleep", "cover_url": "<b>none</b>"}
    view = api.bench.ingest("https://toy.example/works/1")
    job = api.client.get(f"/jobs/{view.id}").json()
    assert job["warnings"] == len(job["warning_messages"]) == 2
    assert "novel 1: status 'asleep' is left out" in job["warning_messages"][1]
    [listed] = api.client.get("/jobs").json()["items"]
    assert listed["warnings"] == 2
    page = api.client.get(f"/activity/{view.id}").text
    assert "status &#39;asleep&#39; is left out" in page
    assert "<b>none" not in page
