"""Limits: how many bytes of a response are read, and where a request may go."""

from __future__ import annotations

from urllib.parse import urlsplit

from w3lib.url import safe_url_string

from novel_core.errors import PageChanged, RedirectRefused, SourceError
from novel_core.page import Follow
from novel_core.settings import Settings
from novel_core.source import PageKind, SourceInfo

#: RFC 9309 requires at least 500 kB; the rest is not read.
ROBOTS_BYTES = 512 * 1024
#: Bytes kept of an error page.
PROBLEM_BYTES = 256 * 1024

_WEB = ("http", "https")


def size_limit(kind: PageKind, settings: Settings) -> int:
    return {
        PageKind.INDEX: settings.max_index_bytes,
        PageKind.CHAPTER: settings.max_page_bytes,
        PageKind.IMAGE: settings.max_image_bytes,
    }[kind]


def _goes_astray(url: str, kind: PageKind | None, info: SourceInfo) -> str | None:
    """Why a request for `url` is refused, if it is."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - reading it is what checks it
    except ValueError:
        return "which is not a valid URL"
    if parts.scheme not in _WEB or not parts.hostname:
        return "which is not a web address"
    if kind in (PageKind.INDEX, PageKind.CHAPTER) and parts.hostname not in info.domains:
        return f"which is not one of its own hosts ({', '.join(info.domains)})"
    return None


def follow_problem(follow: Follow, info: SourceInfo) -> SourceError | None:
    """Why a page may not be requested, or None. Only images may be on other hosts."""
    reason = _goes_astray(follow.url, follow.kind, info)
    if reason is None and follow.kind is PageKind.IMAGE:
        try:
            safe_url_string(follow.url)
        except ValueError:
            reason = "which is not a valid URL"
    if reason is None:
        return None
    return PageChanged(f"{info.title} links to {follow.url}, {reason}.", url=follow.url)


def redirect_problem(
    url: str, target: str, kind: PageKind | None, info: SourceInfo
) -> SourceError | None:
    reason = _goes_astray(target, kind, info)
    if reason is None:
        return None
    return RedirectRefused(f"{url} redirects to {target}, {reason}.", url=url, target=target)
