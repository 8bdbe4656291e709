"""Nothing optional refuses a novel: through the real pipeline, what is left out is a warning of the job."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import toysite
from toysite import ToyChapter, ToyWork
from workbench import Workbench

from novel_core.db.engine import session
from novel_core.items import ChapterRef, Novel
from novel_core.jobs.views import list_warnings
from novel_core.page import Parsed
from novel_core.states import JobState

URL = "https://toy.example/works/1"
#: Each an optional field as no database or reader could take it.
ODD: dict[str, Any] = {
    "status": "asleep",
    "language": "x" * 300,
    "cover_url": "javascript:alert(1)",
    "type": ["not", "a", "line"],
    "published_at": "2024-01-05T10:00:00",
    "updated_at": "0001-01-01T00:00:00Z",
    "next_chapter_at": 10**30,
    "tags": [
        {"name": "", "slug": "x"},
        {"name": "Good", "slug": "good"},
        {"name": "y" * 600, "slug": "y"},
    ],
    "warnings": ["Gore", None],
    "volumes": [{"source_id": "a b", "title": "One"}],
    "statistics": {
        "views": -4,
        "words": "1,234",
        "pages": 2**70,
        "scores": {"overall": "NaN", "style": 4.5},
        "other": {"hearts\x00": 3, "": 1},
    },
}


def warnings(bench: Workbench, job_id: int) -> list[str]:
    with session(bench.database) as opened:
        return list_warnings(opened, job_id)


@pytest.mark.parametrize("field", ODD)
def test_an_odd_field_is_left_out_and_told(bench: Workbench, work: ToyWork, field: str) -> None:
    work.facts = {field: ODD[field]}
    job = bench.ingest(URL)
    assert (job.status, job.chapters["new"]) == (JobState.DONE, 5), job.error_message
    told = warnings(bench, job.id)
    assert job.warnings == len(told) > 0
    assert all(line.startswith(f"{URL}: ") for line in told)
    words = {"tags": "tags", "volumes": "volume", "statistics": "statistics: views -4"}
    assert any(words.get(field, f"novel 1: {field} ") in line for line in told)


def test_all_of_them_at_once_leave_the_rest(bench: Workbench, work: ToyWork) -> None:
    work.facts = ODD
    assert bench.ingest(URL).status == JobState.DONE
    novel = bench.novel(URL)
    assert [tag["name"] for tag in novel.tags] == ["Good", "y" * 500]
    assert novel.warnings == ("Gore",)
    held = bench.rows("SELECT views, words, pages, scores, other FROM novel_statistics")
    assert [tuple(row) for row in held] == [(None, None, None, {"style": 4.5}, {"hearts": 3})]


def test_a_second_attempt_does_not_count_twice(bench: Workbench, work: ToyWork) -> None:
    work.facts = {"status": "asleep"}
    job_id = bench.ingest(URL).id
    bench.write("UPDATE jobs SET status = 'queued'")
    bench.run(job_id)
    assert bench.job(job_id).warnings == 1


def test_a_job_that_joined_another_shows_its_warnings(bench: Workbench, work: ToyWork) -> None:
    work.facts = {"status": "asleep"}
    leader = bench.ingest(URL).id
    joined = bench.submit(f"https://toy.example/c/{work.chapters[0].id}")
    bench.write(f"UPDATE jobs SET status = 'done', joined_job_id = {leader} WHERE id = {joined}")
    assert bench.job(joined).warnings == 1


def test_more_warnings_than_anybody_reads_are_counted(
    bench: Workbench, work: ToyWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    parse = toysite.ToyParser._work

    def chatty(self: toysite.ToyParser, data: dict[str, Any]) -> Parsed:
        return replace(parse(self, data), warnings=[f"Odd {number}" for number in range(80)])

    monkeypatch.setattr(toysite.ToyParser, "_work", chatty)
    told = warnings(bench, bench.ingest(URL).id)
    assert (len(told), told[-1]) == (51, "30 more warnings are not kept.")


@pytest.mark.parametrize("what", ["title", "source_id"])
def test_what_is_mandatory_ends_the_job_in_words(
    bench: Workbench, work: ToyWork, what: str
) -> None:
    work.facts = {what: " "}
    job = bench.ingest(URL)
    assert job.error_code == "page_changed"
    assert f"{what} ' ' cannot be read" in str(job.error_message)


def test_long_ids_and_titles_are_kept(bench: Workbench, work: ToyWork) -> None:
    long = "x" * 270
    work.chapters[:] = [ToyChapter(long, "T" * 700, ["<p>Text.</p>"])]
    work.chapters.append(ToyChapter("y" * 1900, "Two", ["<p>More.</p>"]))
    job = bench.ingest(URL)
    assert job.chapters["new"] == 2, job.error_message
    assert [chapter.source_id for chapter in bench.chapters(URL)] == [long, "y" * 1900]
    assert any("is cut to 500 characters" in line for line in warnings(bench, job.id))
    assert bench.ingest(URL).chapters["unchanged"] == 2


def test_ids_as_long_as_an_address_may_be_fit_every_index(
    bench: Workbench, work: ToyWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Characters that do not compress, in every place that has an id of its own."""
    import random

    letters = random.Random(7)

    def long_id() -> str:
        return "".join(chr(letters.randrange(0x4E00, 0x9FA5)) for _ in range(682))

    parse = toysite.ToyParser._work
    volume = long_id()

    def longer(self: toysite.ToyParser, data: dict[str, Any]) -> Parsed:
        parsed = parse(self, data)
        author = {"name": "A" * 500, "source_id": long_id(), "url": "https://x.example"}
        tags = [{"name": long_id()[:500], "slug": long_id()[:500]} for _ in range(3)]
        items = []
        for item in parsed.items:
            if isinstance(item, Novel):
                changed = item.model_dump() | {
                    "authors": [author],
                    "tags": tags,
                    "warnings": [long_id()[:500]],
                    "volumes": [{"source_id": volume, "title": long_id()[:500]}],
                }
                items.append(Novel.model_validate(changed))
            elif isinstance(item, ChapterRef):
                items.append(item.model_copy(update={"volume_id": volume}))
        return replace(parsed, items=items)

    monkeypatch.setattr(toysite.ToyParser, "_work", longer)
    job = bench.ingest(URL)
    assert (job.status, job.chapters["new"]) == (JobState.DONE, 5), job.error_message
    assert bench.value("SELECT count(*) FROM chapters WHERE volume_id IS NOT NULL") == 5


