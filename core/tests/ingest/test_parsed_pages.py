"""A page that the crawl has parsed is not parsed again, unless it is another page by now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from toysite import ToyParser, ToySite, ToyWork
from workbench import Workbench

from novel_core.content.visible import Links
from novel_core.ingest.parsed_pages import ParsedPages, Room
from novel_core.items import Chapter, Item
from novel_core.page import Page, Parsed
from novel_core.source import PageKind

URL = "https://toy.example/works/1"
PLACE = "https://toy.example/c/1"
PAGE = Page(PLACE, PageKind.CHAPTER, b"<p>Text.</p>", chapters=("1",))
TEXT = Chapter(source_id="1", title="One", url=PLACE, content_html="Text.")
LINKS = Links((), Parsed(items=(TEXT,)))


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[Page]:
    """The pages that the parser of the toy source is called with."""
    seen: list[Page] = []
    parse = ToyParser.parse

    def noted(self: ToyParser, page: Page) -> Parsed:
        seen.append(page)
        return parse(self, page)

    monkeypatch.setattr(ToyParser, "parse", noted)
    return seen


def test_each_page_of_a_job_is_parsed_once(bench: Workbench, parsed: list[Page]) -> None:
    job = bench.ingest(URL)
    assert job.chapters["new"] == 5
    assert set(Counter(page.url for page in parsed).values()) == {1}


def test_the_crawl_reads_a_page_as_it_is_archived(bench: Workbench, parsed: list[Page]) -> None:
    bench.ingest(URL)
    kept: Mapping[str, Any] = dict(
        row for row in bench.rows("SELECT requested_url, headers FROM pages")
    )
    assert {page.requested_url: page.headers for page in parsed} == kept


def test_the_warnings_of_a_page_are_told_though_it_was_parsed_before(
    bench: Workbench, work: ToyWork, parsed: list[Page]
) -> None:
    work.title = "T" * 600
    job = bench.ingest(URL)
    told = [event.message for event in bench.events(job.id) if event.kind == "warning"]
    assert any("cut to 500 characters" in message for message in told)
    assert set(Counter(page.url for page in parsed).values()) == {1}


def test_pages_beyond_the_room_are_parsed_again(
    bench: Workbench, parsed: list[Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ParsedPages, "_shared", Room(0))
    job = bench.ingest(URL)
    assert job.chapters["new"] == 5
    assert set(Counter(page.url for page in parsed).values()) == {2}


def test_a_page_of_an_earlier_attempt_is_parsed_once_too(
    bench: Workbench, site: ToySite, parsed: list[Page]
) -> None:
    job_id = bench.ingest(URL).id
    bench.write("UPDATE jobs SET status = 'queued'")
    site.requests.clear()
    parsed.clear()
    bench.run(job_id)
    assert not [path for path in site.requests if "chapters" in path]
    assert set(Counter(page.url for page in parsed).values()) == {1}


@pytest.mark.parametrize(
    "change",
    [
        {"chapters": ("1", "2")},
        {"headers": {"etag": "2"}},
        {"status": 404},
        {"fetched_at": PAGE.fetched_at.replace(year=2000)},
        {"is_optional": True},
        {"context": {"list": 2}},
    ],
)
def test_another_version_of_a_page_is_parsed(change: dict[str, Any]) -> None:
    with ParsedPages(Room(10_000)) as pages:
        pages.keep(PAGE, LINKS)
        assert pages.take(replace(PAGE, **change)) is None
        assert pages.take(PAGE) is None


def test_the_body_of_a_page_is_not_kept() -> None:
    large = replace(PAGE, body=bytes(20_000))
    with ParsedPages(Room(10_000)) as pages:
        pages.keep(large, LINKS)
        assert pages.take(large) is LINKS


def test_attempts_share_the_room_and_give_it_back() -> None:
    room = Room(5_000)
    with ParsedPages(room) as first, ParsedPages(room) as second:
        first.keep(PAGE, LINKS)
        second.keep(PAGE, LINKS)
        assert second.take(PAGE) is None
        assert first.take(PAGE) is LINKS
        second.keep(PAGE, LINKS)
        second.keep(PAGE, LINKS)
    with ParsedPages(room) as third:
        third.keep(PAGE, LINKS)
        assert third.take(PAGE) is LINKS


def test_items_that_can_be_read_once_only_are_not_kept() -> None:
    once: Any = (item for item in list[Item]())
    with ParsedPages(Room(10_000)) as pages:
        pages.keep(PAGE, Links((), Parsed(items=once)))
        assert pages.take(PAGE) is None
