"""Lists and pages that lack something: nothing on the list vanishes, what is there is saved at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import toysite
from toysite import ToyChapter, ToySite, ToyWork
from workbench import Workbench

from novel_core.ingest.planned_page import by_key, joined
from novel_core.ingest.reparse import reparse_novel
from novel_core.items import Chapter, ChapterRef, Item, Novel, NovelStatus
from novel_core.page import Follow, Page, PageKind, Parsed
from novel_core.states import JobState

URL = "https://toy.example/works/1"


def chapters(count: int) -> list[ToyChapter]:
    return [
        ToyChapter(str(number), f"Chapter {number}", [f"<p>Text of chapter {number}.</p>"])
        for number in range(1, count + 1)
    ]


def warnings(bench: Workbench, job_id: int) -> list[str]:
    return [event.message for event in bench.events(job_id) if event.kind == "warning"]


def test_a_page_of_ten_chapters_that_carries_eight_gives_eight_and_two_gaps(
    bench: Workbench, work: ToyWork, site: ToySite
) -> None:
    work.chapters[:] = chapters(10)
    work.together, work.withheld = True, {"4", "9"}
    job = bench.ingest(URL)
    assert job.status == JobState.DONE
    assert (job.chapters["new"], job.chapters["failed"]) == (8, 2)
    [failure] = bench.failures(job.id)
    assert failure.chapter_ids == ("4", "9")
    assert failure.message == "The page has no text of chapters 4, 9."
    work.withheld = set()
    job = bench.ingest(URL)
    assert (job.chapters["new"], job.chapters["failed"]) == (2, 0)


def test_the_same_job_opened_again_asks_for_what_the_page_lacked(
    bench: Workbench, work: ToyWork, site: ToySite
) -> None:
    work.together, work.withheld = True, {"2"}
    job_id = bench.ingest(URL).id
    bench.write("UPDATE jobs SET status = 'queued'")
    work.withheld = set()
    site.requests.clear()
    bench.run(job_id)
    assert bench.job(job_id).chapters["failed"] == 0
    assert "/works/1/whole" in site.requests


def test_a_page_that_carries_none_of_its_chapters_has_changed(
    bench: Workbench, work: ToyWork
) -> None:
    work.together, work.withheld = True, {chapter.id for chapter in work.chapters}
    job = bench.ingest(URL)
    assert job.chapters["failed"] == 5
    [failure] = bench.failures(job.id)
    assert (failure.code, len(failure.chapter_ids)) == ("page_changed", 5)


def test_an_edit_that_a_page_of_many_lacks_is_asked_for_again(
    bench: Workbench, work: ToyWork
) -> None:
    work.named_apart = True
    work.chapters[1].marker = "v1"
    bench.ingest(URL)
    work.chapters[1] = replace(work.chapters[1], marker="v2", parts=["<p>Better.</p>"])
    work.withheld = {"2"}
    job = bench.ingest(URL)
    assert (job.chapters["changed"], job.chapters["failed"]) == (0, 1)
    assert bench.read(URL, "2").content_html == "<p>Text of chapter 2.</p>"
    work.withheld = set()
    assert bench.ingest(URL).chapters["changed"] == 1


def test_follows_of_one_address_are_one_request_for_all_their_chapters(
    bench: Workbench, work: ToyWork, site: ToySite
) -> None:
    work.named_apart = True
    assert bench.ingest(URL).chapters["new"] == 5
    assert site.requests == ["/works/1", "/works/1/whole"]
    assert bench.value("SELECT chapter_ids FROM pages WHERE kind = 'chapter'") == list("12345")
    # The first is held; what the others name is needed all the same.
    work.chapters.append(ToyChapter("6", "Chapter 6", ["<p>New.</p>"]))
    work.chapters[2] = replace(work.chapters[2], marker="v2", parts=["<p>Better.</p>"])
    job = bench.ingest(URL)
    assert (job.chapters["new"], job.chapters["changed"], job.requests) == (1, 1, 2)


def test_an_address_named_on_two_pages_of_the_list_is_asked_for_once(
    bench: Workbench, work: ToyWork, site: ToySite
) -> None:
    work.named_apart, work.per_page = True, 2
    assert bench.ingest(URL).chapters["new"] == 5
    assert site.requests.count("/works/1/whole") == 1
    work.chapters.append(ToyChapter("6", "Chapter 6", ["<p>New.</p>"]))
    assert bench.ingest(URL).chapters["new"] == 1


def test_joining_keeps_the_order_and_the_kind_of_the_first() -> None:
    def follow(url: str, kind: PageKind, *ids: str) -> Follow:
        return Follow(url, kind, chapters=ids)

    follows = [
        follow("a", PageKind.CHAPTER, "2", "1"),
        follow("b", PageKind.INDEX),
        follow("a", PageKind.CHAPTER, "1", "3"),
        follow("b", PageKind.CHAPTER, "9"),
    ]
    groups = {url: joined(group) for url, group in by_key(follows).items()}
    assert groups == {
        "a": follow("a", PageKind.CHAPTER, "2", "1", "3"),
        "b": follow("b", PageKind.INDEX),
    }


@pytest.mark.parametrize(("before", "after"), [(1, 0), (5, 0), (5, 2), (10, 4), (200, 8)])
def test_a_list_that_lost_most_of_its_chapters_is_a_changed_page(
    bench: Workbench, work: ToyWork, before: int, after: int
) -> None:
    work.chapters[:] = chapters(before)
    work.together = True
    bench.ingest(URL)
    held = bench.dump("chapters", "chapter_texts")
    del work.chapters[after:]
    job = bench.ingest(URL)
    assert job.error_code == "page_changed"
    assert f"lacks {before - after} of the {before}" in str(job.error_message)
    assert "--accept-removals" in str(job.error_hint)
    assert bench.dump("chapters", "chapter_texts") == held
    accepted = bench.ingest(URL, accept_removals=True)
    assert (accepted.status, accepted.chapters["removed"]) == (JobState.DONE, before - after)
    assert bench.ingest(URL).status == JobState.DONE


@pytest.mark.parametrize(("before", "after"), [(3, 1), (5, 3), (10, 5), (1, 1)])
def test_a_list_that_lost_less_is_believed(
    bench: Workbench, work: ToyWork, before: int, after: int
) -> None:
    work.chapters[:] = chapters(before)
    bench.ingest(URL)
    del work.chapters[after:]
    job = bench.ingest(URL)
    assert (job.status, job.chapters["removed"]) == (JobState.DONE, before - after)


def test_a_list_whose_ids_all_changed_is_a_changed_page(bench: Workbench, work: ToyWork) -> None:
    bench.ingest(URL)
    work.chapters[:] = [replace(chapter, id=f"new{chapter.id}") for chapter in work.chapters]
    assert bench.ingest(URL).error_code == "page_changed"


def test_a_parser_that_is_sure_is_believed(bench: Workbench, work: ToyWork) -> None:
    bench.ingest(URL)
    del work.chapters[1:]
    work.complete = True
    assert bench.ingest(URL).chapters["removed"] == 4


def test_a_stub_is_believed(
    bench: Workbench, work: ToyWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.ingest(URL)
    del work.chapters[1:]
    parse = toysite.ToyParser._work

    def stub(self: toysite.ToyParser, data: dict[str, object]) -> Parsed:
        parsed = parse(self, data)
        items = [
            item.model_copy(update={"status": NovelStatus.STUB})
            if isinstance(item, Novel)
            else item
            for item in parsed.items
        ]
        return replace(parsed, items=items)

    monkeypatch.setattr(toysite.ToyParser, "_work", stub)
    assert bench.ingest(URL).chapters["removed"] == 4


def test_a_novel_that_never_had_chapters_is_saved_with_a_warning(
    bench: Workbench, work: ToyWork
) -> None:
    work.chapters.clear()
    job = bench.ingest(URL)
    assert job.status == JobState.DONE
    assert warnings(bench, job.id) == ["The chapter list is empty."]


def test_a_reparse_that_finds_no_list_any_more_removes_nothing(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.ingest(URL)
    parse = toysite.ToyParser._work

    def blind(self: toysite.ToyParser, data: dict[str, object]) -> Parsed:
        return parse(self, data | {"chapters": []})

    monkeypatch.setattr(toysite.ToyParser, "_work", blind)
    counts = reparse_novel(bench.runtime, bench.novel_id(URL))
    assert "lacks 5 of the 5 chapters" in counts.failed[0]
    assert {chapter.state for chapter in bench.chapters(URL)} == {"held"}


def test_what_pages_carry_beside_the_list_is_told(
    bench: Workbench, work: ToyWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    work.together = True
    parse = toysite.ToyParser.parse

    def more(self: toysite.ToyParser, page: Page) -> Parsed:
        parsed = parse(self, page)
        if page.kind is not PageKind.CHAPTER:
            return parsed
        text = self._text("1", "77", "<p>A bonus.</p>").model_copy(update={"title": "Bonus"})
        line = ChapterRef(source_id="78", title="Next time", url=f"{URL}/78")
        known = ChapterRef(source_id="3", title="Chapter 3", url=f"{URL}/3")
        return replace(parsed, items=[*parsed.items, text, line, known])

    monkeypatch.setattr(toysite.ToyParser, "parse", more)
    job = bench.ingest(URL)
    assert (job.status, job.chapters["new"]) == (JobState.DONE, 5)
    [warning] = warnings(bench, job.id)
    assert warning == (
        "Pages have these chapters, which the chapter list does not name:"
        " 78 (Next time), 77 (Bonus)."
    )


def test_a_listed_chapter_that_no_page_was_asked_for_is_told(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow = toysite.ToyParser.follow
    monkeypatch.setattr(toysite.ToyParser, "follow", lambda self, page: follow(self, page)[:3])
    job = bench.ingest(URL)
    assert (job.chapters["new"], job.chapters["failed"]) == (3, 2)
    assert warnings(bench, job.id) == [
        "No requested page has the text of these listed chapters: 4, 5."
    ]


@pytest.mark.parametrize("given", [None, Parsed(items=[None]), Parsed(items=[{"title": "x"}])])  # type: ignore[list-item]
def test_a_parser_that_gives_something_else_is_told(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch, given: Parsed
) -> None:
    parse = toysite.ToyParser.parse
    monkeypatch.setattr(toysite.ToyParser, "follow", lambda self, page: parse(self, page).follow)
    monkeypatch.setattr(
        toysite.ToyParser,
        "parse",
        lambda self, page: given if page.kind is PageKind.INDEX else parse(self, page),
    )
    job = bench.ingest(URL)
    assert job.error_code == "plugin_error"
    assert URL in str(job.error_message)


def test_a_date_told_relative_to_now_does_not_move_with_each_look(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    parse = toysite.ToyParser._work
    now = datetime(2026, 3, 4, 12, tzinfo=UTC)

    def dated(self: toysite.ToyParser, data: dict[str, object]) -> Parsed:
        parsed = parse(self, data)
        at = now - timedelta(hours=2)
        told = {"published_at": at, "edited_at": at, "is_approximate": is_approximate}
        items = [
            item.model_copy(update=told) if isinstance(item, ChapterRef) else item
            for item in parsed.items
        ]
        return replace(parsed, items=items)

    monkeypatch.setattr(toysite.ToyParser, "_work", dated)
    is_approximate = True
    bench.ingest(URL)
    changed = bench.value("SELECT updated_at FROM novels")
    now += timedelta(minutes=50)
    bench.ingest(URL)
    assert bench.value("SELECT updated_at FROM novels") == changed
    assert bench.value("SELECT DISTINCT published_at FROM chapters").hour == 10
    assert bench.value("SELECT DISTINCT edited_at FROM chapters").hour == 10
    is_approximate = False
    bench.ingest(URL)
    assert bench.value("SELECT DISTINCT edited_at FROM chapters").minute == 50
    assert bench.value("SELECT DISTINCT published_at FROM chapters").minute == 50


def test_a_page_of_the_list_that_lacks_a_text_gives_the_others(
    bench: Workbench, work: ToyWork, site: ToySite, monkeypatch: pytest.MonkeyPatch
) -> None:
    work.on_one_page, work.per_page = True, 3
    parse = toysite.ToyParser._work
    withheld = {"4", "5"}

    def reader_mode(self: toysite.ToyParser, data: dict[str, Any]) -> Parsed:
        parsed = parse(self, data)
        items: list[Item] = [
            ChapterRef(source_id=item.source_id, title=item.title, url=item.url)
            if isinstance(item, Chapter) and item.source_id in withheld
            else item
            for item in parsed.items
        ]
        # The next page has the texts of these chapters.
        follow = [replace(one, chapters=("4", "5")) for one in parsed.follow]
        return replace(parsed, items=items, follow=follow)

    monkeypatch.setattr(toysite.ToyParser, "_work", reader_mode)
    job = bench.ingest(URL)
    assert (job.status, job.chapters["new"], job.chapters["failed"]) == (JobState.DONE, 3, 2)
    [failure] = bench.failures(job.id)
    assert (failure.kind, failure.chapter_ids) == ("chapter", ("4", "5"))
    withheld.remove("5")
    bench.write("UPDATE jobs SET status = 'queued'")
    site.requests.clear()
    bench.run(job.id)
    assert "/works/1?page=1" in site.requests, "it is asked for what it lacked"
    job = bench.job(job.id)
    assert (job.chapters["new"], job.chapters["failed"]) == (1, 1)
