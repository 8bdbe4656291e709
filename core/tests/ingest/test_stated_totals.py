"""The site's own totals beside what its list has."""

from __future__ import annotations

from typing import Any

import pytest
from toysite import ToyChapter, ToyWork
from workbench import Workbench

from novel_core import intake
from novel_core.cli.ingest_result import DONE_WITH_GAPS, exit_code_of_job
from novel_core.db.engine import session
from novel_core.errors import NothingToRetry
from novel_core.ingest.reparse import reparse_novel
from novel_core.ingest.stated_totals import StatedTotals
from novel_core.page import Stated
from novel_core.states import JobState

URL = "https://toy.example/works/1"


def warnings(bench: Workbench, job_id: int) -> list[str]:
    return [event.message for event in bench.events(job_id) if event.kind == "warning"]


@pytest.mark.parametrize(
    ("stated", "total"),
    [
        ([], Stated()),
        ([Stated(chapters=5)], Stated(chapters=5)),
        ([Stated(chapters=5), Stated(words=900)], Stated(chapters=5, words=900)),
        ([Stated(chapters=5), Stated(chapters=6)], Stated(chapters=6)),
        (
            [Stated(chapters=5, name="Threadmarks", words=9), Stated(chapters=2, name="Extra")],
            Stated(chapters=7, words=9),
        ),
        ([Stated(chapters=5, name="Threadmarks"), Stated(chapters=9)], Stated(chapters=9)),
        ([Stated(chapters=0)], Stated(chapters=0)),
    ],
)
def test_totals_of_several_lists_are_added(stated: list[Stated], total: Stated) -> None:
    totals = StatedTotals()
    assert [warning for one in stated for warning in totals.add([one])] == []
    assert totals.total == total


@pytest.mark.parametrize("number", [-1, 2.5, "12", True, 2**63])
def test_a_number_that_cannot_be_one_is_left_out(number: Any) -> None:
    totals = StatedTotals()
    assert totals.add([Stated(chapters=number, words=7)]) == [
        f"The stated number of chapters is left out: {number!r}."
    ]
    assert totals.total == Stated(words=7)


def test_fewer_chapters_than_stated_are_a_gap(bench: Workbench, work: ToyWork) -> None:
    work.stated = [{"chapters": 8, "words": 900}]
    job = bench.ingest(URL)
    assert job.status == JobState.DONE
    assert (job.chapters["total"], job.chapters["failed"], job.chapters["unlisted"]) == (5, 0, 3)
    assert warnings(bench, job.id) == ["The site states 8 chapters and lists 5: 3 are missing."]
    assert bench.events(job.id)[-1].message == "done, 3 chapters missing"
    assert exit_code_of_job(job) == DONE_WITH_GAPS
    details = bench.novel(URL)
    assert (details.stated_chapters, details.stated_words) == (8, 900)
    with session(bench.database) as opened:
        assert intake.retry(opened, bench.runtime.settings, job.id).status == JobState.QUEUED


def test_a_number_that_stays_too_high_neither_fails_nor_repeats_a_job(
    bench: Workbench, work: ToyWork
) -> None:
    work.stated = [{"chapters": 6}]
    for _ in range(3):
        job = bench.ingest(URL)
        assert (job.status, job.attempt) == (JobState.DONE, 1)
        assert job.chapters["unlisted"] == 1
        assert warnings(bench, job.id) == ["The site states 6 chapters and lists 5: 1 is missing."]
    assert job.requests == 1
    assert bench.value("SELECT count(*) FROM jobs WHERE status <> 'done'") == 0


def test_a_number_lower_than_the_list_is_a_warning_only(bench: Workbench, work: ToyWork) -> None:
    work.stated = [{"chapters": 4}]
    job = bench.ingest(URL)
    assert (job.chapters["unlisted"], exit_code_of_job(job)) == (0, 0)
    assert warnings(bench, job.id) == [
        "The site states 4 chapters and lists 5: its number, or its reading, is wrong."
    ]
    with session(bench.database) as opened, pytest.raises(NothingToRetry):
        intake.retry(opened, bench.runtime.settings, job.id)


def test_the_right_number_says_nothing(bench: Workbench, work: ToyWork) -> None:
    work.chapters[4].locked = True
    work.stated = [{"chapters": 3, "name": "Part 1"}, {"chapters": 2, "name": "Part 2"}]
    job = bench.ingest(URL)
    assert (job.chapters["unlisted"], warnings(bench, job.id)) == (0, [])
    assert bench.novel(URL).stated_chapters == 5


def test_a_short_list_of_the_stated_length_is_sure(bench: Workbench, work: ToyWork) -> None:
    bench.ingest(URL)
    del work.chapters[1:]
    work.stated = [{"chapters": 5}]
    assert bench.ingest(URL).error_code == "page_changed"
    work.stated = [{"chapters": 1}]
    job = bench.ingest(URL)
    assert (job.status, job.chapters["removed"]) == (JobState.DONE, 4)


