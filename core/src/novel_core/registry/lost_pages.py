"""Pages that a site does not have any more, and answers with a redirect to another page of its."""

from __future__ import annotations

from contextlib import suppress
from typing import TypeVar
from urllib.parse import urlsplit

from novel_core.errors import NotFound, NovelError, PageChanged
from novel_core.page import Page
from novel_core.registry.loaded import LoadedSource
from novel_core.source import PageKind, UrlKind

ErrorT = TypeVar("ErrorT", bound=NovelError)


def explained(source: LoadedSource, page: Page, error: ErrorT) -> ErrorT | NotFound:
    """NotFound in the place of `error`, if the page led to the site's start page, or the page of a
    chapter to that of a novel, which the parser cannot read as what was requested.
    """
    if not isinstance(error, PageChanged) or page.kind is PageKind.IMAGE:
        return error
    asked, found = _place(page.requested_url or page.url), _place(page.url)
    if found == asked:
        return error
    if found == _place(source.info.homepage) or not found[1]:
        what = "the start page of the site"
    elif page.kind is PageKind.CHAPTER and _is_novel(source, page.url):
        what = "the page of a novel"
    else:
        return error
    return NotFound(
        f"{page.requested_url} leads to {what}, {page.url}: it does not exist any more.",
        url=page.requested_url,
    )


def _place(url: str) -> tuple[str | None, str]:
    """The host and the path of an address."""
    parts = urlsplit(url)
    return parts.hostname, parts.path.rstrip("/")


def _is_novel(source: LoadedSource, url: str) -> bool:
    with suppress(NovelError):
        match = source.match(url)
        return match is not None and match.kind is UrlKind.NOVEL
    return False
