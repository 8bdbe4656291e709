"""What must not get lost: parts, edits, chapters beside an absurd one."""

from dataclasses import replace

import pytest
import toysite
from toysite import ToyChapter, ToySite, ToyWork
from workbench import Workbench

from novel_core.db.engine import session
from novel_core.errors import PageBroken
from novel_core.jobs import unclaimed
from novel_core.page import Page
from novel_core.states import JobState

URL = "https://toy.example/works/1"


def test_a_chapter_whose_last_part_is_dead_is_a_gap_and_not_a_shorter_chapter(
    bench: Workbench, work: ToyWork
) -> None:
    work.chapters[1].parts = ["<p>One.</p>", "<p>Two.</p>"]
    work.chapters[1].dead_part = 1
    job = bench.ingest(URL)
    assert (job.status, job.chapters["new"], job.chapters["failed"]) == (JobState.DONE, 4, 1)
    assert [chapter.state for chapter in bench.chapters(URL)][1] == "missing"


def test_a_held_chapter_is_not_replaced_by_a_part_of_its_next_version(
    bench: Workbench, work: ToyWork, site: ToySite
) -> None:
    work.chapters[1].parts = ["<p>One.</p>", "<p>Two.</p>"]
    bench.ingest(URL)
    work.chapters[1].parts = ["<p>Better one.</p>", ""]
    work.chapters[1].dead_part = 1
    job = bench.ingest(URL, recheck="all")
    assert (job.chapters["changed"], job.chapters["unchanged"]) == (0, 5)
    assert bench.read(URL, "2").content_html == "<p>One.</p><p>Two.</p>"


def test_an_edit_that_could_not_be_had_is_asked_for_again(
    bench: Workbench, work: ToyWork, site: ToySite
) -> None:
    work.chapters[2].marker = "v1"
    bench.ingest(URL)
    work.chapters[2].marker = "v2"
    work.chapters[2].parts = ["<p>Better text.</p>"]
    work.chapters[2].dead_part = 0
    assert bench.ingest(URL).chapters["changed"] == 0
    work.chapters[2].dead_part = None
    assert bench.ingest(URL).chapters["changed"] == 1
    assert bench.read(URL, "3").content_html == "<p>Better text.</p>"
    site.requests.clear()
    assert bench.ingest(URL).chapters["unchanged"] == 5
    assert site.requests == ["/works/1"]


def test_an_edit_of_a_chapter_that_was_locked_meanwhile_is_asked_for_once_unlocked(
    bench: Workbench, work: ToyWork
) -> None:
    work.chapters[2].marker = "v1"
    bench.ingest(URL)
    work.chapters[2] = replace(
        work.chapters[2], marker="v2", locked=True, parts=["<p>Better text.</p>"]
    )
    assert bench.ingest(URL).chapters["changed"] == 0
    work.chapters[2] = replace(work.chapters[2], locked=False)
    assert bench.ingest(URL).chapters["changed"] == 1


def test_an_absurd_chapter_is_a_gap_and_the_others_are_saved(
    bench: Workbench, work: ToyWork
) -> None:
    work.chapters[3].parts = ["<div>" * 100_000]
    job = bench.ingest(URL)
    assert job.status == JobState.DONE, job.error_message
    assert (job.chapters["new"], job.chapters["failed"]) == (4, 1)
    [failure] = bench.failures(job.id)
    assert (failure.chapter_id, failure.code) == ("4", "page_broken")


def test_a_chapter_interrupted_between_its_parts_goes_on(
    bench: Workbench, work: ToyWork, site: ToySite
) -> None:
    work.chapters[1].parts = ["<p>One.</p>", "<p>Two.</p>", "<p>Three.</p>"]
    job_id = bench.submit(URL)
    bench.run(job_id)
    with bench.database.begin() as connection:
        connection.exec_driver_sql("TRUNCATE novels CASCADE")
        connection.exec_driver_sql("DELETE FROM pages WHERE part = 1")
        connection.exec_driver_sql(
            "UPDATE jobs SET status = 'error', error_code = 'site_unavailable'"
        )
    site.requests.clear()
    assert bench.ingest(URL).chapters["new"] == 5


def test_a_job_goes_on_behind_any_number_of_pages_that_lead_to_each_other(
    bench: Workbench, work: ToyWork, site: ToySite
) -> None:
    """Each part of the chapter is found on the one before it."""
    work.chapters[1].parts = ["<p>More.</p>"] * 600
    work.chapters[1].dead_part = 599
    job_id = bench.submit(URL)
    bench.run(job_id)
    assert bench.job(job_id).chapters["failed"] == 1
    site.requests.clear()
    work.chapters[1].dead_part = None
    with session(bench.database) as opened:
        unclaimed.retry(opened, job_id)
    bench.run(job_id)
    assert bench.job(job_id).chapters["failed"] == 0
    assert site.requests == ["/works/1/2?part=599"]


def test_a_chapter_listed_twice_and_moved_and_others_gone(bench: Workbench, work: ToyWork) -> None:
    work.chapters.append(work.chapters[0])
    assert bench.ingest(URL).chapters["new"] == 5
    kept = [work.chapters[index] for index in (4, 2, 0)]
    work.chapters[:] = [*kept, ToyChapter("9", "Nine", ["<p>Nine.</p>"])]
    job = bench.ingest(URL)
    assert (job.chapters["total"], job.chapters["removed"], job.chapters["new"]) == (4, 2, 1)
    assert [chapter.number for chapter in bench.chapters(URL)] == [1, 2, 3, 4, 5, 6]
    work.chapters.reverse()
    assert bench.ingest(URL).chapters["unchanged"] == 4


def test_a_damaged_list_is_asked_for_again_by_the_next_attempt(
    bench: Workbench, site: ToySite, monkeypatch: pytest.MonkeyPatch
) -> None:
    healthy = toysite.ToyParser.parse

    def damaged(self: toysite.ToyParser, page: Page) -> object:
        if page.kind == "index":
            raise PageBroken("It ends in the middle.", url=page.url)
        return healthy(self, page)

    with monkeypatch.context() as broken:
        broken.setattr(toysite.ToyParser, "parse", damaged)
        assert bench.ingest(URL).error_code == "page_broken"
    site.requests.clear()
    assert bench.ingest(URL).status == JobState.DONE
    assert site.requests[0] == "/works/1"
