"""A family with two sites and a pattern of hosts. Its sites have novels at /t/<id>."""

from __future__ import annotations

from novel_core import (
    Family,
    Page,
    Parsed,
    Parser,
    Recognition,
    Site,
    Source,
    UrlKind,
    UrlMatch,
    hookimpl,
)


class BoardParser(Parser):
    """A parser of pages that hold nothing."""

    def parse(self, page: Page) -> Parsed:
        del page
        return Parsed()


class Board(Source):
    """One site."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.info = site.source_info()

    def match(self, url: str) -> UrlMatch | None:
        _, _, number = url.partition("/t/")
        if not number.isdigit():
            return None
        return UrlMatch(UrlKind.NOVEL, f"{self.site.base_url}/t/{number}", novel_id=number)

    def parser(self) -> Parser:
        return BoardParser()


class Boards(Family):
    """The software of both sites."""

    name = "boards"
    title = "Boards"
    sites = (
        Site("board-one", "boards", "https://one.example", title="Board One"),
        Site("board-two", "boards", "https://two.example/board", title="Board Two"),
    )
    host_patterns = ("*.boards.example",)

    def recognise(self, page: Page) -> Recognition | None:
        del page
        return None

    def source(self, site: Site) -> Source:
        return Board(site)


@hookimpl
def novel_sources() -> list[Source | Family]:
    return [Boards()]
