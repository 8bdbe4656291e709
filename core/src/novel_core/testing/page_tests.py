"""The tests of a parser and spider on pages: recorded, visited again, mutated, cut and forged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

import pytest

from novel_core.declarative import DeclarativeParser
from novel_core.errors import SourceError
from novel_core.items import Chapter, Novel
from novel_core.page import Page, Parsed, Parser
from novel_core.plugin import SaveContext, SkipItem
from novel_core.recording import Outcome, Recording, outcome_of
from novel_core.registry import LoadedSource, own_frames
from novel_core.registry.loaded import FAULTS
from novel_core.source import PageKind
from novel_core.testing.forged_pages import forged_at
from novel_core.testing.mutated_pages import MutatedPage, cut_pages, mutated_pages
from novel_core.testing.source_under_test import SourceUnderTest
from novel_core.testing.unexpected_pages import UNEXPECTED_PAGES, UnexpectedPage

_CONTEXT = SaveContext("contract", 0)
_ADVICE = (
    "Where a part of the page may be missing, raise PageChanged (or NotFound, Blocked,"
    " LoginRequired) of novel_core, with url=page.url."
)


class PageTests(SourceUnderTest):
    """The tests with pages. Each runs the spider's check first, as the engine does."""

    def test_the_parser_has_the_sites_time_zone(self, loaded: LoadedSource) -> None:
        parser, zone = loaded.parser(), loaded.info.time_zone
        if isinstance(parser, DeclarativeParser):
            assert parser.time_zone == zone, (
                f"SourceInfo.time_zone is {zone}, and the parser reads dates in {parser.time_zone}:"
                " create it with DeclarativeParser(..., time_zone=self.info.time_zone)."
            )

    def test_the_parser_has_the_sites_address(self, loaded: LoadedSource) -> None:
        parser, homepage = loaded.parser(), loaded.info.homepage.rstrip("/")
        if isinstance(parser, DeclarativeParser) and parser.base_url:
            assert parser.base_url == homepage, (
                f"SourceInfo.homepage is {homepage}, and {{base}} of the parser is"
                f" {parser.base_url}: create it with"
                " DeclarativeParser(..., base_url=self.info.homepage)."
            )

    @pytest.mark.parametrize("unexpected", UNEXPECTED_PAGES, ids=lambda page: page.name)
    def test_unexpected_pages_raise_typed_errors(
        self, loaded: LoadedSource, unexpected: UnexpectedPage
    ) -> None:
        for page in forged_at(loaded, self.recordings_of(loaded), unexpected):
            where = f"{unexpected.name} at {_place(page)}"
            parsed = _read(loaded, page, where)
            items = () if parsed is None else parsed.items
            assert not items, (
                f"The parser finds {len(items)} items in {where}: raise"
                f" PageChanged where a required part of a page of kind {page.kind} (a title, a"
                " text) is missing."
            )

    def test_mutated_pages_raise_typed_errors(
        self, loaded: LoadedSource, recorded: list[Recording]
    ) -> None:
        """Recorded pages without some of their elements, attributes or values."""
        for recording in recorded:
            _read_all(loaded, recording, mutated_pages(recording.page))

    def test_cut_pages_raise_typed_errors(
        self, loaded: LoadedSource, recorded: list[Recording]
    ) -> None:
        for recording in recorded:
            _read_all(loaded, recording, cut_pages(recording.page))

    def test_a_second_visit_finds_the_same_novel(
        self, loaded: LoadedSource, recorded: list[Recording]
    ) -> None:
        """The next job starts at the last URL of the page with the novel, at position 0."""
        visited = 0
        outcomes = [(recording, outcome_of(loaded, recording.page)) for recording in recorded]
        further = _left_out(outcomes)
        for recording, first in outcomes:
            if _address(recording.page) in further:
                visited += 1
                continue
            if not any(item["item"] == "novel" for item in first.get("items", ())):
                continue
            visited += 1
            page = recording.page
            again = Page(
                page.url,
                PageKind.INDEX,
                page.body,
                page.status,
                page.headers,
                requested_url=page.url,
                fetched_at=page.fetched_at,
            )
            second = outcome_of(loaded, again)
            assert "items" in second, (
                f"An update of {recording.name} starts at {page.url}, and the parser fails there:"
                f" {second['error']['message']}"
            )
            assert _listed(second) == _listed(first), (
                f"An update of {recording.name} starts at {page.url}, and the parser gives another"
                " novel or other chapters there. Of a page's URLs use `page.url`: on the first"
                " visit `page.requested_url` is the canonical URL, later it is the page's own."
            )
            assert _chapters_of(second) == _chapters_of(first), (
                f"An update of {recording.name} starts at {page.url}, and leads to other chapters."
            )
        if not visited:
            pytest.skip("No recording is of a page with a novel: make one with `novel record URL`.")

    def test_the_parser_is_a_pure_function(
        self, loaded: LoadedSource, recorded: list[Recording]
    ) -> None:
        parser = loaded.parser()
        pages = [recording.page for recording in recorded]
        first = [outcome_of(loaded, page) for page in pages]
        again = [outcome_of(loaded, page) for page in reversed(pages)][::-1]
        assert first == again, (
            "The parser gives other items the second time: keep no state between two pages."
        )
        for page, outcome in zip(pages, first, strict=True):
            if "error" not in outcome:
                assert list(parser.follow(page)) == list(parser.parse(page).follow), (
                    f"follow() and parse().follow disagree on {page.url}: one decides which pages"
                    " are requested, the other which are counted."
                )

    def test_followed_urls_can_be_requested(
        self, loaded: LoadedSource, recorded: list[Recording]
    ) -> None:
        for recording in recorded:
            page = recording.page
            if "error" in outcome_of(loaded, page):
                continue
            for follow in loaded.parser().follow(page):
                parts = urlsplit(follow.url)
                assert parts.scheme in {"http", "https"}, (
                    f"{page.url} follows {follow.url}: make it absolute."
                )
                if follow.kind is not PageKind.IMAGE:
                    assert parts.hostname in loaded.info.domains, (
                        f"{page.url} follows {follow.url}, which is at none of SourceInfo.domains."
                    )

    def test_save_hooks_are_idempotent(self, loaded: LoadedSource) -> None:
        for item in _savable(loaded, self.recordings_of(loaded)):
            try:
                once = _saved(loaded, item)
            except SkipItem:
                continue
            assert _saved(loaded, item) == once, (
                "before_save gives two results for one item: a job may save it twice."
            )
            assert _saved(loaded, once) == once, (
                "before_save changes its own result: it may get it a second time."
            )


