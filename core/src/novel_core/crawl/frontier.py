"""What is still to be requested: light Follow tuples, made into requests only when Scrapy asks for the next one."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any, Self, cast

from scrapy import Request
from scrapy.core.scheduler import BaseScheduler
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from novel_core.crawl.context import Context, Errand, context_of, errand_of, has_errand
from novel_core.crawl.decoding import ACCEPTED
from novel_core.crawl.limits import follow_problem
from novel_core.errors import NovelError, PluginError
from novel_core.page import Follow
from novel_core.source import PageKind

_ACCEPT = "text/html,application/xhtml+xml,application/json;q=0.9,*/*;q=0.8"
_ACCEPT_IMAGE = "image/avif,image/webp,image/png,image/jpeg,image/gif,image/*;q=0.8"
_CREDENTIALS = ("Cookie", "Authorization", "Proxy-Authorization")


def _done(response: Response) -> None:
    """The middleware has done everything (`keeping`); there is nothing left for a callback."""


class Frontier(BaseScheduler):
    """First in, first out; a redirected or repeated request comes before everything else.

    Whether a page was asked for before is the delegate's affair (`plan`), so nothing is fingerprinted.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._follows: deque[Follow] = deque()
        self._again: deque[Request] = deque()
        self._make: Callable[[Follow], Any] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        frontier = context_of(crawler).frontier
        assert isinstance(frontier, cls)
        spider: Any = crawler.spider
        frontier._make = spider.make_request
        return frontier

    def push(self, follows: list[Follow]) -> None:
        self._follows.extend(follows)

    def has_pending_requests(self) -> bool:
        return self._context.ending.error is None and bool(self._again or self._follows)

    def enqueue_request(self, request: Request) -> bool:
        if not has_errand(request):
            self._context.ending.end(
                PluginError(
                    f"The source {self._context.info.name!r} requested {request.url} by itself:"
                    " a spider requests what its parser asks for, nothing else."
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
        except Exception as error:  # noqa: BLE001 - Scrapy would lose it, and wait for ever
            self._context.ending.end(error)
            return None

    def _next_wanted(self) -> Follow | None:
        while self._follows:
            follow = self._follows.popleft()
            if self._context.delegate.is_wanted(follow):
                return follow
            self._context.counts.expected -= 1
        return None

    def _request(self, follow: Follow) -> Request:
        context = self._context
        assert self._make is not None
        request = context.ask_plugin("make_request", self._make, follow)
        if not isinstance(request, Request):
            raise PluginError(
                f"The source {context.info.name!r} failed in make_request:"
                f" it returned {request!r} instead of a request."
            )
        if request.url != follow.url:
            self._check_host(request, follow)
        errand = context.errand(follow)
        self._add_headers(request, errand, follow)
        # One slot for all hosts: the bound on requests under way is the source's, not a host's.
        request.meta["download_slot"] = ""
        request.callback, request.errback = _done, self._unsettled
        return errand.attach(request)

    def _check_host(self, request: Request, follow: Follow) -> None:
        if problem := follow_problem(replace(follow, url=request.url), self._context.info):
            raise PluginError(
                f"The source {self._context.info.name!r} failed in make_request: {problem}"
            )

    def _unsettled(self, failure: Failure) -> Coroutine[Any, Any, None] | None:
        """An error that no middleware of ours has seen: another one, of the spider's settings, has raised it."""
        request: Request = failure.request  # type: ignore[attr-defined]
        errand, error = errand_of(request), cast(Exception, failure.value)
        if errand.settled or self._context.ending.error is not None:
            return None
        if not isinstance(error, NovelError):
            error = self._context.plugin_error("a middleware", error)
        return self._context.settlement.settle(errand, error)

    def _add_headers(self, request: Request, errand: Errand, follow: Follow) -> None:
        headers = request.headers
        headers.pop("Host", None)  # the address says which host is meant
        if follow.kind is PageKind.IMAGE:
            headers.setdefault("Accept", _ACCEPT_IMAGE)
            for name in _CREDENTIALS:
                headers.pop(name, None)
        else:
            headers.setdefault("Accept", _ACCEPT)
        headers["Accept-Encoding"] = ACCEPTED
        # The name robots.txt was asked under is the name the pages are asked under.
        headers["User-Agent"] = self._context.settings.user_agent
        held = self._context.delegate.validators(follow)
        if held is None:
            return
        if held.etag:
            headers["If-None-Match"] = held.etag
        if held.last_modified:
            headers["If-Modified-Since"] = held.last_modified
        errand.conditional = bool(held.etag or held.last_modified)
