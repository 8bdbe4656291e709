"""A little software for novels, Chronicle, and a site that runs it, with faults to switch on."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

from aiohttp import web

from novel_core import (
    Chapter,
    ChapterRef,
    Family,
    Follow,
    Novel,
    Page,
    PageKind,
    Parsed,
    Parser,
    Recognition,
    Site,
    Source,
    Stated,
    UrlKind,
    UrlMatch,
)
from novel_core.errors import PageBroken
from novel_core.items import Author
from novel_core.lookalike.site import LookalikeSite

#: More words than a tiny chapter has.
PROSE = "The rain fell on the roofs of the harbour, and nobody came to the door. " * 8
HOST = "chronicle.example"
BASE = f"https://{HOST}"
NOVEL = f"{BASE}/novel/7"


class ChronicleParser(Parser):
    """Reads the novel's page, further pages of its list, and chapters; version as wished."""

    def __init__(self, site: Site, version: str = "1") -> None:
        self.site = site
        self.version = version
        self.suffix = "" if version == "1" else f" v{version}"

    def parse(self, page: Page) -> Parsed:
        if "</html" not in page.text:
            raise PageBroken(f"{page.url} was cut off before its end.", url=page.url)
        document = page.document()
        if page.kind is PageKind.CHAPTER:
            return Parsed(items=[self._chapter(page)], follow=self._walk(page))
        refs = [self._ref(link, page) for link in document.css("ol a")]
        items: list[Any] = [*refs]
        if not page.position:
            name = document.css_first("h1")
            author = document.css_first(".by")
            items.insert(
                0,
                Novel(
                    source_id=page.url.rpartition("/")[2].partition("?")[0],
                    url=page.url,
                    title=name.text() if name else "",
                    authors=(Author(name=author.text()),) if author else (),
                ),
            )
        follow = [Follow.chapter(ref) for ref in refs] + self._walk(page)
        further = document.css_first("a.next")
        if further is not None:
            follow.insert(
                0, Follow.next_page(urljoin(page.url, further.attributes.get("href", "")), page)
            )
        count = document.css_first(".count")
        stated = [Stated(chapters=int(count.text()))] if count and not page.position else []
        return Parsed(items=items, follow=follow, stated=stated)

    def _walk(self, page: Page) -> list[Follow]:
        link = page.document().css_first("a.walk")
        if link is None:
            return []
        url = urljoin(page.url, link.attributes.get("href", ""))
        return [Follow.next_chapter(url, url.rpartition("/")[2])]

    def _ref(self, link: Any, page: Page) -> ChapterRef:
        url = urljoin(page.url, link.attributes.get("href", ""))
        return ChapterRef(
            source_id=link.attributes.get("data-id", ""),
            title=link.text(),
            url=url,
            published_at=link.attributes.get("data-date") or None,
            access=link.attributes.get("data-access") or "free",
        )

    def _chapter(self, page: Page) -> Chapter:
        title, text = page.document().css_first("h2"), page.document().css_first("article")
        return Chapter(
            source_id=page.chapters[0],
            title=f"{title.text() if title else ''}{self.suffix}",
            url=page.url,
            content_html=text.html if text else "",
        )


@dataclass(frozen=True)
class ChronicleOptions:
    api: str = ""


class ChronicleSource(Source):
    """One site; with the option `api` also another host."""

    Options = ChronicleOptions

    def __init__(self, site: Site, version: str = "1") -> None:
        api = urlsplit(str(site.options.get("api", ""))).hostname
        self.info = site.source_info(*([api] if api else []))
        self.site, self.version = site, version

    def match(self, url: str) -> UrlMatch | None:
        found = re.search(r"/novel/([0-9]+)(?:/([0-9]+))?$", url)
        if found is None or not self.site.owns(url):
            return None
        novel = f"{self.site.base_url}/novel/{found[1]}"
        if found[2] is None:
            return UrlMatch(UrlKind.NOVEL, novel, novel_id=found[1])
        chapter = f"{novel}/{found[2]}"
        return UrlMatch(
            UrlKind.CHAPTER, chapter, novel_id=found[1], chapter_id=found[2], novel_url=novel
        )

    def parser(self) -> Parser:
        return ChronicleParser(self.site, self.version)


