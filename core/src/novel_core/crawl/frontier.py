"""The pages still to request: Follow records, made into requests one at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import replace
from typing import Any, Self, cast

from scrapy import Request
from scrapy.core.scheduler import BaseScheduler
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from novel_core.crawl.context import CrawlContext, part_of
from novel_core.crawl.decoding import ACCEPTED
from novel_core.crawl.failure_policy import FailurePolicy
from novel_core.crawl.limits import follow_problem
from novel_core.crawl.request_context import RequestContext
from novel_core.errors import NovelError, PluginError
from novel_core.page import Follow
from novel_core.requests import CREDENTIALS, PageRequest
from novel_core.source import PageKind

_ACCEPT = "text/html,application/xhtml+xml,application/json;q=0.9,*/*;q=0.8"
_ACCEPT_IMAGE = "image/avif,image/webp,image/png,image/jpeg,image/gif,image/*;q=0.8"
_FORM = "application/x-www-form-urlencoded"


def _done(response: Response) -> None:
    """A callback that does nothing: `archive_middleware` has handled the response."""


class Frontier(BaseScheduler):
    """First in, first out; redirects and retries come before all others.

    The delegate decides which pages are requested (`plan`), so requests need no fingerprints.
    """

    def __init__(self, context: CrawlContext, policy: FailurePolicy) -> None:
        self._context = context
        self._policy = policy
        self._follows: deque[Follow] = deque()
        self._again: deque[Request] = deque()
        self._make: Callable[[Follow], Any] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        frontier = part_of(crawler, cls)
        spider: Any = crawler.spider
        frontier._make = spider.make_request
        return frontier

    async def add(self, follows: Iterable[Follow]) -> None:
        """Queue pages; one whose address is refused fails at once, without a request."""
        context = self._context
        for follow in follows:
            context.counts.expected += 1
            problem = follow_problem(follow, context.info)
            if problem is None:
                self._follows.append(follow)
            else:
                await self._policy.record_failure(context.request_context(follow), problem)

    def has_pending_requests(self) -> bool:
        return self._context.crawl_stop.error is None and bool(self._again or self._follows)

    def enqueue_request(self, request: Request) -> bool:
        if not RequestContext.is_on(request):
            self._context.crawl_stop.stop(
                PluginError(
                    f"The source {self._context.info.name!r} requested {request.url} itself:"
                    " a spider may only request the pages that its parser names."
                )
            )
            return False
        self._again.append(request)
        return True

    def next_request(self) -> Request | None:
        if not self.has_pending_requests():
            return None
        if self._again:
            return self._again.popleft()
        try:
            follow = self._next_wanted()
            return self._request(follow) if follow is not None else None
        except Exception as error:  # noqa: BLE001 - Scrapy would swallow it and never end
            self._context.crawl_stop.stop(error)
            return None

    def _next_wanted(self) -> Follow | None:
        while self._follows:
            follow = self._follows.popleft()
            if self._context.delegate.is_wanted(follow):
                return follow
            self._context.counts.expected -= 1
        return None

    def _request(self, follow: Follow) -> Request:
        request_context = self._context.request_context(follow)
        request = self.request_of(follow, request_context)
        self._add_validators(request, request_context, follow)
        return request

    def request_of(self, follow: Follow, request_context: RequestContext) -> Request:
        """The unconditional request for `follow`, for the page of `request_context`."""
        context = self._context
        assert self._make is not None
        made = context.call_plugin("make_request", self._make, follow)
        if not isinstance(made, PageRequest):
            raise PluginError(
                f"The source {context.info.name!r} failed in make_request:"
                f" it returned {made!r} instead of a PageRequest."
            )
        if made.url != follow.url:
            self._check_host(made, follow)
        request = Request(made.url, method=made.method, headers=dict(made.headers), body=made.body)
        self._add_headers(request, follow)
        # One slot for all hosts: the number of requests in flight is limited per source.
        request.meta["download_slot"] = ""
        request.callback, request.errback = _done, self._unhandled
        return request_context.attach(request)

    def _check_host(self, request: PageRequest, follow: Follow) -> None:
        if problem := follow_problem(replace(follow, url=request.url), self._context.info):
            raise PluginError(
                f"The source {self._context.info.name!r} failed in make_request: {problem}"
            )

    def _unhandled(self, failure: Failure) -> Coroutine[Any, Any, None] | None:
        """Handle an error raised by a middleware of the spider's own settings."""
        request: Request = failure.request  # type: ignore[attr-defined]
        request_context, error = RequestContext.of(request), cast(Exception, failure.value)
        if request_context.is_failure_recorded or self._context.crawl_stop.error is not None:
            return None
        if not isinstance(error, NovelError):
            error = self._context.plugin_error("a middleware", error)
        return self._policy.record_failure(request_context, error)

    def _add_headers(self, request: Request, follow: Follow) -> None:
        headers = request.headers
        headers.pop("Host", None)
        if follow.kind is PageKind.IMAGE:
            headers.setdefault("Accept", _ACCEPT_IMAGE)
            for name in CREDENTIALS:
                headers.pop(name, None)
        else:
            headers.setdefault("Accept", _ACCEPT)
        if request.body:
            headers.setdefault("Content-Type", _FORM)
        headers["Accept-Encoding"] = ACCEPTED
        # The same user agent as for robots.txt.
        headers["User-Agent"] = self._context.settings.user_agent

    def _add_validators(
        self, request: Request, request_context: RequestContext, follow: Follow
    ) -> None:
        headers = request.headers
        held = self._context.delegate.validators(follow)
        if held is None:
            return
        if held.etag:
            headers["If-None-Match"] = held.etag
        if held.last_modified:
            headers["If-Modified-Since"] = held.last_modified
        request_context.conditional = bool(held.etag or held.last_modified)