def states_of(bench: Workbench) -> list[str]:
    return [chapter.state for chapter in bench.chapters(URL)]


def test_a_saved_chapter_that_the_number_still_counts_is_unlisted_and_not_removed(
    bench: Workbench, work: ToyWork
) -> None:
    work.stated = [{"chapters": 5}]
    bench.ingest(URL)
    del work.chapters[2]
    for _ in range(2):
        job = bench.ingest(URL)
        counts = job.chapters
        assert (counts["total"], counts["unchanged"]) == (5, 5)
        assert (counts["removed"], counts["unlisted"], counts["failed"]) == (0, 1, 0)
        assert exit_code_of_job(job) == DONE_WITH_GAPS
        assert states_of(bench) == ["held"] * 5
        assert warnings(bench, job.id) == [
            "The list lacks these saved chapters, which the site's number still counts: 3.",
            "The site states 5 chapters and lists 4: 1 is missing.",
        ]
    reparse_novel(bench.runtime, bench.novel_id(URL))
    assert states_of(bench) == ["held"] * 5
    # The number counts it no more.
    work.stated = [{"chapters": 4}]
    counts = bench.ingest(URL).chapters
    assert (counts["total"], counts["removed"], counts["unlisted"]) == (4, 1, 0)
    assert states_of(bench) == ["held", "held", "removed", "held", "held"]


def test_a_number_that_was_too_high_before_counts_no_removed_chapter(
    bench: Workbench, work: ToyWork
) -> None:
    work.stated = [{"chapters": 6}]
    bench.ingest(URL)
    del work.chapters[2]
    work.stated = [{"chapters": 5}]
    counts = bench.ingest(URL).chapters
    assert (counts["total"], counts["removed"], counts["unlisted"]) == (4, 1, 1)


def test_of_several_chapters_the_number_counts_the_last(bench: Workbench, work: ToyWork) -> None:
    work.stated = [{"chapters": 5}]
    bench.ingest(URL)
    del work.chapters[3], work.chapters[1]
    work.stated = [{"chapters": 4}]
    counts = bench.ingest(URL).chapters
    assert (counts["total"], counts["removed"], counts["unlisted"]) == (4, 1, 1)
    assert states_of(bench) == ["held", "removed", "held", "held", "held"]


def test_an_unlisted_chapter_without_a_text_is_one_gap(bench: Workbench, work: ToyWork) -> None:
    work.chapters[2].locked = True
    work.stated = [{"chapters": 5}]
    bench.ingest(URL)
    del work.chapters[2]
    counts = bench.ingest(URL).chapters
    assert (counts["total"], counts["locked"], counts["failed"]) == (4, 0, 0)
    assert (counts["removed"], counts["unlisted"]) == (0, 1)


@pytest.mark.parametrize("accepted", [True, False])
def test_accepted_removals_are_removals(bench: Workbench, work: ToyWork, accepted: bool) -> None:
    work.stated = [{"chapters": 5}]
    bench.ingest(URL)
    del work.chapters[2]
    counts = bench.ingest(URL, accept_removals=accepted).chapters
    assert counts["removed"] == (1 if accepted else 0)


def test_an_empty_list_is_not_made_sure_by_a_number(bench: Workbench, work: ToyWork) -> None:
    bench.ingest(URL)
    work.chapters.clear()
    work.stated = [{"chapters": 0}]
    assert bench.ingest(URL).error_code == "page_changed"
    assert {chapter.state for chapter in bench.chapters(URL)} == {"held"}


def test_a_total_that_is_stated_no_more_is_kept_no_more(bench: Workbench, work: ToyWork) -> None:
    work.stated = [{"chapters": 5, "words": 30}]
    bench.ingest(URL)
    reparse_novel(bench.runtime, bench.novel_id(URL))
    assert bench.novel(URL).stated_words == 30
    changed = bench.value("SELECT updated_at FROM novels")
    work.stated = []
    bench.ingest(URL)
    assert (bench.novel(URL).stated_chapters, bench.novel(URL).stated_words) == (None, None)
    assert bench.value("SELECT updated_at FROM novels") == changed, "it is no news"


def test_listed_and_unlisted_gaps_are_counted_apart(bench: Workbench, work: ToyWork) -> None:
    work.chapters.append(ToyChapter("6", "Chapter 6", ["<p>Text.</p>"], dead_part=0))
    work.stated = [{"chapters": 7}]
    job = bench.ingest(URL)
    assert (job.chapters["failed"], job.chapters["unlisted"]) == (1, 1)
    assert bench.events(job.id)[-1].message == "done, 2 chapters missing"
