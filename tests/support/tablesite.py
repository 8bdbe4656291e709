"""A site of the usual form, in HTML, read by two sources: one declares its parser as a table, the other writes it out.

`TableSource` is the declarative one; `tablesite_by_hand` is the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape

from aiohttp import web

from novel_core import Parser, Sample, Source, SourceInfo, UrlKind, UrlMatch, hookimpl
from novel_core.declarative import (
    ChapterListTable,
    ChapterTable,
    DeclarativeParser,
    NovelTable,
    SiteTable,
)

HOST = "table.example"
ROOT = f"https://{HOST}"
_PATH = re.compile(r"https?://table\.example/book/([0-9]+)(?:/([a-z0-9-]+))?(?:\?page=[0-9]+)?/?")

TABLE = SiteTable(
    novel=NovelTable(
        title="h1.title",
        authors="p.by a",
        description="div.blurb@html",
        cover="img.cover@src",
        status="span.state | lower | map:ongoing=ongoing,finished=completed",
        tags="ul.tags li",
        kinds={"genre": "ul.genres li"},
        published="time.first@datetime | date",
        updated="time.last@datetime | date:%d.%m.%Y",
        statistics={
            "views": "b.views | number",
            "words": "b.words | number",
            "hearts": "b.hearts | number",
        },
        outcomes={"not_found": "div.gone"},
    ),
    chapters=ChapterListTable(
        rows="table.toc tr",
        published="td.date | date",
        volume="td.volume",
        volume_in_each_row=True,
        locked="img.lock",
        marker="@data-edited",
        newest_first=True,
        next_page="a.older@href",
    ),
    chapter=ChapterTable(
        title="h2",
        content="div.text@html",
        note_before="div.before@html",
        note_after="div.after@html",
        published="time@datetime | date",
        drop=(".advert",),
        next_part="a.more@href",
        novel="a.home@href",
        outcomes={"not_found": "div.gone"},
    ),
)


def match_url(url: str) -> UrlMatch | None:
    found = _PATH.fullmatch(url)
    if found is None:
        return None
    novel = f"{ROOT}/book/{found[1]}"
    if found[2] is None:
        return UrlMatch(UrlKind.NOVEL, novel, novel_id=found[1])
    return UrlMatch(
        UrlKind.CHAPTER,
        f"{novel}/{found[2]}",
        novel_id=found[1],
        chapter_id=found[2],
        novel_url=novel,
    )


class TableSource(Source):
    info = SourceInfo("tablesite", "Table Site", ROOT, (HOST,))
    samples = (Sample(f"{ROOT}/book/1", UrlKind.NOVEL, f"{ROOT}/book/1", novel_id="1"),)

    def match(self, url: str) -> UrlMatch | None:
        return match_url(url)

    def parser(self) -> Parser:
        return DeclarativeParser(TABLE, match_url=match_url, version="1")


@hookimpl
def novel_sources() -> Iterable[Source]:
    return (TableSource(),)


@dataclass
class TableChapter:
    id: str
    title: str
    parts: list[str]
    date: str = "2026-01-02"
    volume: str = ""
    locked: bool = False
    edited: str = ""
    before: str = ""
    after: str = ""


@dataclass
class TableBook:
    id: str
    title: str
    chapters: list[TableChapter] = field(default_factory=list)
    per_page: int = 3
    author: str = '<a href="/user/5">Ann &amp; Co</a>'

    @property
    def newest_first(self) -> list[TableChapter]:
        return self.chapters[::-1]


def index_page(book: TableBook, page: int = 0) -> str:
    shown = book.newest_first[page * book.per_page : (page + 1) * book.per_page]
    older = len(book.chapters) > (page + 1) * book.per_page
    rows = "".join(
        f'<tr data-edited="{chapter.edited}"><td><a href="/book/{book.id}/{chapter.id}">{escape(chapter.title)}</a></td>'
        f'<td class="date">{chapter.date}</td><td class="volume">{chapter.volume}</td>'
        f"<td>{'<img class=lock>' if chapter.locked else ''}</td></tr>"
        for chapter in shown
    )
    return f"""<!DOCTYPE html><html><head><title>x</title></head><body>