def test_a_list_line_that_is_odd_keeps_its_place(
    bench: Workbench, work: ToyWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    parse = toysite.ToyParser._work

    def odd(self: toysite.ToyParser, data: dict[str, Any]) -> Parsed:
        parsed = parse(self, data)
        items = [
            ChapterRef.model_validate(
                item.model_dump() | {"title": "", "published_at": "soon", "access": "gold"}
            )
            if isinstance(item, ChapterRef)
            else item
            for item in parsed.items
        ]
        return replace(parsed, items=items)

    monkeypatch.setattr(toysite.ToyParser, "_work", odd)
    job = bench.ingest(URL)
    assert job.chapters["new"] == 5
    assert [chapter.title for chapter in bench.chapters(URL)] == ["1", "2", "3", "4", "5"]
    # Three kinds of problems: three examples of each, and how many more there are.
    assert job.warnings == 12


def test_a_chapter_that_was_given_and_is_on_no_list_is_told(bench: Workbench) -> None:
    job = bench.ingest(f"{URL}/nothing")
    assert (job.status, job.chapters["new"]) == (JobState.DONE, 5), job.error_message
    told = "The chapter that was given, nothing, is not on the novel's list."
    assert told in warnings(bench, job.id)
    again = bench.ingest(f"{URL}/{bench.value('SELECT min(source_chapter_id) FROM chapters')}")
    assert warnings(bench, again.id) == []
