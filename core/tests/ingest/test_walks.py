"""Novels without a chapter list, whose pages only name the next chapter."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import toysite
from toysite import ToyChapter, ToySite, ToyWork
from workbench import Workbench

from novel_core.errors import PageChanged
from novel_core.ingest.reparse import reparse_novel
from novel_core.ingest.walk import Walk, lines_on
from novel_core.items import Access, Chapter, ChapterRef
from novel_core.page import Follow, Page, Parsed
from novel_core.source import PageKind
from novel_core.states import JobState

URL = "https://toy.example/works/1"


def text(name: str) -> Chapter:
    return Chapter(
        source_id=name, title=f"Own {name}", url=f"{URL}/{name}", content_html="<p>x</p>"
    )


def line(name: str, **more: object) -> ChapterRef:
    told = {"source_id": name, "title": name, "url": f"{URL}/{name}"}
    return ChapterRef.model_validate(told | more)


def leads(name: str) -> list[Follow]:
    return [Follow.next_chapter(f"{URL}/{name}", name)]


def walked(*steps: str, start: str = "1", known: str = "") -> str:
    """The list of pages fetched in this order; a step `12` is chapter 1, which leads to 2."""
    walk = Walk()
    walk.note(0, Page(URL, PageKind.INDEX, b""), Parsed(), leads(start))
    found = {}
    for page_id, step in enumerate(steps, 1):
        own, after = step[0], step[1:]
        page = Page(f"{URL}/{own}", PageKind.CHAPTER, b"", chapters=(own,))
        follows = leads(after) if after else []
        parsed = Parsed([text(own)])
        walk.note(page_id, page, parsed, follows)
        found[page_id] = list(lines_on(parsed, follows))
    return "".join(ref.source_id for ref in walk.lines(found, known))


@pytest.mark.parametrize(
    ("steps", "known", "expected"),
    [
        (["12", "23", "3"], "", "123"),
        # The job began at chapter 3.
        (["3", "12", "23"], "", "123"),
        (["23", "12", "3"], "", "123"),
        # The page of chapter 3, or of chapter 2, is missing.
        (["12", "23"], "", "123"),
        (["34", "4", "12"], "", "1234"),
        # An update goes on from the last chapter held.
        (["34", "4"], "123", "34"),
        (["3"], "123", "3"),
        ([], "123", ""),
        ([], "", "1"),
        # The last chapter leads back to the first, or to itself.
        (["12", "21"], "", "12"),
        (["12", "22"], "", "12"),
    ],
)
def test_the_list_is_in_the_order_in_which_pages_lead_to_each_other(
    steps: list[str], known: str, expected: str
) -> None:
    assert walked(*steps, known=known) == expected


def test_a_walk_of_any_length_is_followed() -> None:
    count = 20_000
    walk = Walk()
    walk.note(0, Page(URL, PageKind.INDEX, b""), Parsed(), leads("0"))
    for number in range(count):
        page = Page(f"{URL}/{number}", PageKind.CHAPTER, b"", chapters=(str(number),))
        walk.note(number + 1, page, Parsed(), leads(str(number + 1)))
    found = {number + 1: [line(str(number))] for number in range(count)}
    assert [ref.source_id for ref in walk.lines(found, ())] == [
        str(number) for number in range(count + 1)
    ]


def test_the_lines_of_a_page_are_its_refs_and_its_own_chapters() -> None:
    own, after, locked = line("2"), line("3", title="Next"), line("4", access=Access.LOCKED)
    parsed = Parsed([text("1"), text("2"), own, after, locked])
    assert [ref.source_id for ref in lines_on(parsed, leads("3"))] == ["2", "4", "1"]
    [first] = lines_on(Parsed([text("1")]), [])
    assert (first.title, first.url) == ("Own 1", f"{URL}/1")


@pytest.fixture
def walked_work(work: ToyWork) -> ToyWork:
    work.walked = True
    return work


def order(bench: Workbench) -> str:
    return "".join(chapter.source_id for chapter in bench.chapters(URL))


def test_a_novel_without_a_list_is_walked(
    bench: Workbench, walked_work: ToyWork, site: ToySite
) -> None:
    walked_work.chapters[1].parts.append("<p>And more.</p>")
    walked_work.chapters[3].volume = "Book Two"
    job = bench.ingest(URL)
    assert (job.status, job.chapters["total"], job.chapters["new"]) == (JobState.DONE, 5, 5)
    assert order(bench) == "12345"
    assert [chapter.volume for chapter in bench.chapters(URL)] == [None] * 3 + ["Book Two"] * 2
    assert bench.rows("SELECT message FROM job_events WHERE kind = 'warning'") == []
    before = bench.dump("chapters", "chapter_texts", "volumes")
    reparse_novel(bench.runtime, bench.novel_id(URL))
    assert bench.dump("chapters", "chapter_texts", "volumes") == before


def test_a_walk_that_begins_in_the_middle_is_in_order(
    bench: Workbench, walked_work: ToyWork
) -> None:
    assert bench.ingest("https://toy.example/c/3").chapters["new"] == 5
    assert order(bench) == "12345"


def test_a_walk_that_breaks_off_has_a_gap_where_it_broke(
    bench: Workbench, walked_work: ToyWork
) -> None:
    walked_work.chapters[2].dead_part = 0
    job = bench.ingest(URL)
    assert (job.status, job.chapters["new"], job.chapters["failed"]) == (JobState.DONE, 2, 1)
    assert [(one.source_id, one.state) for one in bench.chapters(URL)] == [
        ("1", "held"),
        ("2", "held"),
        ("3", "missing"),
    ]


def test_names_of_chapters_on_pages_of_a_listed_novel_stay_mentions(
    bench: Workbench, work: ToyWork
) -> None:
    work.chapters[1].volume = "Book One"
    extra = work.chapters.pop(3)
    bench.ingest(URL)
    work.chapters.append(extra)
    bench.ingest(URL)
    assert order(bench) == "12354"
    assert [chapter.volume for chapter in bench.chapters(URL)] == [None] + ["Book One"] * 4


def test_a_walk_whose_first_page_states_its_length(bench: Workbench, walked_work: ToyWork) -> None:
    walked_work.stated = [{"chapters": 6}]
    assert bench.ingest(URL).chapters["unlisted"] == 1
    walked_work.stated = [{"chapters": 5}]
    assert bench.ingest(URL).chapters["unlisted"] == 0


def test_a_reparse_reads_the_lines_of_a_walk_again(
    bench: Workbench, walked_work: ToyWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    walked_work.chapters[3].volume = "Book Two"
    bench.ingest(URL)
    before = [(one.source_id, one.state) for one in bench.chapters(URL)]
    parse = toysite.ToyParser._chapter

    def better(self: toysite.ToyParser, data: dict[str, Any]) -> Parsed:
        if data["chapter"] == "2":
            raise PageChanged("It cannot be read any more.")
        parsed = parse(self, data | {"volume": data["volume"] and "Second Book"})
        items = [
            item.model_copy(update={"title": f"No. {item.source_id}"}) for item in parsed.items
        ]
        return replace(parsed, items=items)

    monkeypatch.setattr(toysite.ToyParser, "_chapter", better)
    reparse_novel(bench.runtime, bench.novel_id(URL))
    assert [(one.source_id, one.state) for one in bench.chapters(URL)] == before
    assert [one.title for one in bench.chapters(URL)] == [
        "No. 1",
        "Chapter 2",
        "No. 3",
        "No. 4",
        "No. 5",
    ]
    assert bench.novel(URL).volumes == ("Second Book",)


def test_an_update_of_a_walk_adds_to_the_open_volume(
    bench: Workbench, walked_work: ToyWork, site: ToySite
) -> None:
    walked_work.chapters[1].volume = "Book One"
    bench.ingest(URL)
    before = bench.rows("SELECT source_chapter_id, number, title, volume_id FROM chapters")
    walked_work.chapters += [
        ToyChapter("6", "Chapter 6", ["<p>Six.</p>"]),
        ToyChapter("7", "Chapter 7", ["<p>Seven.</p>"], volume="Book Two"),
        ToyChapter("8", "Chapter 8", ["<p>Eight.</p>"]),
    ]
    site.requests.clear()
    job = bench.ingest(URL)
    assert (job.chapters["total"], job.chapters["new"], job.chapters["removed"]) == (8, 3, 0)
    assert site.requests == ["/works/1", *(f"/works/1/{number}" for number in (5, 6, 7, 8))]
    assert [one.volume for one in bench.chapters(URL)] == [
        None,
        *(["Book One"] * 5),
        *(["Book Two"] * 2),
    ]
    after = bench.rows(
        "SELECT source_chapter_id, number, title, volume_id FROM chapters WHERE number <= 5"
    )
    assert sorted(after) == sorted(before)


def test_an_unchanged_walk_changes_nothing(bench: Workbench, walked_work: ToyWork) -> None:
    bench.ingest(URL)
    before = bench.dump("chapters", "chapter_texts")
    changed = bench.value("SELECT updated_at FROM novels")
    job = bench.ingest(URL)
    assert (job.chapters["unchanged"], job.chapters["failed"]) == (5, 0)
    assert bench.rows("SELECT message FROM job_events WHERE kind = 'warning'") == []
    assert bench.dump("chapters", "chapter_texts") == before
    assert bench.value("SELECT updated_at FROM novels") == changed


def test_a_chapter_put_between_is_found_when_all_are_read_again(
    bench: Workbench, walked_work: ToyWork
) -> None:
    bench.ingest(URL)
    walked_work.chapters.insert(2, ToyChapter("9", "Interlude", ["<p>Nine.</p>"]))
    assert bench.ingest(URL).chapters["new"] == 0
    assert bench.ingest(URL, force=True).chapters["new"] == 1
    assert order(bench) == "129345"
