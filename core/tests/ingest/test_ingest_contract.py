"""What the contract must carry without a special case: an API, paged lists, parts, works on one page."""

import pytest
import toysite
from toysite import ToyChapter, ToySite, ToyWork
from workbench import Workbench

from novel_core.errors import PluginError
from novel_core.hookspecs import Change
from novel_core.states import JobState

URL = "https://toy.example/works/1"


def texts(bench: Workbench) -> list[str]:
    return [bench.read(URL, str(chapter.number)).content_html for chapter in bench.chapters(URL)]


def test_a_work_is_saved_with_all_its_authors(bench: Workbench) -> None:
    job = bench.ingest(URL)
    assert job.status == JobState.DONE
    assert job.chapters == {
        "total": 5,
        "new": 5,
        "changed": 0,
        "unchanged": 0,
        "locked": 0,
        "removed": 0,
        "failed": 0,
        "unlisted": 0,
    }
    assert bench.novel(URL).summary.authors == ("Ada Fern", "Bo Reed")
    assert texts(bench) == [f"<p>Text of chapter {number}.</p>" for number in range(1, 6)]


def test_a_chapter_list_of_several_pages_keeps_its_order(
    bench: Workbench, work: ToyWork, site: ToySite
) -> None:
    work.per_page = 2
    job = bench.ingest(URL)
    assert job.chapters["new"] == 5
    assert [chapter.source_id for chapter in bench.chapters(URL)] == ["1", "2", "3", "4", "5"]
    assert sum(path.startswith("/works/1?page=") for path in site.requests) == 2


def test_a_chapter_may_span_several_pages(bench: Workbench, work: ToyWork) -> None:
    work.chapters[1].parts = ["<p>One.</p>", "<p>Two.</p>", "<p>Three.</p>"]
    bench.ingest(URL)
    assert bench.read(URL, "2").content_html == "<p>One.</p><p>Two.</p><p>Three.</p>"
    assert bench.value("SELECT count(*) FROM text_pages") == 7


def test_a_short_work_may_be_on_one_page(bench: Workbench, work: ToyWork, site: ToySite) -> None:
    work.on_one_page = True
    job = bench.ingest(URL)
    assert job.chapters["new"] == 5
    assert site.requests == ["/works/1"]
    assert texts(bench)[4] == "<p>Text of chapter 5.</p>"
    again = bench.ingest(URL)
    assert again.chapters["unchanged"] == 5
    assert len(site.requests) == 2
    # Such texts are checked by every look at the page: a rotation need not come back to them for ever.
    assert bench.value("SELECT count(*) FROM chapter_checks WHERE etag IS NULL") == 5


def test_one_page_may_carry_many_chapters(bench: Workbench, work: ToyWork, site: ToySite) -> None:
    work.together = True
    assert bench.ingest(URL).chapters["new"] == 5
    assert site.requests == ["/works/1", "/works/1/whole"]
    assert bench.ingest(URL).requests == 1
    work.chapters.append(ToyChapter("6", "Chapter 6", ["<p>New.</p>"]))
    job = bench.ingest(URL)
    assert (job.chapters["new"], job.chapters["changed"], job.requests) == (1, 0, 2)


def test_a_marker_that_changes_has_the_chapter_asked_for_again(
    bench: Workbench, work: ToyWork, site: ToySite
) -> None:
    work.chapters[2].marker = "v1"
    bench.ingest(URL)
    site.requests.clear()
    work.chapters[2].marker = "v2"
    work.chapters[2].parts = ["<p>Better text.</p>"]
    job = bench.ingest(URL)
    assert site.requests == ["/works/1", "/works/1/3"]
    assert job.chapters["changed"] == 1
    assert bench.read(URL, "3").content_html == "<p>Better text.</p>"
    assert bench.read(URL, "3", version=1).content_html == "<p>Text of chapter 3.</p>"


def test_a_chapter_link_that_tells_its_novel_needs_no_request_to_find_it(
    bench: Workbench, site: ToySite
) -> None:
    job = bench.ingest(f"{URL}/3")
    assert job.chapters["new"] == 5
    assert site.requests[0] == "/works/1"


def test_plugins_are_told_after_the_commit(bench: Workbench, work: ToyWork) -> None:
    bench.ingest(URL)
    assert toysite.TOLD[0] == ("The Clockmaker's Garden", Change.NEW)
    assert len(toysite.TOLD) == 6
    toysite.TOLD.clear()
    bench.ingest(URL)
    assert toysite.TOLD == []
    work.chapters[0].marker = "edited"
    work.chapters[0].parts = ["<p>Edited.</p>"]
    bench.ingest(URL)
    assert toysite.TOLD == [
        ("The Clockmaker's Garden", Change.CHANGED),
        ("Chapter 1", Change.CHANGED),
    ]
    assert [job.status for job in toysite.FINISHED] == ["done"] * 3


def test_a_plugin_that_fails_when_told_does_no_harm(bench: Workbench) -> None:
    toysite.FAULTS.append(RuntimeError("no signal"))
    job = bench.ingest(URL)
    assert job.status == JobState.DONE
    warnings = [event.message for event in bench.events(job.id) if event.kind == "warning"]
    assert any("no signal" in warning for warning in warnings)


def test_a_bug_in_a_parser_is_told_as_such(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("surprise")

    monkeypatch.setattr(toysite.ToyParser, "_work", broken)
    job_id = bench.submit(URL)
    outcome = bench.run(job_id)
    assert isinstance(outcome.error, PluginError)
    assert "toysite" in outcome.error.message
    assert bench.job(job_id).status == JobState.ERROR


def test_a_bug_met_on_one_chapter_leaves_a_gap(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = toysite.ToyParser._text

    def broken(self: toysite.ToyParser, work: str, chapter: str, *rest: object) -> object:
        if chapter == "4":
            raise KeyError("surprise")
        return whole(self, work, chapter, *rest)  # type: ignore[arg-type]

    follow = toysite.ToyParser.follow
    monkeypatch.setattr(toysite.ToyParser, "_text", broken)
    monkeypatch.setattr(
        toysite.ToyParser,
        "follow",
        lambda self, page: follow(self, page) if page.kind == "index" else (),
    )
    job = bench.ingest(URL)
    assert (job.chapters["new"], job.chapters["failed"]) == (4, 1)
    [failure] = bench.failures(job.id)
    assert (failure.chapter_id, failure.code) == ("4", "plugin_error")
