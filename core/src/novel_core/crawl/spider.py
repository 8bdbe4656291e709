"""The base class of a source's spider: how pages are fetched, not how they are read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

import scrapy

from novel_core.page import Follow, Page
from novel_core.requests import PageRequest
from novel_core.source import PageKind


class NovelSpider(scrapy.Spider):
    """Fetches the pages that the parser names, in the parser's order.

    A source overrides what its site needs: `cookies` and `headers` sent with its own pages (never
    with images, which may be on any host), `check` to recognise a bot wall or an error page,
    `order` for the order of requests, `make_request` for anything else. `custom_settings` may add
    DOWNLOADER_MIDDLEWARES; they cannot change the crawl's own settings (pace, user agent, limits).
    """

    name = "novel"
    cookies: ClassVar[dict[str, str]] = {}
    headers: ClassVar[dict[str, str]] = {}

    def make_request(self, follow: Follow) -> PageRequest:
        """The request for a page: `replace(super().make_request(follow), url=…)` changes it.

        It may have another URL than `follow` (a form that the site prefers, a parameter); the page
        keeps `follow.url` as its `requested_url`.
        """
        if follow.kind is PageKind.IMAGE:
            return PageRequest(follow.url, headers=follow.headers)
        headers = {**self.headers, **follow.headers}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return PageRequest(follow.url, follow.method, headers, follow.body)

    def check(self, page: Page) -> None:
        """Raise a SourceError (Blocked, NotFound, LoginRequired, …) for a page that is not what was
        requested.

        Called for every response that is not an image, whatever its status. A status of 400 or more
        is an error even if this raises none. Pure.
        """

    def order(self, follows: Sequence[Follow]) -> Iterable[Follow]:
        """The order in which to request the pages that one page links to."""
        return follows