<h1 class="title">{escape(book.title)}</h1><p class="by">by {book.author}</p>
<img class="cover" src="/covers/{book.id}.png">
<div class="blurb"><p>Of <b>lamps</b>.</p></div><span class="state">Finished</span>
<ul class="genres"><li>Fantasy</li></ul><ul class="tags"><li>Slow Burn</li><li>Maps</li></ul>
<time class="first" datetime="2025-03-01T10:00:00+00:00"></time><time class="last" datetime="02.04.2026"></time>
<p><b class="views">12,345</b> <b class="words">1.5k words</b> <b class="hearts">7</b></p>
<table class="toc"><tr><th>Chapter</th></tr>{rows}</table>
{f'<a class="older" href="?page={page + 1}">older</a>' if older else ""}</body></html>"""


def chapter_page(book: TableBook, chapter: TableChapter, part: int = 0) -> str:
    more = len(chapter.parts) > part + 1
    return f"""<!DOCTYPE html><html><body><a class="home" href="/book/{book.id}">{escape(book.title)}</a>
<h2>{escape(chapter.title)}</h2><time datetime="{chapter.date}"></time>
{f'<div class="before">{chapter.before}</div>' if chapter.before else ""}
<div class="text">{chapter.parts[part]}<div class="advert">Buy</div></div>
{f'<div class="after">{chapter.after}</div>' if chapter.after else ""}
{f'<a class="more" href="/book/{book.id}/{chapter.id}?page={part + 1}">more</a>' if more else ""}</body></html>"""


GONE = (
    '<!DOCTYPE html><html><body><div class="gone">This book has been withdrawn.</div></body></html>'
)


class TableSite:
    """The site: books by id, and the paths asked for. `broken` leaves the authors out, as a redesign might."""

    def __init__(self, *books: TableBook) -> None:
        self.books = {book.id: book for book in books}
        self.requests: list[str] = []
        self.broken = False

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/book/{id}", self._book)
        app.router.add_get("/book/{id}/{chapter}", self._chapter)
        return app

    async def _book(self, request: web.Request) -> web.Response:
        self.requests.append(request.path_qs)
        book = self.books.get(request.match_info["id"])
        if book is None:
            return _html(GONE)
        text = index_page(book, int(request.query.get("page", "0")))
        return _html(text.replace('class="by"', 'class="written-by"') if self.broken else text)

    async def _chapter(self, request: web.Request) -> web.Response:
        self.requests.append(request.path_qs)
        book = self.books.get(request.match_info["id"])
        part = int(request.query.get("page", "0"))
        for chapter in book.chapters if book else ():
            if chapter.id == request.match_info["chapter"]:
                assert book is not None
                return _html(chapter_page(book, chapter, part))
        raise web.HTTPNotFound


def _html(text: str) -> web.Response:
    headers = {"Set-Cookie": "session=secret", "X-CSRF-Token": "secret"}
    return web.Response(text=text, content_type="text/html", headers=headers)


def a_book() -> TableBook:
    """Seven chapters on three pages of the list: one locked, one of two parts, two volumes, notes, an edit."""
    chapters = [
        TableChapter(
            "one",
            "One: <Home>",
            ["<p>First.</p>"],
            "2026-01-01",
            "Book One",
            before="<p>Hello.</p>",
        ),
        TableChapter(
            "two", "Two", ["<p>Second,</p>", "<p>and the rest.</p>"], "2026-01-02", "Book One"
        ),
        TableChapter(
            "three",
            "Three",
            ['<p>Third.</p><img src="/map.png">'],
            "2026-01-03",
            "Book One",
            edited="5",
        ),
        TableChapter(
            "four", "Four", ["<p>Fourth.</p>"], "2026-01-04", "Book Two", after="<p>Bye.</p>"
        ),
        TableChapter("five", "Five", ["<p>Fifth.</p>"], "2026-01-05", "Book Two"),
        TableChapter("six", "Six", ["<p>Sixth.</p>"], "2026-01-06", "Book Two"),
        TableChapter("seven", "Seven", ["<p>Seventh.</p>"], "2026-01-07", "Book Two", locked=True),
    ]
    return TableBook("1", "A Tale of Lamps", chapters)
