"""Lists that show a part of the chapters only: what they lack stays, and keeps its place."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from toysite import ToyChapter, ToySite, ToyWork
from workbench import Workbench

from novel_core.ingest.chapter_order import merge_partial
from novel_core.ingest.reparse import reparse_novel
from novel_core.states import JobState

URL = "https://toy.example/works/1"


@pytest.mark.parametrize(
    ("listed", "known", "expected"),
    [
        ("", "", ""),
        ("abc", "", "abc"),
        ("", "abc", "abc"),
        ("cd", "abc", "abcd"),
        ("de", "abc", "abcde"),
        ("bxc", "abcd", "abxcd"),
        ("axc", "abcd", "abxcd"),
        ("xc", "abcd", "abxcd"),
        ("ax", "abc", "abcx"),
        ("axybz", "ab", "axybz"),
        ("cxa", "abc", "abcx"),
        ("cxaydb", "abcd", "abcydx"),
    ],
)
def test_merge_partial(listed: str, known: str, expected: str) -> None:
    assert "".join(merge_partial(listed, known)) == expected


def test_known_chapters_never_change_their_order() -> None:
    for listed in itertools.permutations("acxy"):
        merged = merge_partial(listed, "abcd")
        assert sorted(merged) == sorted("abcdxy")
        assert [chapter for chapter in merged if chapter in "abcd"] == list("abcd")


def chapter(number: int) -> ToyChapter:
    return ToyChapter(str(number), f"Chapter {number}", [f"<p>Text of chapter {number}.</p>"])


def order(bench: Workbench) -> str:
    return "".join(chapter.source_id for chapter in bench.chapters(URL))


def test_a_feed_removes_nothing_and_adds_at_the_end(
    bench: Workbench, work: ToyWork, site: ToySite
) -> None:
    work.feed = 3
    job = bench.ingest(URL)
    assert (job.chapters["total"], order(bench)) == (3, "345")
    work.chapters += [chapter(6), chapter(7)]
    job = bench.ingest(URL)
    assert (job.status, job.chapters["removed"], job.chapters["new"]) == (JobState.DONE, 0, 2)
    assert (job.chapters["total"], job.chapters["unchanged"]) == (5, 3)
    assert order(bench) == "34567"
    work.chapters += [chapter(8), chapter(9)]
    work.feed = 2
    assert bench.ingest(URL).chapters["new"] == 2
    assert order(bench) == "3456789"
    assert {chapter.state for chapter in bench.chapters(URL)} == {"held"}
    site.requests.clear()
    assert bench.ingest(URL).chapters["unchanged"] == 7
    assert site.requests == ["/works/1"]


def test_a_feed_after_the_whole_list_changes_nothing_else(bench: Workbench, work: ToyWork) -> None:
    bench.ingest(URL)
    before = bench.dump("chapters", "chapter_texts")
    work.feed = 1
    assert bench.ingest(URL).chapters["total"] == 5
    assert bench.dump("chapters", "chapter_texts") == before
    reparse_novel(bench.runtime, bench.novel_id(URL))
    assert bench.dump("chapters", "chapter_texts") == before
    work.feed = None
    del work.chapters[4]
    assert bench.ingest(URL).chapters["removed"] == 1, "the whole list is believed again"


def test_an_edit_in_a_feed_is_a_revision_and_a_gap_stays_a_gap(
    bench: Workbench, work: ToyWork
) -> None:
    work.chapters[3].marker = "v1"
    work.chapters[0].dead_part = 0
    assert bench.ingest(URL).chapters["failed"] == 1
    work.feed = 2
    work.chapters[3] = replace(work.chapters[3], marker="v2", parts=["<p>Better.</p>"])
    job = bench.ingest(URL)
    assert (job.chapters["changed"], job.chapters["failed"]) == (1, 1)
    [warning] = [event.message for event in bench.events(job.id) if event.kind == "warning"]
    assert warning == "No requested page has the text of these listed chapters: 1."


def test_a_removed_chapter_that_a_feed_shows_again_is_back(bench: Workbench, work: ToyWork) -> None:
    gone = work.chapters.pop(4)
    bench.ingest(URL)
    work.chapters.append(gone)
    bench.ingest(URL)
    del work.chapters[4]
    bench.ingest(URL)
    assert bench.chapters(URL)[4].state == "removed"
    work.chapters.append(gone)
    work.feed = 1
    bench.ingest(URL)
    assert bench.chapters(URL)[4].state == "held"


def test_an_empty_feed_is_a_changed_page(bench: Workbench, work: ToyWork) -> None:
    work.feed = 3
    bench.ingest(URL)
    work.chapters.clear()
    assert bench.ingest(URL).error_code == "page_changed"


def test_a_feed_that_states_the_whole_number_tells_of_those_it_never_showed(
    bench: Workbench, work: ToyWork
) -> None:
    work.feed, work.stated = 3, [{"chapters": 5}]
    job = bench.ingest(URL)
    assert job.chapters["unlisted"] == 2
    [warning] = [event.message for event in bench.events(job.id) if event.kind == "warning"]
    assert warning == "The site states 5 chapters and has shown 3: 2 are missing."