class Chronicles(Family):
    """Known by its generator; `look` are the addresses it wants to look at besides."""

    def __init__(
        self,
        name: str = "chronicle",
        *,
        sites: Sequence[Site] = (),
        refused: Sequence[Any] = (),
        recognise: Callable[[Page], Recognition | None] | None = None,
        version: str = "1",
    ) -> None:
        self.name, self.title = name, name.title()
        self.sites, self.refused_hosts = sites, refused
        self.version = version
        self._recognise = recognise

    def recognise(self, page: Page) -> Recognition | None:
        if self._recognise is not None:
            return self._recognise(page)
        generator = page.document().css_first("meta[name=generator]")
        content = generator.attributes.get("content", "") if generator else ""
        if not content.startswith("Chronicle"):
            return None
        base = page.document().css_first("link[rel=home]")
        api = page.document().css_first("link[rel=api]")
        parts = urlsplit(page.url)
        return Recognition(
            0.9,
            base.attributes.get("href", "") if base else f"{parts.scheme}://{parts.netloc}",
            version=content.partition(" ")[2] or None,
            title="A Chronicle",
            language="en",
            options={"api": api.attributes.get("href", "")} if api else {},
        )

    def look_at(self, page: Page) -> str | None:
        link = page.document().css_first("link[rel=about]")
        return link.attributes.get("href", "") if link else None

    def source(self, site: Site) -> Source:
        return ChronicleSource(site, self.version)


@dataclass
class Content:
    """What the site shows. `head` is markup in the head of each page, `walks`: chapters name the next one."""

    title: str = "The Harbour"
    chapters: list[dict[str, Any]] = field(default_factory=list)
    stated: int | None = None
    head: str = "<meta name=generator content='Chronicle 3.2'>"
    per_page: int = 1000
    walks: bool = False
    robots: str = ""
    answers: dict[str, tuple[int, dict[str, str], str]] = field(default_factory=dict)


def chapters(count: int, first: int = 1) -> list[dict[str, Any]]:
    """Numbered chapters, a day apart."""
    last = datetime(2026, 3, 1, tzinfo=UTC)
    return [
        {
            "id": str(number),
            "title": f"Chapter {number}",
            "date": (last + timedelta(days=number)).isoformat(),
            "text": f"<p>{number}. {PROSE}</p>",
        }
        for number in range(first, first + count)
    ]


class ChronicleSite(LookalikeSite):
    """Serves `content`; `answers` has other answers by path: status, headers, body."""

    hosts = (HOST, f"www.{HOST}", "moved.example", "api.example", "other.example")

    def __init__(self) -> None:
        super().__init__()
        self.content = Content(chapters=chapters(12), stated=12)

    def change(self, **changes: Any) -> None:
        self.content = replace(self.content, **changes)

    def reset(self) -> None:
        self.content = Content(chapters=chapters(12), stated=12)
        self.clear()

    def application(self) -> web.Application:
        async def answer(request: web.Request) -> web.Response:
            self.log.record(request.method, request.path_qs, dict(request.headers))
            content = self.content
            known = content.answers.get(request.path_qs) or content.answers.get(
                f"{request.headers.get('Host', '')}{request.path_qs}"
            )
            if known is not None:
                status, headers, body = known
                return web.Response(status=status, headers=headers, body=body.encode())
            if request.path == "/robots.txt":
                return web.Response(text=content.robots, status=200 if content.robots else 404)
            found = re.search(r"/novel/([0-9]+)(?:/([0-9]+))?$", request.path)
            if found is None:
                return self._html("<h1>A Chronicle</h1>")
            if found[2]:
                return self._chapter(found[2])
            return self._list(int(request.query.get("page", "1")), request.path)

        app = web.Application()
        app.router.add_get("/{path:.*}", answer)
        return app

    def _html(self, body: str, status: int = 200) -> web.Response:
        page = f"<html><head>{self.content.head}</head><body>{body}</body></html>"
        return web.Response(text=page, status=status, content_type="text/html")

    def _chapter(self, number: str) -> web.Response:
        found = next((one for one in self.content.chapters if one["id"] == number), None)
        if found is None:
            return self._html("<p>Not found", 404)
        walk = f"<a class=walk href='./{int(number) + 1}'>next</a>" if self.content.walks else ""
        return self._html(f"<h2>{found['title']}</h2><article>{found['text']}</article>{walk}")

    def _list(self, number: int, path: str) -> web.Response:
        content = self.content
        start = (number - 1) * content.per_page
        shown = content.chapters[start : start + content.per_page]
        lines = "".join(
            f"<li><a href='{one.get('url', f'{path}/' + one['id'])}' data-id='{one['id']}'"
            f" data-date='{one.get('date', '')}' data-access='{one.get('access', '')}'>"
            f"{one['title']}</a>"
            for one in shown
        )
        further = start + content.per_page < len(content.chapters)
        link = f"<a class=next href='{path}?page={number + 1}'>more</a>" if further else ""
        count = "" if content.stated is None else f"<b class=count>{content.stated}</b>"
        if content.walks:
            lines, link = "", f"<a class=walk href='{path}/1'>begin</a>"
        title = f"<h1>{content.title}</h1>" if content.title else ""
        return self._html(f"{title}<i class=by>Ann Author</i>{count}<ol>{lines}</ol>{link}")
