"""The toy site with an API: chapter lists by POST, and the texts of many chapters in one answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web
from toysite import ROOT, ToyParser, ToySite

from novel_core import Follow, Page, PageKind, Parsed
from novel_core.items import Chapter

LIST, TEXTS = f"{ROOT}/api/list", f"{ROOT}/api/texts"
OURS = {"X-Requested-With": "fetch"}


class AskingSite(ToySite):
    def app(self) -> web.Application:
        app = super().app()
        app.router.add_post("/api/list", self._list)
        app.router.add_get("/api/texts", self._texts)
        app.router.add_post("/api/texts", self._texts)
        app.router.add_get("/api/extra", self._extra)
        return app

    async def _list(self, request: web.Request) -> web.Response:
        form = await request.post()
        work, page = self.works[str(form["work"])], int(str(form["page"]))
        self.requests.append(f"POST /api/list {page}")
        if request.headers.get("X-Requested-With") != "fetch":
            raise web.HTTPBadRequest
        shown = work.chapters[page * work.per_page : (page + 1) * work.per_page]
        blank = {"marker": None, "locked": False, "text": None, "volume": None, "edited": None}
        listed = [{"id": one.id, "title": one.title, "numbers": {}, **blank} for one in shown]
        told = {"id": work.id, "title": None, "authors": [], "chapters": listed, "page": page}
        told |= dict.fromkeys(("together", "complete", "named_apart", "feed", "more"), False)
        told |= {"facts": None, "stated": [], "next": None}
        more = len(work.chapters) > (page + 1) * work.per_page
        return web.json_response(told, headers={"X-WP-TotalPages": str(page + 2 if more else 0)})

    async def _texts(self, request: web.Request) -> web.Response:
        self.requests.append(request.path_qs)
        form = request.query if request.method == "GET" else await request.post()
        ids = str(form["ids"]).split(",")
        for call in self.on_chapter:
            call(ids[0])
        texts = {
            one.id: "".join(one.parts)
            for work in self.works.values()
            for one in work.chapters
            if one.id in ids and one.id not in work.withheld
        }
        return web.json_response({"id": "1", "texts": texts})

    async def _extra(self, request: web.Request) -> web.Response:
        self.requests.append(request.path_qs)
        raise web.HTTPNotFound


Make = Callable[[Page, Parsed], Sequence[Follow]]


def follow_by(monkeypatch: pytest.MonkeyPatch, make: Make, **more: Any) -> None:
    """Let `make` say what the toy site's pages lead to; `more` are further fields of Parsed."""
    whole = ToyParser.parse

    def parse(self: ToyParser, page: Page) -> Parsed:
        parsed = whole(self, page)
        return replace(parsed, follow=make(page, parsed), **more)

    monkeypatch.setattr(ToyParser, "parse", parse)


def by_posts(page: Page, parsed: Parsed) -> Sequence[Follow]:
    """Each page of the list is requested by POST, and told how many chapters came before."""
    if page.kind is not PageKind.INDEX:
        return parsed.follow
    follows = [one for one in parsed.follow if one.kind is not PageKind.INDEX]
    if page.position and page.headers["x-wp-totalpages"] == "0":
        return follows
    seen = page.context.get("seen", 0) + len(follows)
    body = f"work=1&page={page.position + 1}".encode()
    following = Follow(
        LIST,
        PageKind.INDEX,
        position=page.position + 1,
        method="POST",
        headers=OURS,
        body=body,
        context={"seen": seen},
    )
    return [*follows, following]


def in_batches(size: int, *, url: str = f"{TEXTS}?ids={{ids}}", **more: Any) -> Make:
    """All chapters of the list, `size` of them in one request."""

    def make(page: Page, parsed: Parsed) -> Sequence[Follow]:
        chapters = [one for one in parsed.follow if one.kind is PageKind.CHAPTER]
        if page.kind is not PageKind.INDEX or not chapters:
            return parsed.follow
        ids = tuple(one.chapters[0] for one in chapters)
        markers = tuple((one.markers or (None,))[0] for one in chapters)
        follow = Follow(url, PageKind.CHAPTER, chapters=ids, markers=markers, batch=size, **more)
        return [follow, *(one for one in parsed.follow if one not in chapters)]

    return make


def titled_by_context(monkeypatch: pytest.MonkeyPatch) -> None:
    """The title of each chapter is the one that its Follow carried."""
    follow_by(
        monkeypatch,
        lambda _, parsed: [
            replace(one, context={"title": f"The {one.chapters[0]}. tale"})
            if one.kind is PageKind.CHAPTER and one.chapters
            else one
            for one in parsed.follow
        ],
    )
    whole = ToyParser.parse

    def parse(self: ToyParser, page: Page) -> Parsed:
        parsed = whole(self, page)
        items = [
            item.model_copy(update={"title": page.context["title"]})
            if isinstance(item, Chapter)
            else item
            for item in parsed.items
        ]
        return replace(parsed, items=items)

    monkeypatch.setattr(ToyParser, "parse", parse)
