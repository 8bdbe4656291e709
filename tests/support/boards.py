"""A little family of sites: a thread at /t/<id> below the base address is a novel on one page of JSON."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from types import ModuleType

from aiohttp import web

from novel_core import (
    Chapter,
    ChapterRef,
    Family,
    Novel,
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
    def __init__(self, site: Site, label: str) -> None:
        self._site = site
        self._label = label

    def parse(self, page: Page) -> Parsed:
        number = page.url.rpartition("/")[2]
        url = f"{self._site.base_url}/t/{number}"
        title = f"{self._label} {number}"
        chapter = f"{number}-1"
        return Parsed(
            items=[
                Novel(source_id=number, url=url, title=title),
                ChapterRef(source_id=chapter, url=f"{url}#1", title="One"),
                Chapter(
                    source_id=chapter,
                    url=f"{url}#1",
                    title="One",
                    content_html=f"<p>{page.text}</p>",
                ),
            ]
        )


@dataclass(frozen=True)
class BoardOptions:
    label: str = "Thread"
    pages: int = 1
    marks: tuple[str, ...] = ()


class Board(Source):
    Options = BoardOptions

    def __init__(self, site: Site) -> None:
        self.info = site.source_info()
        self._site = site

    def match(self, url: str) -> UrlMatch | None:
        found = re.search(r"/t/([0-9]+)$", url)
        if found is None or not self._site.owns(url):
            return None
        return UrlMatch(UrlKind.NOVEL, f"{self._site.base_url}/t/{found[1]}", novel_id=found[1])

    def parser(self) -> Parser:
        return BoardParser(self._site, self.options.label)


class Boards(Family):
    title = "Boards"

    def __init__(
        self, name: str = "boards", sites: Sequence[Site] = (), patterns: Sequence[str] = ()
    ) -> None:
        self.name = name
        self.sites = sites
        self.host_patterns = patterns

    def recognise(self, page: Page) -> Recognition | None:
        return None

    def source(self, site: Site) -> Source:
        return Board(site)


def plugin(name: str, *given: Source | Family) -> EntryPoint:
    """The entry point of a plugin that gives these sources and families."""

    @hookimpl
    def novel_sources() -> Sequence[Source | Family]:
        return given

    module = ModuleType(f"boards_plugin_{name}")
    module.novel_sources = novel_sources  # type: ignore[attr-defined]
    sys.modules[module.__name__] = module
    return EntryPoint(name, module.__name__, "novel.sources")


def served() -> web.Application:
    """Any thread of any board."""

    async def thread(request: web.Request) -> web.Response:
        return web.Response(text=f"Text of {request.path}.")

    async def robots(_request: web.Request) -> web.Response:
        return web.Response(status=404)

    app = web.Application()
    app.router.add_get("/robots.txt", robots)
    app.router.add_get("/{path:.*}", thread)
    return app
