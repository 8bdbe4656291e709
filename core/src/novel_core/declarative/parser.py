"""The parser that follows a table of selectors."""

from __future__ import annotations

from dataclasses import replace

from novel_core.declarative.chapter_page import parse_chapter
from novel_core.declarative.content import Content
from novel_core.declarative.dates import dates_of, zone_of
from novel_core.declarative.index_page import parse_list_page, parse_novel_page
from novel_core.declarative.outcomes import check_outcomes
from novel_core.declarative.reader import Match, PageReader, SiteUrls
from novel_core.declarative.tables import SiteTable
from novel_core.leniency import reported
from novel_core.page import Page, Parsed, Parser
from novel_core.source import PageKind


class DeclarativeParser(Parser):
    """A parser by a `table` of selectors.

    `match_url` is the source's own, and gives novels and chapters their ids. `version` must change
    when a change of the table changes items. `time_zone` is the IANA name of the zone of dates
    without one (`SourceInfo.time_zone`). A subclass says what a table cannot: its `parse` changes
    what `super().parse(page)` returns.
    """

    def __init__(
        self,
        table: SiteTable,
        *,
        match_url: Match,
        version: str,
        time_zone: str = "UTC",
        base_url: str = "",
    ) -> None:
        bodies = {"chapters": {"body"}, "chapter": {"body"}}
        if not base_url and "{base}" in repr(table.model_dump(exclude=bodies)):
            msg = "the table has {base}: give the parser base_url=self.info.homepage"
            raise ValueError(msg)
        self.table = table
        self.version = version
        self.base_url = base_url.rstrip("/")
        self._urls = SiteUrls(match_url, self.base_url)
        self.time_zone = time_zone
        self._zone = zone_of(time_zone)

    def parse(self, page: Page) -> Parsed:
        if page.kind is PageKind.IMAGE:
            return Parsed()
        with reported() as problems, dates_of(page.fetched_at, self._zone):
            parsed = self._parse(page)
        return replace(parsed, warnings=tuple(problems.lines()))

    def check(self, page: Page) -> None:
        is_chapter = page.kind is PageKind.CHAPTER
        tables = (self.table.chapter,) if is_chapter else (self.table.novel, self.table.chapters)
        for table in tables:
            if table is None or not table.outcomes:
                continue
            reader = PageReader(Content(page, table.form), table, self._urls)
            with reported():
                check_outcomes(reader, table)

    def _parse(self, page: Page) -> Parsed:
        if page.kind is PageKind.CHAPTER:
            content = Content(page, self.table.chapter.form)
            reader = PageReader(content, self.table.chapter, self._urls)
            return parse_chapter(reader, self.table)
        if page.position == 0:
            return parse_novel_page(page, self.table, self._urls)
        return parse_list_page(page, self.table, self._urls)
