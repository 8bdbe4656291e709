"""A site whose novels' pages are empty shells over an API of JSON, and whose walls a table names.

Its host for readers has the parts; one needs a login (status 403), one is paid, one is behind a
gate.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from aiohttp import web

from novel_core import (
    ChapterListTable,
    ChapterTable,
    DeclarativeParser,
    NovelTable,
    Parser,
    SiteTable,
    Source,
    SourceInfo,
    UrlKind,
    UrlMatch,
    hookimpl,
)

HOST, API_HOST = "shell.example", "api.shell.example"
ROOT, API = f"https://{HOST}", f"https://{API_HOST}"
_STORY = re.compile(rf"(?:{ROOT}/story|{API}/stories)/([0-9]+)")
_PART = re.compile(rf"{ROOT}/part/([0-9]+)")

TABLE = SiteTable(
    novel=NovelTable(
        form="json",
        title="title",
        link=f"id | url:{ROOT}/story/{{}}",
        chapter_list="id | url:/stories/{}/parts",
        outcomes={"not_found": "error"},
    ),
    chapters=ChapterListTable(
        form="json",
        rows="parts",
        id="id",
        link=f"id | url:{ROOT}/part/{{}}",
        title="title",
        volume="volume",
        locked="access | regex:^plus$",
    ),
    chapter=ChapterTable(
        content="article@html",
        novel="a.up@href",
        outcomes={
            "login_required": "form.login p",
            "locked": ".plus-wall",
            "gated": "a.enter@href",
        },
    ),
)


class ShellSource(Source):
    info = SourceInfo("shellsite", "Shell Site", ROOT, (HOST, API_HOST))

    def match(self, url: str) -> UrlMatch | None:
        if part := _PART.fullmatch(url):
            return UrlMatch(UrlKind.CHAPTER, url, chapter_id=part[1])
        if story := _STORY.fullmatch(url):
            return UrlMatch(UrlKind.NOVEL, f"{API}/stories/{story[1]}", novel_id=story[1])
        return None

    def parser(self) -> Parser:
        return DeclarativeParser(TABLE, match_url=self.match, version="1")


@hookimpl
def novel_sources() -> Iterable[Source]:
    return (ShellSource(),)


class ShellSite:
    """One story of six parts; `requests` are the paths asked for."""

    parts = (
        {"id": 1, "title": "One", "volume": "Book One", "access": "open"},
        {"id": 2, "title": "Two", "access": "open"},
        {"id": 3, "title": "Three", "access": "plus"},
        {"id": 4, "title": "Four", "access": "open", "volume": "Book Two"},
        {"id": 5, "title": "Five", "access": "open"},
        {"id": 6, "title": "Six", "access": "open"},
    )

    def __init__(self) -> None:
        self.requests: list[str] = []

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/stories/41", self._story)
        app.router.add_get("/stories/41/parts", self._list)
        app.router.add_get("/part/{id}", self._part)
        app.router.add_get("/enter", self._enter)
        return app

    async def _story(self, request: web.Request) -> web.Response:
        self.requests.append(request.path)
        return web.json_response({"id": 41, "title": "Salt"})

    async def _list(self, request: web.Request) -> web.Response:
        self.requests.append(request.path)
        return web.json_response({"parts": list(self.parts)})

    async def _part(self, request: web.Request) -> web.Response:
        self.requests.append(request.path)
        number, status = request.match_info["id"], 200
        html = f'<a class="up" href="/story/41">Salt</a><article><p>Text {number}.</p></article>'
        if number == "4":
            html, status = '<form class="login"><p>Log in to read.</p></form>', 403
        elif number == "5":
            html = '<div class="plus-wall">For patrons.</div>'
        elif number == "6" and request.cookies.get("age") != "18":
            html = f'<a class="enter" href="/enter?to={number}">I am of age</a>'
        return web.Response(text=html, status=status, content_type="text/html")

    async def _enter(self, request: web.Request) -> web.Response:
        self.requests.append(request.path)
        answer = web.Response(status=302, headers={"Location": f"/part/{request.query['to']}"})
        answer.set_cookie("age", "18")
        return answer
