"""The middleware that checks each response, archives it, and finds the pages to request next.

All of this happens before the request counts as done, so a killed process loses at most the pages
in flight.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from novel_core.crawl.context import context_of, part_of
from novel_core.crawl.failure_policy import FailurePolicy
from novel_core.crawl.frontier import Frontier
from novel_core.crawl.gates import Gates
from novel_core.crawl.redirects import redirected
from novel_core.crawl.request_context import RequestContext
from novel_core.crawl.response_checks import (
    check_page,
    page_of,
    problem_of,
    status_problem,
    with_pause,
)
from novel_core.crawl.retries import Retries
from novel_core.errors import Gated, PluginError, RateLimited, SiteUnavailable, SourceError
from novel_core.page import Follow, Page
from novel_core.source import PageKind
from novel_core.steps import limited

if TYPE_CHECKING:
    from novel_core.content.visible import Links


class ArchiveMiddleware:
    def __init__(self, crawler: Crawler) -> None:
        context = context_of(crawler)
        self._context = context
        self._policy = part_of(crawler, FailurePolicy)
        self._frontier = part_of(crawler, Frontier)
        self._retries = Retries(context)
        self._gates = Gates(context, self._frontier)
        self._spider: Any = crawler.spider

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        request_context = RequestContext.of(request)
        if request_context.follow is None:
            return await self._robots(request_context, request, response)
        try:
            return (
                await self._page(request_context, request_context.follow, request, response)
                or response
            )
        except Exception as error:  # noqa: BLE001 - Scrapy would swallow it
            await self._policy.record_failure(request_context, error)
            return response

    async def process_exception(self, request: Request, exception: Exception) -> Request | None:
        request_context = RequestContext.of(request)
        try:
            again = await self._retries.after_failure(request_context, request, exception)
        except Exception as error:  # noqa: BLE001 - as above
            exception, again = error, None
        if again is None and request_context.follow is not None:
            await self._policy.record_failure(request_context, exception)
        return again

    async def _robots(
        self, request_context: RequestContext, request: Request, response: Response
    ) -> Request | Response:
        problem: SourceError | None = None
        moved = redirected(self._context, request, response)
        if moved is None:
            pause = (response.headers.get("Retry-After") or b"").decode("latin-1")
            problem = status_problem(response.status, response.url, pause)
            if not isinstance(problem, RateLimited | SiteUnavailable):
                return response
            moved = await self._retries.after_answer(request_context, request, problem)
        if moved is None and problem is not None:
            raise problem
        return moved or response

    async def _page(
        self, request_context: RequestContext, follow: Follow, request: Request, response: Response
    ) -> Request | None:
        """The request to send instead, if there is one."""
        context = self._context
        if response.status == HTTPStatus.NOT_MODIFIED and request_context.conditional:
            await context.delegate.not_modified(follow)
            self._record_success(request_context)
            return None
        page = page_of(follow, response)
        problem: SourceError | None
        try:
            moved = redirected(context, request, response)
            moved = moved or self._gates.after_confirmation(request_context, page.url)
            if moved is not None:
                return moved
            problem = self._check(page)
        except SourceError as error:
            problem = with_pause(error, page)
        again = await self._again(request_context, request, problem)
        if again is not None:
            return again
        if problem is not None and self._policy.ends_crawl(request_context, problem):
            # Before anything is awaited, so that no request is sent meanwhile.
            context.crawl_stop.stop(problem)
        page = await context.delegate.archive(page, problem)
        if problem is not None:
            raise problem
        if page.kind is PageKind.IMAGE:
            self._record_success(request_context)
            return None
        return await self._expand(request_context, request, page)

    async def _expand(
        self, request_context: RequestContext, request: Request, page: Page
    ) -> Request | None:
        """Queue the pages that this one links to; the request to send instead, if there is one.

        What a parser finds out counts as what the spider's check does.
        """
        try:
            links = self._links(page)
            follows = self._ordered(links.follows)
        except SourceError as error:
            with_pause(error, page)
            again = await self._again(request_context, request, error)
            if again is not None:
                return again
            told = self._context.explain(page, error)
            if told is error:
                raise
            raise told from error
        self._record_success(request_context)
        planned = await self._context.delegate.plan(page, follows, links)
        await self._frontier.add(planned)
        return None

    async def _again(
        self, request_context: RequestContext, request: Request, problem: SourceError | None
    ) -> Request | None:
        """The request to send in place of this one: a retry, or the confirmation of a gate."""
        if isinstance(problem, Gated):
            return self._gates.confirmation(request_context, request, problem)
        return await self._retries.after_answer(request_context, request, problem)

    def _check(self, page: Page) -> SourceError | None:
        if page.kind is not PageKind.IMAGE:
            told = partial(check_page, page, self._spider, self._context.parser)
            check = partial(self._context.call_plugin, "check", told)
            limited("Checking", page.address, check)
        return problem_of(page)

    def _record_success(self, request_context: RequestContext) -> None:
        self._context.counts.pages += 1
        self._policy.record_success(request_context)

    def _links(self, page: Page) -> Links:
        # Not before the first request, which it would delay.
        from novel_core.content.visible import links_of

        context = self._context
        find = partial(context.call_plugin, "follow", links_of, context.parser, page)
        return limited("Looking for links on", page.address, find)

    def _ordered(self, follows: Sequence[Follow]) -> list[Follow]:
        """The pages that a page links to, in the spider's order."""
        context = self._context
        ordered = context.call_plugin("order", lambda: list(self._spider.order(follows)))
        if strange := [entry for entry in ordered if not isinstance(entry, Follow)]:
            raise PluginError(
                f"The source {context.info.name!r} failed in follow: {strange[0]!r} is not a Follow."
            )
        return ordered
