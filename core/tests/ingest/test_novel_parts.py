"""What several pages of a job tell of one novel, and what its list tells of each chapter."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import toysite
from toysite import ToySite, ToyWork
from workbench import Workbench

from novel_core.db.engine import session
from novel_core.db.novels import NovelRow
from novel_core.ingest.novel_merging import merged
from novel_core.ingest.reparse import reparse_novel
from novel_core.ingest.saved_items import novel_item
from novel_core.items import Author, ChapterRef, Novel, Statistics, Tag
from novel_core.page import Follow, Parsed
from novel_core.states import JobState

URL = "https://toy.example/works/1"
LAMPS = {"name": "The Lamp Cycle", "number": 2, "source_id": "s1", "url": f"{URL}/series"}


def novel(**facts: Any) -> Novel:
    return Novel.model_validate({"source_id": "1", "url": URL, "title": "Home"} | facts)


def test_the_first_page_that_tells_a_field_gives_it() -> None:
    fantasy, drama = Tag(name="Fantasy", slug="f"), Tag(name="Drama", slug="d")
    first = novel(authors=(Author(name="Ada"),), statistics={"views": 0, "scores": {"style": 4}})
    second = novel(
        title="Home | Page 2",
        authors=(Author(name="Bo"),),
        tags=(fantasy,),
        type="Original",
        statistics={"views": 9, "words": 5, "scores": {"style": 1, "plot": 3}},
    )
    third = novel(tags=(drama, fantasy), type="Fan Fiction", language="en")
    found = merged([(first, URL), (second, f"{URL}?page=2"), (third, f"{URL}?page=3")])
    assert found == novel(
        authors=(Author(name="Ada"),),
        tags=(fantasy,),
        type="Original",
        language="en",
        statistics=Statistics(views=0, words=5, scores={"style": 4, "plot": 3}),
    )


def test_a_description_of_a_later_page_keeps_that_pages_base() -> None:
    told = novel(description_html="<a href='x'>more</a>")
    page = "https://toy.example/about/"
    assert merged([(novel(), URL), (told, page)]).base_url == page
    assert merged([(told, URL), (novel(base_url="https://other.example/"), page)]).base_url is None


def test_one_novel_alone_is_as_it_was() -> None:
    alone = novel(description_html="<p>Hm.</p>", base_url="https://other.example/", series=[LAMPS])
    assert merged([(alone, URL)]) == alone


def test_later_pages_of_the_list_complete_the_novel(
    bench: Workbench, work: ToyWork, site: ToySite
) -> None:
    work.per_page = 2
    work.facts = {"status": "hiatus"}
    about = {"title": "Page 2", "status": "completed", "description_html": "<a href='m'>More</a>"}
    work.page_facts = {1: about | {"series": [LAMPS]}, 2: {"title": "Page 3", "type": "Original"}}
    assert bench.ingest(URL).status == JobState.DONE
    details = bench.novel(URL)
    assert details.summary.title == "The Clockmaker's Garden"
    assert (details.summary.status, details.type) == ("hiatus", "Original")
    assert 'href="https://toy.example/works/m"' in details.description_html
    assert [series.words for series in details.series] == ["The Lamp Cycle (2)"]
    assert bench.value("SELECT index_url FROM novels") == URL
    before = bench.dump("novels", "novel_series")
    reparse_novel(bench.runtime, bench.novel_id(URL))
    assert bench.dump("novels", "novel_series") == before
    site.requests.clear()
    bench.ingest(URL)
    assert site.requests[0] == "/works/1", "an update begins at the novel's own page"


def test_an_older_page_does_not_speak_before_the_novels_own(
    bench: Workbench, work: ToyWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    work.per_page = 3
    work.page_facts = {1: {"title": "The Clockmaker's Garden, page 2", "type": "Original"}}
    parse = toysite.ToyParser._work

    def newest_first(self: toysite.ToyParser, data: dict[str, Any]) -> Parsed:
        parsed = parse(self, data)
        follow = [
            replace(one, position=-one.position) if one.position else one for one in parsed.follow
        ]
        return replace(parsed, follow=follow)

    monkeypatch.setattr(toysite.ToyParser, "_work", newest_first)
    bench.ingest(URL)
    details = bench.novel(URL)
    assert (details.summary.title, details.type) == ("The Clockmaker's Garden", "Original")
    assert [chapter.source_id for chapter in bench.chapters(URL)] == list("45123")
    assert bench.value("SELECT index_url FROM novels") == URL


def test_what_a_page_tells_of_another_novel_is_left_out_with_a_warning(
    bench: Workbench, work: ToyWork
) -> None:
    work.per_page = 3
    work.page_facts = {1: {"title": "Other", "source_id": "2", "type": "Original"}}
    job = bench.ingest(URL)
    assert bench.novel(URL).type is None
    [warning] = [event.message for event in bench.events(job.id) if event.kind == "warning"]
    assert warning == f"{URL}?page=1: what it tells of another novel, 2, is left out."


def test_series_are_saved_changed_and_given_to_plugins(bench: Workbench, work: ToyWork) -> None:
    more = {"name": "Gardens", "number": None, "source_id": None, "url": None}
    work.facts = {"series": [LAMPS, more, LAMPS]}
    bench.ingest(URL)
    assert [series.words for series in bench.novel(URL).series] == [
        "The Lamp Cycle (2)",
        "Gardens",
    ]
    with session(bench.database) as opened:
        row = opened.get(NovelRow, bench.novel_id(URL))
        assert row is not None
        item = novel_item(opened, row)
    assert [series.model_dump() for series in item.series] == [LAMPS | {"number": 2.0}, more]
    changed = bench.value("SELECT updated_at FROM novels")
    bench.ingest(URL)
    assert bench.value("SELECT updated_at FROM novels") == changed
    work.facts = {"series": [LAMPS | {"number": 2.5}]}
    bench.ingest(URL)
    assert [series.words for series in bench.novel(URL).series] == ["The Lamp Cycle (2.5)"]
    assert bench.value("SELECT updated_at FROM novels") > changed
    work.facts = {}
    bench.ingest(URL)
    assert bench.novel(URL).series == ()


@pytest.mark.parametrize(
    ("given", "marker"),
    [
        ({}, None),
        ({"edited_at": "2026-01-02T03:04:05+02:00"}, "2026-01-02T01:04:05+00:00"),
        ({"edited_at": "2026-01-02T03:04:05+02:00", "marker": "v3"}, "v3"),
        ({"edited_at": "2026-01-02T03:04:05+02:00", "marker": None}, "2026-01-02T01:04:05+00:00"),
        ({"edited_at": "2026-01-02T03:04:05Z", "is_approximate": True}, None),
        ({"edited_at": "yesterday"}, None),
    ],
)
def test_the_time_of_the_last_edit_is_the_marker(given: dict[str, Any], marker: str | None) -> None:
    ref = ChapterRef.model_validate({"source_id": "9", "title": "Home", "url": URL} | given)
    assert ref.marker == marker
    assert Follow.chapter(ref).markers == ((marker,) if marker else ())
    assert ChapterRef.model_validate_json(ref.model_dump_json(exclude_defaults=True)) == ref


def test_an_edit_that_the_list_dates_is_fetched_and_its_time_is_kept(
    bench: Workbench, work: ToyWork, site: ToySite
) -> None:
    for chapter in work.chapters:
        chapter.edited = "2026-01-02T03:04:05Z"
    bench.ingest(URL)
    assert bench.ingest(URL).requests == 1
    work.chapters[1] = replace(
        work.chapters[1], parts=["<p>Better.</p>"], edited="2026-02-02T03:04:05Z"
    )
    site.requests.clear()
    job = bench.ingest(URL)
    assert (job.chapters["changed"], site.requests) == (1, ["/works/1", "/works/1/2"])
    edits = [chapter.edited_at for chapter in bench.chapters(URL)]
    first, second = (
        datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        datetime(2026, 2, 2, 3, 4, 5, tzinfo=UTC),
    )
    assert edits == [first, second, first, first, first]
    work.chapters[0].edited = None
    bench.ingest(URL)
    assert bench.read(URL, "1").edited_at == first, "a list that tells nothing takes nothing away"


def test_numbers_of_chapters_are_kept_and_are_no_news(bench: Workbench, work: ToyWork) -> None:
    work.chapters[0].numbers = {"views": 7, "other": {"comments": 2}}
    bench.ingest(URL)
    assert [chapter.statistics for chapter in bench.chapters(URL)] == [
        {"views": 7, "other": {"comments": 2}},
        *([{}] * 4),
    ]
    changed = bench.value("SELECT updated_at FROM novels")
    work.chapters[0].numbers = {"views": 9}
    job = bench.ingest(URL)
    assert job.chapters["unchanged"] == 5
    assert bench.read(URL, "1").statistics == {"views": 9, "other": {"comments": 2}}
    assert bench.value("SELECT updated_at FROM novels") == changed


def test_what_only_a_chapters_page_tells_completes_its_line(
    bench: Workbench, work: ToyWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    work.chapters[0].numbers = {"views": 7}
    told = {
        "statistics": Statistics(views=1, favorites=3),
        "edited_at": datetime(2026, 3, 1, tzinfo=UTC),
    }
    text = toysite.ToyParser._text
    monkeypatch.setattr(
        toysite.ToyParser, "_text", lambda *given: text(*given).model_copy(update=told)
    )
    bench.ingest(URL)
    first, second = bench.chapters(URL)[:2]
    assert first.statistics == {"views": 7, "favorites": 3}
    assert second.statistics == {"views": 1, "favorites": 3}
    assert first.edited_at == second.edited_at == told["edited_at"]
