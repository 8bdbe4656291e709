"""Four sites of unusual forms in one package, each read by a table: a walk, a feed, a forum's thread,
and one whose list and texts are HTML in answers of JSON to POST."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from aiohttp import web

from novel_core import (
    ChapterListTable,
    ChapterTable,
    DeclarativeParser,
    NovelTable,
    PageNumbers,
    Parser,
    SiteTable,
    Source,
    SourceInfo,
    UrlKind,
    UrlMatch,
    hookimpl,
)

WALK = SiteTable(
    novel=NovelTable(title="h1", first_chapter="a.first@href"),
    chapter=ChapterTable(title="h2", content="article@html", next_chapter="a.next@href"),
)
FEED = SiteTable(
    novel=NovelTable(form="feed", title="title"),
    chapters=ChapterListTable(
        form="feed",
        rows="entries",
        link="url",
        title="title",
        published="published | date",
        edited="updated | date",
        newest_first=True,
        texts=True,
        partial=True,
    ),
    chapter=ChapterTable(form="feed", content="content_html"),
)
THREAD = SiteTable(
    novel=NovelTable(title="h1"),
    chapters=ChapterListTable(
        rows="ol > *", heading="xpath:self::h3", id="a@href | after:#post-", stated="b | number"
    ),
    chapter=ChapterTable(
        rows="article", id="@id | after:post-", content="div@html", novel="page:url"
    ),
)

AJAX = SiteTable(
    novel=NovelTable(title="h1", chapter_list="#toc@data-id | url:/ajax/toc?id={}&page=1"),
    chapters=ChapterListTable(
        form="json",
        method="POST",
        headers={"X-Requested-With": "XMLHttpRequest"},
        rows="html >> css:li",
        heading="xpath:self::li[@class='arc']",
        next_page=PageNumbers(query="page", more="more"),
        batch="/ajax/texts?ids={ids}",
        batch_size=2,
    ),
    chapter=ChapterTable(
        form="json",
        method="POST",
        body='{"ids": [{ids}]}',
        rows="html >> css:article",
        id="@id",
        title="h2",
        content="div@html",
    ),
)


class FormSource(Source):
    """A site of one of the forms; novels are at `/n/ID`, chapters at `/n/ID/c/CHAPTER`.

    `/posts/CHAPTER` leads to the page of a thread that has the chapter.
    """

    def __init__(self, name: str, table: SiteTable) -> None:
        self.table = table
        self.info = SourceInfo(name, name.title(), f"https://{name}.example", (f"{name}.example",))
        self._path = re.compile(
            rf"https?://{name}\.example/n/([0-9]+)(?:/c/([0-9]+))?(?:/page-[0-9]+)?/?"
        )

    def match(self, url: str) -> UrlMatch | None:
        if post := re.fullmatch(rf"{self.info.homepage}/posts/([0-9]+)", url):
            return UrlMatch(UrlKind.CHAPTER, url, chapter_id=post[1])
        found = self._path.fullmatch(url)
        if found is None:
            return None
        novel = f"{self.info.homepage}/n/{found[1]}"
        if found[2] is None:
            return UrlMatch(UrlKind.NOVEL, novel, novel_id=found[1])
        chapter = f"{novel}/c/{found[2]}"
        return UrlMatch(UrlKind.CHAPTER, chapter, found[1], chapter_id=found[2], novel_url=novel)

    def parser(self) -> Parser:
        return DeclarativeParser(self.table, match_url=self.match, version="1")


@hookimpl
def novel_sources() -> Iterable[Source]:
    tables = {"walk": WALK, "feed": FEED, "thread": THREAD, "ajax": AJAX}
    return tuple(FormSource(name, table) for name, table in tables.items())


class Pages:
    """A site of pages by their paths, which a test changes; `requests` are the paths asked for.

    A page that is a path is a redirect. Of a request by POST the path has the body after a space.
    """

    def __init__(self, pages: dict[str, str]) -> None:
        self.pages = pages
        self.requests: list[str] = []

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._page)
        app.router.add_post("/ajax/{path:.*}", self._answer)
        return app

    async def _page(self, request: web.Request) -> web.Response:
        self.requests.append(request.path)
        if request.path not in self.pages:
            raise web.HTTPNotFound
        text = self.pages[request.path]
        if text.startswith("/"):
            raise web.HTTPFound(text)
        kind = "application/rss+xml" if text.startswith("<rss") else "text/html"
        return web.Response(text=text, content_type=kind)

    async def _answer(self, request: web.Request) -> web.Response:
        asked = f"{request.path} {await request.text()}"
        self.requests.append(f"{asked} {request.content_type}")
        if asked not in self.pages:
            raise web.HTTPNotFound
        return web.Response(text=self.pages[asked], content_type="application/json")


def walk_pages(count: int) -> dict[str, str]:
    """A novel of so many chapters, each but the last with a link to the next one."""
    pages = {"/n/1": '<h1>A Walk</h1><a class=first href="/n/1/c/1">Start</a>'}
    for n in range(1, count + 1):
        link = f'<a class=next href="/n/1/c/{n + 1}">Next</a>' if n < count else ""
        pages[f"/n/1/c/{n}"] = f"<h2>Part {n}</h2><article><p>Text {n}.</p></article>{link}"
    return pages


def feed_pages(*numbers: int) -> dict[str, str]:
    """A feed with the texts of these chapters, the newest first."""
    items = "".join(
        f"<item><title>Part {n}</title><link>/n/1/c/{n}</link>"
        f"<pubDate>Mon, 0{n} Jun 2026 10:00:00 GMT</pubDate>"
        f"<content:encoded>&lt;p&gt;Text {n}.&lt;/p&gt;</content:encoded></item>"
        for n in sorted(numbers, reverse=True)
    )
    name = "http://purl.org/rss/1.0/modules/content/"
    head = f'<rss version="2.0" xmlns:content="{name}"><channel><title>A Feed</title>'
    return {"/n/1": f"{head}{items}</channel></rss>"}


def thread_pages() -> dict[str, str]:
    """A thread whose marks are posts on two pages, with two headings."""
    marks = "".join(
        f'<li><a href="/n/1/page-{page}#post-{post}">Mark {post}</a></li>'
        for page, post in ((1, 3), (1, 5), (2, 31))
    )
    listed = marks.replace("<li>", "<h3>Arc One</h3><li>", 1)
    pages = {
        f"/n/1/page-{page}": "".join(
            f'<article id="post-{post}"><div><p>Post {post}.</p></div></article>' for post in posts
        )
        for page, posts in ((1, (1, 3, 4, 5)), (2, (30, 31)))
    }
    return {"/n/1": f"<h1>A Thread</h1><b>3 marks</b><ol>{listed}</ol>", **pages}


def ajax_pages() -> dict[str, str]:
    """Three chapters in two volumes, on two pages of a list by POST; the texts by POST too."""
    volumes = {"Arc One": (4, 5), "Arc Two": (6,)}
    lists = [
        f'<li class="arc">{arc}</li>'
        + "".join(f'<li><a href="/n/1/c/{n}">Part {n}</a></li>' for n in numbers)
        for arc, numbers in volumes.items()
    ]
    answers: dict[str, dict[str, object]] = {
        f"/ajax/toc id=93&page={page}": {"html": f"<ol>{rows}</ol>", "more": page < len(lists)}
        for page, rows in enumerate(lists, start=1)
    }
    for ids in volumes.values():
        html = "".join(
            f'<article id="{n}"><h2>Part {n}</h2><div><p>Text {n}.</p></div></article>' for n in ids
        )
        answers['/ajax/texts {"ids": [' + ",".join(map(str, ids)) + "]}"] = {"html": html}
    pages = {asked: json.dumps(answer) for asked, answer in answers.items()}
    return {"/n/1": '<h1>An Ajax Tale</h1><div id="toc" data-id="93"></div>', **pages}
