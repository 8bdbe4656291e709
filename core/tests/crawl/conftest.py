"""A real site on loopback, and crawls of it over a delegate that keeps everything in dicts.

A page of the site is a list of lines, `chapter /c/1` or `image https://…`, which the parser of these tests follows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

import pytest
from aiohttp import web

from novel_core.content.visible import Links
from novel_core.crawl.context import CrawlContext
from novel_core.crawl.delegate import (
    CrawlCounts,
    CrawlDelegate,
    RobotsRecord,
    Validators,
)
from novel_core.crawl.pacing import Pacer
from novel_core.crawl.politeness import make_pacer
from novel_core.crawl.runner import Crawl
from novel_core.crawl.spider import NovelSpider
from novel_core.errors import Blocked, SourceError
from novel_core.page import Follow, Page, Parsed, Parser
from novel_core.settings import Settings
from novel_core.source import PageKind, Politeness, SourceInfo

HOST = "www.example.org"
HOME = f"https://{HOST}/"

Answer = str | bytes | web.StreamResponse | Callable[[web.Request], Any]


class LineParser(Parser):
    """Follows the lines of a page; `gone` is a page that turns out to be missing something."""

    def parse(self, page: Page) -> Parsed:
        return Parsed()

    def follow(self, page: Page) -> Sequence[Follow]:
        found = []
        for line in page.text.splitlines():
            kind, _, target = line.partition(" ")
            if kind in ("index", "chapter", "image"):
                chapters = (target,) if kind == "chapter" else ()
                found.append(Follow(urljoin(page.url, target), PageKind(kind), chapters=chapters))
        return found


class CheckingSpider(NovelSpider):
    def check(self, page: Page) -> None:
        if "are you human" in page.text:
            raise Blocked("The site asks whether we are human.", url=page.url)


@dataclass
class MemoryDelegate(CrawlDelegate):
    pages: list[Page] = field(default_factory=list)
    problems: list[tuple[str, SourceError]] = field(default_factory=list)
    failures: dict[str, SourceError] = field(default_factory=dict)
    unchanged: list[str] = field(default_factory=list)
    held: dict[str, Validators] = field(default_factory=dict)
    robots: dict[str, RobotsRecord] = field(default_factory=dict)
    pauses: list[tuple[str, float]] = field(default_factory=list)
    on_archive: Callable[[Page], Awaitable[None]] | None = None
    on_failed: Callable[[Follow], None] | None = None

    async def archive(self, page: Page, problem: SourceError | None) -> Page:
        if self.on_archive is not None:
            await self.on_archive(page)
        if problem is None:
            self.pages.append(page)
        else:
            self.problems.append((page.url, problem))
        return page

    async def plan(self, page: Page, follows: Sequence[Follow], links: Links) -> Iterable[Follow]:
        return follows

    def validators(self, follow: Follow) -> Validators | None:
        return self.held.get(follow.url)

    async def not_modified(self, follow: Follow) -> None:
        self.unchanged.append(follow.url)

    async def failed(self, follow: Follow, error: SourceError) -> None:
        if self.on_failed is not None:
            self.on_failed(follow)
        self.failures[follow.url] = error

    async def paused(self, url: str, seconds: float) -> None:
        self.pauses.append((url, seconds))

    async def load_robots(self, origin: str) -> RobotsRecord | None:
        return self.robots.get(origin)

    async def save_robots(self, record: RobotsRecord) -> None:
        self.robots[record.origin] = record

    @property
    def bodies(self) -> dict[str, bytes]:
        return {page.url: page.body for page in self.pages}


@dataclass
class Hit:
    host: str
    path: str
    headers: dict[str, str]


class Site:
    """Answers by `host/path`, or by path for the source's own host; a list of answers is given in turn, the last for ever."""

    def __init__(self) -> None:
        self.hits: list[Hit] = []
        self.port = 0
        self._answers: dict[str, list[Answer]] = {}

    def put(self, where: str, *answers: Answer) -> None:
        self._answers[HOST + where if where.startswith("/") else where] = list(answers)

    def paths(self, host: str = HOST) -> list[str]:
        return [hit.path for hit in self.hits if hit.host == host and hit.path != "/robots.txt"]

    def hit(self, path: str, host: str = HOST) -> Hit:
        return next(hit for hit in self.hits if (hit.host, hit.path) == (host, path))

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.hits.append(
            Hit(request.host, request.path, {k.lower(): v for k, v in request.headers.items()})
        )
        answers = self._answers.get(request.host + request.path)
        if not answers:
            return web.Response(status=404, text="nothing here")
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if callable(answer):
            answer = answer(request)
            if asyncio.iscoroutine(answer):
                answer = await answer
        if isinstance(answer, str | bytes):
            body = answer.encode() if isinstance(answer, str) else answer
            return web.Response(body=body, content_type="text/html")
        assert isinstance(answer, web.StreamResponse)
        return answer


@dataclass
class Outcome:
    counts: CrawlCounts
    error: BaseException | None
    failures: dict[str, SourceError]


@dataclass
class World:
    """The site, the delegate and the settings of the crawls of one test."""

    site: Site = field(default_factory=Site)
    delegate: MemoryDelegate = field(default_factory=MemoryDelegate)
    spider: type[NovelSpider] = CheckingSpider
    parser: Parser = field(default_factory=LineParser)
    pacer: Pacer | None = None
    hosts: tuple[str, ...] = (HOST,)
    domains: tuple[str, ...] = (HOST,)
    politeness: Politeness = field(default_factory=lambda: Politeness(0, 0, 4))
    settings: dict[str, Any] = field(default_factory=dict)
    start: tuple[Follow, ...] = (Follow(HOME, PageKind.INDEX),)
    essential: bool = True

    def crawl(self) -> Crawl:
        """Only while `serving`."""
        values = {
            "retry_backoff": 0.001,
            "host_map": dict.fromkeys(self.hosts, f"http://127.0.0.1:{self.site.port}"),
            **self.settings,
        }
        info = SourceInfo(
            "example", "Example", HOME, domains=self.domains, politeness=self.politeness
        )
        settings = Settings(**values)
        context = CrawlContext(
            info=info,
            spider=self.spider,
            parser=self.parser,
            settings=settings,
            delegate=self.delegate,
            pacer=self.pacer or make_pacer(info, settings),
        )
        return Crawl(context, self.start, essential=self.essential)

    async def serving(self, then: Callable[[], Awaitable[Any]]) -> Any:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self.site.handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0, handler_cancellation=True)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", self.site.port).start()
            self.site.port = runner.addresses[0][1]
            return await then()
        finally:
            await runner.cleanup()

    def run(self, *start: Follow) -> Outcome:
        """One crawl, to its end."""
        if start:
            self.start = start

        async def crawl() -> Outcome:
            crawl = self.crawl()
            error: BaseException | None = None
            try:
                await crawl.run()
            except Exception as raised:  # noqa: BLE001 - the outcome is what a test is about
                error = raised
            return Outcome(crawl.counts, error, self.delegate.failures)

        outcome = asyncio.run(self.serving(crawl))
        assert isinstance(outcome, Outcome)
        return outcome


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.delenv("NOVEL_HOST_MAP", raising=False)
    return World()