def _address(page: Page) -> str:
    return page.requested_url or page.url


def _left_out(outcomes: Sequence[tuple[Recording, Outcome]]) -> set[str]:
    """The pages that are left out while the library has their chapters, and those they lead to.

    None of them is one to start at.
    """
    further: set[str] = set()
    while True:
        found = {
            follow["url"]
            for recording, outcome in outcomes
            for follow in outcome.get("follow", ())
            if follow.get("unless_held") or _address(recording.page) in further
        }
        if found <= further:
            return further
        further |= found


def _read(loaded: LoadedSource, page: Page, what: str) -> Parsed | None:
    """Check, parse and follow as the engine does; None for an error of the contract.

    The test fails for any other exception.
    """
    parser = loaded.parser()
    parsed: Parsed | None = None
    is_read = False
    try:
        loaded.spider()(name=loaded.name).check(page)
        parser.check(page)
        is_read = True
        parsed = parser.parse(page)
    except SourceError:
        pass
    except FAULTS as error:
        _fail(f"The spider's check or the parser's parse fails on {what}", error)
    if is_read and type(parser).follow is Parser.follow:
        # It would parse the page once more.
        return parsed
    try:
        parser.follow(page)
    except SourceError:
        pass
    except FAULTS as error:
        _fail(f"The parser's follow fails on {what}", error)
    return parsed


def _fail(what: str, error: BaseException) -> None:
    pytest.fail(f"{what}:\n{own_frames(error)}\n{_ADVICE}", pytrace=False)


def _read_all(loaded: LoadedSource, recording: Recording, pages: Iterable[MutatedPage]) -> None:
    """Every page gives an error of the contract, or items of the recording's own novel."""
    outcome = outcome_of(loaded, recording.page)
    novels = {item["source_id"] for item in outcome.get("items", ()) if item["item"] == "novel"}
    for mutated in pages:
        parsed = _read(loaded, mutated.page, f"the recording {recording.name}, {mutated.what}")
        for item in () if parsed is None else parsed.items:
            if isinstance(item, Novel) and novels:
                assert item.source_id in novels, (
                    f"The recording {recording.name}, {mutated.what}, gives the novel"
                    f" {item.source_id!r} in place of {', '.join(novels)}: take the id from a part"
                    " that every page must have, and raise PageChanged without it."
                )


def _listed(outcome: Outcome) -> list[dict[str, Any]]:
    return [item for item in outcome["items"] if item["item"] in {"novel", "chapter_ref"}]


def _chapters_of(outcome: Outcome) -> set[str]:
    """The chapters whose text the page has, or leads to."""
    follows = (follow.get("chapters", ()) for follow in outcome["follow"])
    texts = {item["source_id"] for item in outcome["items"] if item["item"] == "chapter"}
    return texts.union(*follows)


def _place(page: Page) -> str:
    more = f", part {page.part + 1}" if page.part else ""
    more += f", position {page.position}" if page.position else ""
    return f"{page.url} (page of kind {page.kind}{more})"


def _savable(loaded: LoadedSource, recorded: list[Recording]) -> Iterator[Novel | Chapter]:
    url = loaded.info.homepage
    yield Novel(source_id="1", url=url, title="A Tale", description_html="<p>Of old.</p>")
    yield Chapter(source_id="1", title="One", url=url, content_html="<p>Text.</p>")
    for recording in recorded:
        try:
            parsed = loaded.parser().parse(recording.page)
        except SourceError:
            continue
        yield from (item for item in parsed.items if isinstance(item, Novel | Chapter))


def _saved(loaded: LoadedSource, item: Novel | Chapter) -> Novel | Chapter:
    if isinstance(item, Novel):
        return loaded.before_save(item, _CONTEXT)
    return loaded.before_save(item, _CONTEXT)
