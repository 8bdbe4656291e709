"""The parser that follows a table of selectors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from novel_core.declarative.chapter_page import parse_chapter
from novel_core.declarative.dates import dates_of
from novel_core.declarative.index_page import parse_index
from novel_core.declarative.reader import PageReader
from novel_core.declarative.tables import SiteTable
from novel_core.leniency import reported
from novel_core.page import Page, Parsed, Parser
from novel_core.source import PageKind, UrlMatch


class DeclarativeParser(Parser):
    """A parser by a `table` of selectors.

    `match_url` is the source's own, and gives novels and chapters their ids. `version` must change
    when a change of the table changes items.
    """

    def __init__(
        self, table: SiteTable, *, match_url: Callable[[str], UrlMatch | None], version: str
    ) -> None:
        self.table = table
        self.version = version
        self._match_url = match_url

    def parse(self, page: Page) -> Parsed:
        if page.kind is PageKind.IMAGE:
            return Parsed()
        with reported() as problems, dates_of(page.fetched_at):
            reader = PageReader(page, self._match_url)
            read = parse_chapter if page.kind is PageKind.CHAPTER else parse_index
            parsed = read(reader, self.table)
        return replace(parsed, warnings=tuple(problems.lines()))
