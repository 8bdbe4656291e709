"""The base class of a source's spider: how to fetch, never what it means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import scrapy

from novel_core.page import Follow, Page
from novel_core.source import PageKind


class NovelSpider(scrapy.Spider):
    """Fetches what the parser asks for, in the parser's order.

    A source overrides what its site needs: `cookies` and `headers` sent with its own pages (never with images,
    which may live anywhere), `check` to tell a bot wall or an error page served as a page, `order` for the
    order of requests, `make_request` for anything else. `custom_settings` may add DOWNLOADER_MIDDLEWARES; what the
    crawl itself has settled (pace, user agent, limits) is not changed by them.
    """

    name = "novel"
    cookies: ClassVar[dict[str, str]] = {}
    headers: ClassVar[dict[str, str]] = {}

    def make_request(self, follow: Follow) -> scrapy.Request:
        """The request for a page. The engine adds limits, validators and callbacks.

        It may ask for another address than the one of `follow` (a form the site prefers, a parameter): the page keeps
        `follow.url` as its `requested_url`.
        """
        if follow.kind is PageKind.IMAGE:
            return scrapy.Request(follow.url)
        headers: dict[str, Any] = dict(self.headers)
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return scrapy.Request(follow.url, headers=headers)

    def check(self, page: Page) -> None:
        """Raise a SourceError (Blocked, NotFound, LoginRequired, …) for a page that is not what it seems.

        Asked of every response that is not an image, of any status; a status of 400 or more that passes becomes the error of its
        class all the same. Pure.
        """

    def order(self, follows: Sequence[Follow]) -> Iterable[Follow]:
        """The order to request the pages one page asks for."""
        return follows
