"""The reason for a request: which page it is for, and how often it was redirected or retried."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from scrapy import Request

from novel_core.page import Follow
from novel_core.source import PageKind

_KEY = "novel_request_context"


@dataclass(slots=True, eq=False)
class RequestContext:
    """Travels with a request, also when it is redirected or sent again.

    `follow` is None for a robots.txt. The crawl ends when an `essential` page cannot be fetched.
    `is_confirmed` if a gate of the page was confirmed; `gated` is the page's own request while that
    of the gate is under way.
    """

    follow: Follow | None
    essential: bool = False
    conditional: bool = False
    redirects: int = 0
    retries: int = 0
    is_confirmed: bool = False
    gated: Request | None = None
    is_failure_recorded: bool = False

    @classmethod
    def of(cls, request: Request) -> RequestContext:
        """The context attached to `request`."""
        return cast(RequestContext, request.meta[_KEY])

    @classmethod
    def is_on(cls, request: Request) -> bool:
        """Whether `request` is one of ours."""
        return _KEY in request.meta

    @property
    def kind(self) -> PageKind | None:
        return self.follow.kind if self.follow else None

    def attach(self, request: Request) -> Request:
        request.meta[_KEY] = self
        return request
