"""A site whose novels are pages of HTML for readers, with an API of JSON that has the list and the texts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from aiohttp import web

from novel_core import (
    ChapterListTable,
    ChapterTable,
    DeclarativeParser,
    NovelTable,
    PageNumbers,
    Parser,
    Sample,
    SiteTable,
    Source,
    SourceInfo,
    UrlKind,
    UrlMatch,
    hookimpl,
)

HOST = "api.example"
ROOT = f"https://{HOST}"
PER_PAGE = 3
_PATH = re.compile(r"https?://api\.example/work/([0-9]+)(?:/([0-9]+))?/?")

TABLE = SiteTable(
    novel=NovelTable(
        root="script:window.work=",
        title="title",
        authors="authors",
        author_name="name",
        description="blurb | paragraphs",
        chapter_list="id | url:/api/parts?work={}",
    ),
    chapters=ChapterListTable(
        form="json",
        rows="parts",
        heading="kind == 'heading' && name || null",
        id="id",
        link="id | url:/work/{novel}/{}",
        batch="/api/texts?ids={ids}",
        batch_size=2,
        title="name | text",
        published="at | date",
        edited="edited | date",
        locked="paid",
        stated="header:x-total",
        next_page=PageNumbers(query="page", last="header:x-pages"),
    ),
    chapter=ChapterTable(
        form="json", rows="@", id="id", title="name | text", content="html", drop=".share"
    ),
)


def match_url(url: str) -> UrlMatch | None:
    found = _PATH.fullmatch(url)
    if found is None:
        return None
    novel = f"{ROOT}/work/{found[1]}"
    if found[2] is None:
        return UrlMatch(UrlKind.NOVEL, novel, novel_id=found[1])
    return UrlMatch(
        UrlKind.CHAPTER, f"{novel}/{found[2]}", found[1], chapter_id=found[2], novel_url=novel
    )


class ApiSource(Source):
    info = SourceInfo("apisite", "API Site", ROOT, (HOST,), time_zone="Asia/Tokyo")
    samples = (Sample(f"{ROOT}/work/1", UrlKind.NOVEL, f"{ROOT}/work/1", novel_id="1"),)

    def match(self, url: str) -> UrlMatch | None:
        return match_url(url)

    def parser(self) -> Parser:
        return DeclarativeParser(
            TABLE, match_url=match_url, version="1", time_zone=self.info.time_zone
        )


@hookimpl
def novel_sources() -> Iterable[Source]:
    return (ApiSource(),)


@dataclass
class ApiSite:
    """The site: one work, its parts and headings, and the paths asked for."""

    rows: list[dict[str, object]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    #: What the API answers instead, as it does when it is closed.
    closed: str = ""

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/work/{id}", self._work)
        app.router.add_get("/api/parts", self._parts)
        app.router.add_get("/api/texts", self._texts)
        return app

    async def _work(self, request: web.Request) -> web.Response:
        self.requests.append(request.path_qs)
        state = {"id": 1, "title": "Salt", "authors": [{"name": "Ann"}], "blurb": "One\nTwo"}
        html = f"<!DOCTYPE html><title>x</title><script>window.work = {json.dumps(state)};</script>"
        return web.Response(text=html, content_type="text/html")

    async def _parts(self, request: web.Request) -> web.Response:
        self.requests.append(request.path_qs)
        if self.closed:
            return web.Response(text=self.closed, content_type="text/html")
        page = int(request.query.get("page", "1"))
        shown = self.rows[(page - 1) * PER_PAGE : page * PER_PAGE]
        listed = [{key: row[key] for key in row if key != "html"} for row in shown]
        pages = -(-len(self.rows) // PER_PAGE)
        total = sum("id" in row for row in self.rows)
        headers = {"X-Pages": str(pages), "X-Total": str(total)}
        return web.json_response({"parts": listed}, headers=headers)

    async def _texts(self, request: web.Request) -> web.Response:
        self.requests.append(request.path_qs)
        asked = request.query["ids"].split(",")
        return web.json_response([row for row in self.rows if str(row.get("id")) in asked])


def a_site() -> ApiSite:
    """Four parts in two volumes, on two pages of the list; one paid."""
    return ApiSite(
        [
            {"kind": "heading", "name": "Book One"},
            {"kind": "part", "id": 11, "name": "One &amp; only", "at": "2026/01/02 09:00",
             "html": "<p>First.</p><p class=share>x</p>"},
            {"kind": "part", "id": 12, "name": "Two", "edited": "2026-01-05 00:00",
             "html": "<p>Second.</p>"},
            {"kind": "part", "id": 13, "name": "Three", "html": "<p>Third.</p>"},
            {"kind": "heading", "name": "Book Two"},
            {"kind": "part", "id": 14, "name": "Four", "paid": True},
        ]
    )  # fmt: skip
