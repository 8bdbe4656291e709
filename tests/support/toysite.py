"""A toy source that is unlike Royal Road in everything the contract must carry.

It offers an API instead of HTML; its chapter list has several pages; a chapter may span several pages; a short work
is all on one page; the pages of a long one can be had together; works have several authors. A list may be a feed, or none
at all, where each chapter only names the next one.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from aiohttp import web

from novel_core import (
    Change,
    ChangedNovel,
    FinishedJob,
    Follow,
    Page,
    PageKind,
    Parsed,
    Parser,
    Sample,
    SaveContext,
    SavedRef,
    Source,
    SourceInfo,
    Stated,
    UrlKind,
    UrlMatch,
    hookimpl,
)
from novel_core.errors import PageChanged
from novel_core.items import Access, Author, Chapter, ChapterRef, Item, Novel

HOST = "toy.example"
ROOT = f"https://{HOST}"


@dataclass
class ToyChapter:
    id: str
    title: str
    parts: list[str]
    marker: str | None = None
    locked: bool = False
    volume: str | None = None  # the heading above it in the list
    edited: str | None = None  # the time of its last edit, in the list
    numbers: dict[str, Any] = field(default_factory=dict)  # what the list counts of it
    dead_part: int | None = None


@dataclass
class ToyWork:
    id: str
    title: str
    authors: list[str]
    chapters: list[ToyChapter] = field(default_factory=list)
    per_page: int = 100
    on_one_page: bool = False
    together: bool = False
    named_apart: bool = False  # the list names the page of all chapters once for each
    withheld: set[str] = field(default_factory=set)  # chapters the page of all lacks
    complete: bool = False  # the page says that its list is whole
    stated: list[dict[str, Any]] = field(default_factory=list)  # the totals that the page states
    feed: int | None = None  # the list has the newest chapters only, so many
    walked: bool = False  # no list: a chapter's page names the next one
    page_facts: dict[int, dict[str, Any]] = field(default_factory=dict)  # on a page of the list
    facts: dict[str, Any] = field(default_factory=dict)  # what else the page tells of the work


class ToySite:
    """The site: works by id, and the paths asked for."""

    def __init__(self, *works: ToyWork) -> None:
        self.works = {work.id: work for work in works}
        self.requests: list[str] = []
        self.robots = "User-agent: *\nAllow: /\n"
        self.validators = False  # an ETag for each page of a chapter, and 304
        self.moved: dict[str, str] = {}  # the ids of works, and those they have now
        self.retry_after: int | None = None  # every page is answered 429
        self.picture: bytes | None = None  # what is at every address that ends with .png
        #: Changes the text of each response: the text, and how many requests came before.
        self.dress: Callable[[str, int], str] = lambda text, _: text
        self.recent: dict[
            str, str
        ] = {}  # works on the list of recent changes, and when they changed
        self.on_chapter: list[Callable[[str], None]] = []  # called with its id before it is served

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/robots.txt", self._robots)
        app.router.add_get("/works/{id}", self._work)
        app.router.add_get("/works/{id}/whole", self._whole)
        app.router.add_get("/works/{id}/{chapter}", self._chapter)
        app.router.add_get("/c/{chapter}", self._short)
        app.router.add_get("/recent", self._recent)
        return app

    async def _robots(self, request: web.Request) -> web.Response:
        return web.Response(text=self.robots)

    def _found(self, request: web.Request) -> ToyWork:
        self.requests.append(request.path_qs)
        if self.retry_after is not None:
            raise web.HTTPTooManyRequests(headers={"Retry-After": str(self.retry_after)})
        asked = request.match_info["id"]
        if asked in self.moved:
            raise web.HTTPMovedPermanently(
                request.path.replace(f"/works/{asked}", f"/works/{self.moved[asked]}")
            )
        work = self.works.get(asked)
        if work is None:
            raise web.HTTPNotFound
        return work

    async def _recent(self, request: web.Request) -> web.Response:
        self.requests.append(request.path_qs)
        return web.json_response({"recent": self.recent})

    async def _work(self, request: web.Request) -> web.Response:
        work = self._found(request)
        page = int(request.query.get("page", "0"))
        shown = work.chapters[page * work.per_page : (page + 1) * work.per_page]
        if work.feed is not None:
            shown = work.chapters[-work.feed :]
        more = len(work.chapters) > (page + 1) * work.per_page
        listed = [
            {
                "id": chapter.id,
                "title": chapter.title,
                "marker": chapter.marker,
                "locked": chapter.locked,
                "volume": chapter.volume,
                "edited": chapter.edited,
                "numbers": chapter.numbers,
                "parts": len(chapter.parts),
                "text": "".join(chapter.parts) if work.on_one_page else None,
            }
            for chapter in shown
        ]
        return web.json_response(
            {
                "id": work.id,
                "title": work.title if page == 0 else None,
                "authors": work.authors,
                "together": work.together,
                "named_apart": work.named_apart,
                "complete": work.complete,
                "facts": work.facts if page == 0 else work.page_facts.get(page),
                "stated": work.stated,
                "feed": work.feed is not None,
                "next": work.chapters[0].id if work.walked and work.chapters else None,
                "chapters": [] if work.walked else listed,
                "page": page,
                "more": more,
            }
        )

    async def _whole(self, request: web.Request) -> web.Response:
        work = self._found(request)
        texts = {
            chapter.id: "".join(chapter.parts)
            for chapter in work.chapters
            if chapter.id not in work.withheld
        }
        return web.json_response({"id": work.id, "texts": texts})

    async def _short(self, request: web.Request) -> web.Response:
        """A link that does not tell its work: the first one that has the chapter is meant."""
        self.requests.append(request.path_qs)
        wanted = request.match_info["chapter"]
        for work in self.works.values():
            for chapter in work.chapters:
                if chapter.id == wanted:
                    return web.json_response(
                        {
                            "id": work.id,
                            "chapter": wanted,
                            "title": chapter.title,
                            "part": 0,
                            "text": chapter.parts[0],
                            "more": len(chapter.parts) > 1,
                            "next": self._after(work, chapter) if work.walked else None,
                        }
                    )
        raise web.HTTPNotFound

    async def _chapter(self, request: web.Request) -> web.Response:
        work = self._found(request)
        if self.picture is not None and request.path.endswith(".png"):
            return web.Response(body=self.picture, content_type="image/png")
        for call in self.on_chapter:
            call(request.match_info["chapter"])
        part = int(request.query.get("part", "0"))
        for chapter in work.chapters:
            if chapter.id == request.match_info["chapter"]:
                if part == chapter.dead_part:
                    break
                etag = f'"{zlib.crc32(chapter.parts[part].encode())}"'
                if self.validators and request.headers.get("If-None-Match") == etag:
                    raise web.HTTPNotModified
                return web.json_response(
                    {
                        "id": work.id,
                        "chapter": chapter.id,
                        "title": chapter.title,
                        "part": part,
                        "text": self.dress(chapter.parts[part], len(self.requests)),
                        "more": part + 1 < len(chapter.parts),
                        "volume": chapter.volume,
                        "next": self._after(work, chapter) if work.walked else None,
                    },
                    headers={"ETag": etag} if self.validators else None,
                )
        raise web.HTTPNotFound

    @staticmethod
    def _after(work: ToyWork, chapter: ToyChapter) -> str | None:
        place = work.chapters.index(chapter) + 1
        return work.chapters[place].id if place < len(work.chapters) else None


class ToyParser(Parser):
    version = "1"

    def parse(self, page: Page) -> Parsed:
        try:
            data: dict[str, Any] = json.loads(page.text)
        except ValueError as error:
            raise PageChanged(
                "The answer is not JSON.", url=page.url, selector="a JSON object"
            ) from error
        if "recent" in data:
            changed = data["recent"].items()
            return Parsed(
                recent=[ChangedNovel(key, datetime.fromisoformat(at)) for key, at in changed]
            )
        if "texts" in data:
            return Parsed(items=[self._text(data["id"], *pair) for pair in data["texts"].items()])
        if "chapter" in data:
            return self._chapter(data)
        return self._work(data)

    def _text(self, work: str, chapter: str, text: str, part: int = 0) -> Chapter:
        return Chapter(
            source_id=chapter,
            title=f"Chapter {chapter}",
            url=f"{ROOT}/works/{work}/{chapter}",
            content_html=text,
            part=part,
        )

    def _chapter(self, data: dict[str, Any]) -> Parsed:
        url = f"{ROOT}/works/{data['id']}/{data['chapter']}"
        follow = []
        if data["more"]:
            following = data["part"] + 1
            follow.append(
                Follow(
                    f"{url}?part={following}",
                    PageKind.CHAPTER,
                    chapters=(data["chapter"],),
                    part=following,
                )
            )
        items: list[Item] = [self._text(data["id"], data["chapter"], data["text"], data["part"])]
        if data.get("volume") is not None:
            items.append(
                ChapterRef(
                    source_id=data["chapter"],
                    title=data["title"],
                    url=url,
                    volume=data["volume"],
                )
            )
        if data.get("next") and not data["more"]:
            after = data["next"]
            follow.append(Follow.next_chapter(f"{ROOT}/works/{data['id']}/{after}", after))
        novel = UrlMatch(UrlKind.NOVEL, f"{ROOT}/works/{data['id']}", novel_id=data["id"])
        return Parsed(items=items, follow=follow, novel=novel)

    def _work(self, data: dict[str, Any]) -> Parsed:
        url = f"{ROOT}/works/{data['id']}"
        items: list[Item] = []
        if data["title"] or data["facts"]:
            authors = tuple(Author(name=name) for name in data["authors"])
            told = {"source_id": data["id"], "url": url, "title": data["title"], "authors": authors}
            items.append(Novel.model_validate(told | data["facts"]))
        follow: list[Follow] = []
        for chapter in data["chapters"]:
            if chapter["text"] is not None:
                items.append(self._text(data["id"], chapter["id"], chapter["text"]))
                continue
            ref = ChapterRef.model_validate(
                {
                    "source_id": chapter["id"],
                    "title": chapter["title"],
                    "url": f"{url}/{chapter['id']}",
                    "marker": chapter["marker"],
                    "volume": chapter["volume"],
                    "edited_at": chapter["edited"],
                    "statistics": chapter["numbers"] or None,
                    "access": Access.LOCKED if chapter["locked"] else Access.FREE,
                }
            )
            items.append(ref)
            if not chapter["locked"]:
                follow.append(Follow.chapter(ref))
        if data["named_apart"]:
            follow = [replace(follow_, url=f"{url}/whole") for follow_ in follow]
        if data["together"]:
            ids = tuple(follow_.chapters[0] for follow_ in follow)
            follow = [Follow(f"{url}/whole", PageKind.CHAPTER, chapters=ids)]
        if data["more"]:
            page = data["page"] + 1
            follow.append(Follow(f"{url}?page={page}", PageKind.INDEX, position=page))
        if data["next"]:
            follow.append(Follow.next_chapter(f"{url}/{data['next']}", data["next"]))
        return Parsed(
            items=items,
            follow=follow,
            complete_list=data["complete"],
            partial_list=data["feed"],
            stated=[Stated(**one) for one in data["stated"]],
        )


#: What the hooks below were told, for tests to look at.
TOLD: list[tuple[str, Change]] = []
FINISHED: list[FinishedJob] = []
SAVED: list[tuple[SavedRef, ...]] = []
FAULTS: list[Exception] = []
#: Called with each item before it is saved.
BEFORE_SAVE: list[Callable[[Item], None]] = []


class ToySource(Source):
    info = SourceInfo(name="toysite", title="Toy Site", homepage=ROOT, domains=(HOST,))
    samples = (Sample(f"{ROOT}/works/1", UrlKind.NOVEL, f"{ROOT}/works/1", novel_id="1"),)

    def match(self, url: str) -> UrlMatch | None:
        short = re.fullmatch(rf"https://{re.escape(HOST)}/c/(\w+)", url)
        if short is not None:
            return UrlMatch(UrlKind.CHAPTER, url, chapter_id=short[1])
        found = re.fullmatch(rf"https://{re.escape(HOST)}/works/(\w+)(?:/(\w+))?", url)
        if found is None:
            return None
        work, chapter = found.groups()
        novel_url = f"{ROOT}/works/{work}"
        if chapter is None:
            return UrlMatch(UrlKind.NOVEL, novel_url, novel_id=work)
        return UrlMatch(
            UrlKind.CHAPTER, url, novel_id=work, chapter_id=chapter, novel_url=novel_url
        )

    def parser(self) -> Parser:
        return ToyParser()

    def before_save(self, item: Novel | Chapter, _context: SaveContext, /) -> Novel | Chapter:
        for call in BEFORE_SAVE:
            call(item)
        return item


SOURCE = ToySource()


@hookimpl
def novel_sources() -> Sequence[Source]:
    return (SOURCE,)


@hookimpl
def novel_item_saved(item: Novel | Chapter, ref: SavedRef, change: Change) -> None:
    if FAULTS:
        raise FAULTS[0]
    TOLD.append((item.title, change))


@hookimpl
def novel_job_finished(job: FinishedJob, saved: Sequence[SavedRef]) -> None:
    FINISHED.append(job)
    SAVED.append(tuple(saved))
