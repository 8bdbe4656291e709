"""The spider of an archive."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from novel_ao3 import walls
from novel_ao3.follows import request_url
from novel_ao3.urls import SiteUrls
from novel_core import Follow, NovelSpider, Page, PageKind, PageRequest


class OtwSpider(NovelSpider):
    """A spider that accepts adult content, by cookie and by URL parameter; `urls` are its site's.

    Both are needed: a redirect drops the URL's query, and the cookie is only for the session.
    """

    name = "otw"
    urls: ClassVar[SiteUrls]
    cookies: ClassVar[dict[str, str]] = {"view_adult": "true"}

    def make_request(self, follow: Follow) -> PageRequest:
        request = super().make_request(follow)
        if follow.kind is PageKind.IMAGE:
            return request
        return replace(request, url=request_url(follow, self.urls))

    def check(self, page: Page) -> None:
        walls.check(page, self.urls)
