"""What becomes of a response: judged, archived, read for what to request next.

All of it happens before the request counts as done, so a process that is killed loses at most the pages under way.
"""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Any, Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from novel_core.content.visible import follows_of
from novel_core.crawl.context import Context, Errand, context_of, errand_of
from novel_core.crawl.failure_policy import Settlement
from novel_core.crawl.redirects import redirected
from novel_core.crawl.response_checks import page_of, problem_of, status_problem
from novel_core.crawl.retries import Retries
from novel_core.errors import PluginError, RateLimited, SiteUnavailable, SourceError
from novel_core.page import Follow, Page
from novel_core.source import PageKind
from novel_core.steps import limited


class KeepingMiddleware:
    def __init__(self, context: Context, settlement: Settlement, spider: Any) -> None:
        self._context = context
        self._settlement = settlement
        self._retries = Retries(context)
        self._spider = spider

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        context = context_of(crawler)
        return cls(context, context.settlement, crawler.spider)

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        errand = errand_of(request)
        if errand.follow is None:
            return await self._robots(errand, request, response)
        try:
            return await self._page(errand, errand.follow, request, response) or response
        except Exception as error:  # noqa: BLE001 - nothing may be swallowed on its way through Scrapy
            await self._settlement.settle(errand, error)
            return response

    async def process_exception(self, request: Request, exception: Exception) -> Request | None:
        errand = errand_of(request)
        try:
            again = await self._retries.after_failure(errand, request, exception)
        except Exception as error:  # noqa: BLE001 - as above
            exception, again = error, None
        if again is None and errand.follow is not None:
            await self._settlement.settle(errand, exception)
        return again

    async def _robots(
        self, errand: Errand, request: Request, response: Response
    ) -> Request | Response:
        problem: SourceError | None = None
        moved = redirected(self._context, request, response)
        if moved is None:
            problem = _status_problem(response)
            if not isinstance(problem, RateLimited | SiteUnavailable):
                return response  # who asked knows what a missing robots.txt means
            moved = await self._retries.after_answer(errand, request, problem)
        if moved is None and problem is not None:
            raise problem
        return moved or response

    async def _page(
        self, errand: Errand, follow: Follow, request: Request, response: Response
    ) -> Request | None:
        """The request to send instead, if there is one."""
        context = self._context
        if response.status == HTTPStatus.NOT_MODIFIED and errand.conditional:
            await context.delegate.not_modified(follow)
            self._had(errand)
            return None
        page = page_of(follow, response)
        problem: SourceError | None
        try:
            if moved := redirected(context, request, response):
                return moved
            problem = self._judge(page)
        except SourceError as error:
            problem = error
        again = await self._retries.after_answer(errand, request, problem)
        if again is not None:
            return again
        if problem is not None and self._settlement.ends_crawl(errand, problem):
            context.ending.end(
                problem
            )  # before anything is waited for: nobody sends a request meanwhile
        await context.delegate.archive(page, problem)
        if problem is not None:
            raise problem
        self._had(errand)
        if page.kind is not PageKind.IMAGE:
            await self._expand(page)
        return None

    def _judge(self, page: Page) -> SourceError | None:
        if page.kind is not PageKind.IMAGE:
            check = partial(self._context.ask_plugin, "check", self._spider.check, page)
            limited("Judging", page.url, check)
        return problem_of(page)

    def _had(self, errand: Errand) -> None:
        self._context.counts.pages += 1
        self._settlement.had(errand)
        self._context.delegate.progress(self._context.counts)

    async def _expand(self, page: Page) -> None:
        """Queue what the page asks for."""
        context = self._context
        find = partial(context.ask_plugin, "follow", lambda: follows_of(context.parser, page))
        follows = limited("Looking for links on", page.url, find)
        ordered = context.ask_plugin("order", lambda: list(self._spider.order(follows)))
        if strange := [entry for entry in ordered if not isinstance(entry, Follow)]:
            raise PluginError(
                f"The source {context.info.name!r} failed in follow: {strange[0]!r} is not a Follow."
            )
        await self._settlement.admit(await context.delegate.plan(page, ordered))


def _status_problem(response: Response) -> SourceError | None:
    pause = response.headers.get("Retry-After")
    return status_problem(response.status, response.url, pause.decode("latin-1") if pause else None)
