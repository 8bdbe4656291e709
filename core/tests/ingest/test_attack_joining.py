"""Links that do not tell their novel: joined jobs, failed ones, and what they leave behind."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import toysite
from polling import eventually
from toysite import ToySite
from workbench import Workbench

from novel_core import intake
from novel_core.archive import retention
from novel_core.db.engine import session
from novel_core.ingest.announcing import announce_pending
from novel_core.intake import resolve, submit
from novel_core.jobs import lifecycle, unclaimed
from novel_core.jobs.options import JobOptions
from novel_core.page import Page, Parsed
from novel_core.states import JobState

URL = "https://toy.example/works/1"
SHORT = "https://toy.example/c/3"


def claimed(bench: Workbench, url: str) -> int:
    job_id = bench.submit(url)
    with session(bench.database) as opened:
        assert lifecycle.claim(opened, job_id, lease=60)
    return job_id


def remove(bench: Workbench) -> None:
    novel_id = bench.novel_id(URL)
    with session(bench.database) as opened:
        intake.remove(opened, novel_id)


def test_a_joined_job_leaves_no_page_behind(bench: Workbench) -> None:
    leader = claimed(bench, URL)
    joined = bench.ingest(SHORT)
    assert (joined.joined_job_id, joined.status) == (leader, JobState.CRAWLING)
    assert bench.value("SELECT count(*) FROM pages") == 0


def test_a_joined_job_is_not_announced_as_finished(bench: Workbench) -> None:
    claimed(bench, URL)
    bench.ingest(SHORT)
    announce_pending(bench.runtime)
    assert toysite.FINISHED == []


def test_a_job_that_learnt_its_novel_and_failed_is_taken_up_again(
    bench: Workbench, site: ToySite, monkeypatch: pytest.MonkeyPatch
) -> None:
    healthy = toysite.ToyParser._work

    def broken(*_: object) -> None:
        raise KeyError("surprise")

    monkeypatch.setattr(toysite.ToyParser, "_work", broken)
    first = bench.ingest(SHORT)
    assert first.status == JobState.ERROR
    monkeypatch.setattr(toysite.ToyParser, "_work", healthy)
    site.requests.clear()
    second = bench.ingest(SHORT)
    assert (second.id, second.status) == (first.id, JobState.DONE)
    assert second.chapters["new"] == 5
    assert len(toysite.FINISHED) == 2


def test_an_open_job_that_has_learnt_its_novel_is_met_by_the_same_link(
    bench: Workbench, site: ToySite
) -> None:
    job_id = claimed(bench, SHORT)
    bench.write(
        "UPDATE jobs SET source_novel_id = '1', kind = 'novel', url = :url WHERE id = :id",
        url=URL,
        id=job_id,
    )
    assert bench.submit(SHORT) == job_id
    assert site.requests == []


def test_a_first_page_that_told_nothing_is_asked_for_again(
    bench: Workbench, site: ToySite, monkeypatch: pytest.MonkeyPatch
) -> None:
    healthy = toysite.ToyParser.parse

    def silent(self: toysite.ToyParser, page: Page) -> Parsed:
        return Parsed(items=healthy(self, page).items)

    with monkeypatch.context() as changed:
        changed.setattr(toysite.ToyParser, "parse", silent)
        assert bench.ingest(SHORT).error_code == "page_changed"
    site.requests.clear()
    assert bench.ingest(SHORT).status == JobState.DONE
    assert site.requests[0] == "/c/3"


def test_a_job_opened_again_is_announced_even_if_its_process_dies(bench: Workbench) -> None:
    job_id = bench.submit(URL)
    bench.write("UPDATE jobs SET status = 'error', finished_at = now(), announced_at = now()")
    assert bench.submit(URL) == job_id
    assert bench.value("SELECT announced_at IS NULL FROM jobs")


def test_two_submissions_that_open_a_failed_job_at_once(bench: Workbench) -> None:
    runtime = bench.runtime
    failed = bench.submit(URL)
    bench.write("UPDATE jobs SET status = 'error', finished_at = now()")
    with ThreadPoolExecutor(1) as pool:
        with session(bench.database) as opened:
            first = submit(opened, runtime.settings, resolve(runtime.registry, URL), JobOptions())
            other = pool.submit(bench.submit, URL)
            eventually(lambda: bench.value("SELECT count(*) FROM pg_locks WHERE NOT granted"))
        assert (first.job_id, other.result(30)) == (failed, failed)
    assert [event.message for event in bench.events(failed)] == ["submitted", "submitted again"]


def test_a_failed_job_is_not_opened_beside_an_active_one(bench: Workbench) -> None:
    failed = bench.submit(URL)
    bench.write("UPDATE jobs SET status = 'error', finished_at = now()")
    bench.write(
        "INSERT INTO jobs (source, source_url, url, kind, source_novel_id)"
        " VALUES ('toysite', 'u', 'u', 'novel', '1')"
    )
    with session(bench.database) as opened:
        assert not unclaimed.reopen(opened, failed, JobOptions())


def test_a_job_whose_novel_is_gone_is_announced_all_the_same(bench: Workbench) -> None:
    bench.ingest(URL)
    remove(bench)
    bench.write("UPDATE jobs SET announced_at = NULL")
    announce_pending(bench.runtime)
    assert bench.value("SELECT announced_at IS NOT NULL FROM jobs")


def test_removal_takes_what_a_failed_save_has_staged(bench: Workbench) -> None:
    job = bench.ingest(URL)
    bench.write(
        "INSERT INTO staged_items (job_id, page_id, kind, key, part, position, payload)"
        " VALUES (:job, 1, 'chapter', '1', 0, 0, 'the whole text')",
        job=job.id,
    )
    remove(bench)
    assert bench.value("SELECT count(*) FROM staged_items") == 0


def test_a_sweep_takes_what_failed_jobs_have_staged_and_their_images(bench: Workbench) -> None:
    job_id = bench.submit(URL)
    bench.write("UPDATE jobs SET status = 'error', finished_at = now() - interval '30 days'")
    bench.write(
        "INSERT INTO staged_items (job_id, page_id, kind, key, part, position, payload)"
        " VALUES (:job, 1, 'chapter', '1', 0, 0, 'the whole text')",
        job=job_id,
    )
    bench.write(
        "INSERT INTO pages (job_id, kind, url, requested_url, chapter_ids, part, position, status,"
        " headers, codec, body, size, fetched_at)"
        " VALUES (:job, 'image', 'i', 'i', '{}', 0, 0, 200, '{}', 'identity', '', 0, now())",
        job=job_id,
    )
    retention.sweep(bench.database, bench.runtime.settings)
    assert bench.value("SELECT count(*) FROM staged_items") == 0
    assert bench.value("SELECT count(*) FROM pages") == 0


@pytest.mark.parametrize("owner", [None, "elsewhere/1/0.00"])
def test_a_job_that_nobody_runs_does_not_forbid_a_removal(
    bench: Workbench, owner: str | None
) -> None:
    bench.ingest(URL)
    job_id = bench.submit(URL)
    if owner:
        bench.write(
            "UPDATE jobs SET status = 'crawling', lease_owner = :owner,"
            " lease_until = now() - interval '1 hour' WHERE id = :id",
            owner=owner,
            id=job_id,
        )
    remove(bench)
    assert bench.value("SELECT count(*) FROM novels") == 0
    assert bench.job(job_id).error_code == "cancelled"


def test_two_removals_at_once(bench: Workbench) -> None:
    bench.ingest(URL)
    novel_id = bench.novel_id(URL)
    remove(bench)
    with pytest.raises(Exception, match="no novel"), session(bench.database) as opened:
        intake.remove(opened, novel_id)
