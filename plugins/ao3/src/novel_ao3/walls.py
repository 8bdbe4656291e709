"""Pages that are not what was asked for: a bot check, a login, a warning, a work not yet shown, an error page.

Asked of every page, so only searches over bytes. The site lets no author write an `id`, so the site's own ids
tell its own parts from anything in a text.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from novel_ao3.urls import read_address
from novel_core.crawl.walls import check_complete, is_challenge
from novel_core.errors import (
    Blocked,
    LoginRequired,
    NotFound,
    NotYet,
    PageChanged,
    RateLimited,
    SiteUnavailable,
    SourceError,
)
from novel_core.page import Page
from novel_core.source import PageKind

_FIRST_ERROR_STATUS = 400
_TOO_MANY = 429
#: Lists of chapters and works, in which authors may write.
_LISTS = {"works-navigate", "series-show"}
#: Statuses of the site's own that the engine would take for a change of its pages.
_OWN_STATUSES = (406, 445)
_LOGIN_PATH = "/users/login"

# Each is linear: no `<` inside of a tag, and what a lookahead found is not looked for again.
_MAIN = re.compile(rb'<div\b(?=[^<>]*\bid="main")[^<>]*+>')
_CLASS = re.compile(rb'\bclass="([^"]*)"')
_WORKSKIN = re.compile(rb'<div\b[^<>]*\bid="workskin"')
_ERROR = re.compile(r"error-([0-9]{3})")
_CAUTION = re.compile(rb'<p\b[^<>]*\bclass="[^"<>]*\bcaution\b')
_MYSTERY = re.compile(
    rb'<p\b(?=[^<>]*\bclass="[^"<>]*\bnotice\b)[^<>]*+>[^<]*\bongoing challenge\b'
)

_ADULT_HINT = (
    "The site's adult warning was not passed the way this plugin knows: update the source plugin."
)
_MYSTERY_HINT = "Run again after the challenge's reveal: the site tells no date."


def main_classes(body: bytes) -> list[str]:
    """The classes of the page's main part: they say which kind of page it is."""
    found = _MAIN.search(body)
    names = _CLASS.search(found[0]) if found else None
    return names[1].decode("utf-8", "replace").split() if names else []


def is_refused_index(page: Page) -> bool:
    """Whether the front page stands for a work's index: the site leads there, for whichever reason it does not show
    the work. The work's own page tells the reason."""
    if page.kind is not PageKind.INDEX or page.position or not _is_home(page):
        return False
    address = read_address(page.requested_url)
    return address is not None and address.work is not None


def _is_home(page: Page) -> bool:
    return urlsplit(page.url).path in ("", "/")


def check(page: Page) -> None:
    """Raise the SourceError of a page that is none of those the parser reads."""
    if page.status == _TOO_MANY:
        return  # the engine reads how long to wait; a bot check may come with this status too
    body = page.body
    classes = main_classes(body)
    if is_challenge(page, has_content=bool(classes)):
        raise Blocked("The archive shows a bot check instead of the page.", url=page.url)
    _check_error(page, classes)
    if page.status >= _FIRST_ERROR_STATUS:
        return  # the engine turns the status into an error of its class
    check_complete(page)
    _check_login(page, classes)
    if not _WORKSKIN.search(body) and not _LISTS.intersection(classes):
        _check_notice(page)
    _check_chapter(page)


def _check_error(page: Page, classes: list[str]) -> None:
    """An error page under the status of a good one, or of a status only this site has."""
    if page.status >= _FIRST_ERROR_STATUS and page.status not in _OWN_STATUSES:
        return
    found = next(filter(None, map(_ERROR.fullmatch, classes)), None)
    if found or page.status in _OWN_STATUSES:
        raise _error(int(found[1]) if found else page.status, page.url)


def _error(code: int, url: str) -> SourceError:
    message = f"The archive answers with its error page {code}."
    match code:
        case 403 | 406:
            return Blocked(message, url=url)
        case 404:
            return NotFound("The archive has no such page (any more).", url=url)
        case 429:
            return RateLimited(message, retry_after=0, url=url)
        case 445 | 500 | 502 | 503 | 504 | 507:
            return SiteUnavailable(message, url=url)
    return PageChanged(message, url=url)


def _check_login(page: Page, classes: list[str]) -> None:
    parts = urlsplit(page.url)
    if _is_home(page) and not is_refused_index(page):
        raise LoginRequired(
            "The archive leads to its front page instead: locked, hidden or not yet revealed.",
            url=page.url,
        )
    if parts.path != _LOGIN_PATH and "sessions-new" not in classes:
        return
    if parse_qs(parts.query).get("restricted") == ["true"]:
        raise LoginRequired("Its creator shows it to registered users only.", url=page.url)
    raise LoginRequired(
        "The archive keeps it from readers: hidden by its staff, or a draft.", url=page.url
    )


def _check_notice(page: Page) -> None:
    """What stands in the place of a work's text."""
    start = _MAIN.search(page.body)
    main = page.body[start.end() :] if start else b""
    if _MYSTERY.search(main):
        raise NotYet(
            "The work is part of a challenge and not yet revealed.",
            url=page.url,
            hint=_MYSTERY_HINT,
        )
    if _CAUTION.search(main):
        # Every further page would be this one again, so the crawl has to end: only Blocked says that.
        raise Blocked(
            "The archive asks whether adult content may be shown.", url=page.url, hint=_ADULT_HINT
        )


def _check_chapter(page: Page) -> None:
    """For a chapter that is gone the site shows the first one, without a word."""
    address = read_address(page.url)
    if not page.chapters or address is None or address.chapter in (None, *page.chapters):
        return
    if page.kind is PageKind.INDEX:
        raise SiteUnavailable("The work's first chapter went while it was read.", url=page.url)
    asked = ", ".join(page.chapters)
    raise NotFound(
        f"Chapter {asked} is gone: the archive shows chapter {address.chapter} instead.",
        url=page.url,
    )
