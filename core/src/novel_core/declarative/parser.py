"""The parser that reads a table."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import ValidationError

from novel_core.declarative.chapter_page import parse_chapter
from novel_core.declarative.index_page import parse_index
from novel_core.declarative.reader import Reader
from novel_core.declarative.tables import SiteTable
from novel_core.errors import PageChanged
from novel_core.page import Page, Parsed, Parser
from novel_core.source import PageKind, UrlMatch


class DeclarativeParser(Parser):
    """Reads pages as `table` says. `match_url` is the source's own: it gives novels and chapters their ids.

    `version` must change whenever the table does in a way that changes items.
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
        reader = Reader(page, self._match_url)
        try:
            if page.kind is PageKind.CHAPTER:
                return parse_chapter(reader, self.table)
            return parse_index(reader, self.table)
        except ValidationError as error:
            problem = error.errors(include_url=False)[0]
            place = ".".join(str(part) for part in problem["loc"])
            raise PageChanged(
                f"The page's {place} is odd: {problem['msg']}", url=page.url
            ) from error
