"""Gates: pages that ask a reader to confirm something first, as an age. Confirmed only if allowed."""

from __future__ import annotations

from urllib.parse import urlsplit

from scrapy import Request

from novel_core.crawl.context import CrawlContext
from novel_core.crawl.frontier import Frontier
from novel_core.crawl.limits import follow_problem
from novel_core.crawl.request_context import RequestContext
from novel_core.errors import Gated, PluginError
from novel_core.page import Follow
from novel_core.requests import PageRequest
from novel_core.settings.sections import source_key
from novel_core.source import PageKind


class Gates:
    """Follows the link of a gate once for a page; the site's cookies are kept for the crawl."""

    def __init__(self, context: CrawlContext, frontier: Frontier) -> None:
        self._context = context
        self._frontier = frontier

    def confirmation(
        self, request_context: RequestContext, request: Request, gate: Gated
    ) -> Request | None:
        """The request that confirms, or None; then the hint of `gate` says how to go on."""
        info, settings = self._context.info, self._context.settings
        follow = request_context.follow
        if gate.confirm is None or follow is None:
            return None
        if request_context.is_confirmed:
            gate.hint = "It was confirmed, and the site asks again: open the page in a browser."
            return None
        if not settings.source(info.name, info.family).confirm_gates:
            name = source_key(info.name).upper()
            gate.hint = (
                f"If you may read it, set NOVEL_SOURCES__{name}__CONFIRM_GATES=true:"
                f" the questions of {info.title} are then confirmed for you."
            )
            return None
        confirm = _follow(gate.confirm, follow.kind)
        if problem := follow_problem(confirm, info):
            raise problem
        request_context.is_confirmed = True
        request_context.gated = request.copy()
        request_context.redirects = 0
        return self._frontier.request_of(confirm, request_context)

    def after_confirmation(self, request_context: RequestContext, url: str) -> Request | None:
        """The page's own request again, unless the answer at `url` is the page itself."""
        gated, request_context.gated = request_context.gated, None
        if gated is None or _place(gated.url) == _place(url):
            return None
        request_context.redirects = 0
        return gated


def _follow(confirm: PageRequest, kind: PageKind) -> Follow:
    headers, body = confirm.headers, confirm.body
    try:
        return Follow(confirm.url, kind, method=confirm.method, headers=headers, body=body)
    except ValueError as error:
        raise PluginError(f"The request that confirms a gate cannot be made: {error}") from error


def _place(url: str) -> tuple[str | None, str]:
    """Host and path: the address of a confirmed page may have another query."""
    parts = urlsplit(url)
    return parts.hostname, parts.path
