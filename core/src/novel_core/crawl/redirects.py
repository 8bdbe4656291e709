"""Redirects: followed a few times, within the hosts that a page may come from."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urljoin, urlsplit

from scrapy import Request
from scrapy.http import Response
from w3lib.url import safe_url_string

from novel_core.crawl.context import CrawlContext
from novel_core.crawl.limits import redirect_problem
from novel_core.crawl.request_context import RequestContext
from novel_core.errors import RedirectRefused
from novel_core.requests import CREDENTIALS

_REDIRECTS = (301, 302, 303, 307, 308)
_KEEP_METHOD = (HTTPStatus.TEMPORARY_REDIRECT, HTTPStatus.PERMANENT_REDIRECT)


def redirected(context: CrawlContext, request: Request, response: Response) -> Request | None:
    """The request that a redirect leads to; None for another response."""
    location = response.headers.get("Location")
    if response.status not in _REDIRECTS or not location:
        return None
    request_context = RequestContext.of(request)
    target = _target(request.url, location)
    if problem := redirect_problem(request.url, target, request_context.kind, context.info):
        raise problem
    request_context.redirects += 1
    if request_context.redirects > context.settings.max_redirects:
        asked = request_context.follow.url if request_context.follow else request.url
        raise RedirectRefused(
            f"{asked} never ended: more than {context.settings.max_redirects} redirects.",
            url=asked,
        )
    return _to(request, target, response.status)


def _target(url: str, location: bytes) -> str:
    try:
        return urljoin(url, safe_url_string(location.strip()))
    except ValueError as error:
        where = location.decode("utf-8", "replace")
        raise RedirectRefused(
            f"{url} redirects to {where}, which is not an address.", url=url
        ) from error


def _to(request: Request, target: str, status: int) -> Request:
    if request.method in ("GET", "HEAD") or status in _KEEP_METHOD:
        moved = request.replace(url=target)
    else:
        moved = request.replace(url=target, method="GET", body=b"")
        moved.headers.pop("Content-Type", None)
    before, after = urlsplit(request.url), urlsplit(target)
    if before.hostname != after.hostname or (before.scheme, after.scheme) == ("https", "http"):
        for name in CREDENTIALS:
            moved.headers.pop(name, None)
    return moved
