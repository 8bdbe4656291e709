"""Pages that are not the one requested: bot check, login, warning, unrevealed work, error page.

Every page is checked, so these are searches over bytes. Authors cannot write an `id`, so the site's
ids show which parts of a page are its own.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from novel_ao3.urls import SiteUrls
from novel_core import (
    Blocked,
    LoginRequired,
    NotFound,
    NotYet,
    Page,
    PageChanged,
    PageKind,
    RateLimited,
    SiteUnavailable,
    SourceError,
    check_complete,
    is_challenge,
)

_FIRST_ERROR_STATUS = 400
_TOO_MANY = 429
#: Lists of chapters and works, with texts of authors in them.
_LISTS = {"works-navigate", "series-show"}
#: Statuses with a meaning of the site's own; for the engine they would be a PageChanged.
_OWN_STATUSES = (406, 445)
_LOGIN_PATH = "/users/login"

# Each is linear: no `<` inside a tag, and no backtracking into what a lookahead found.
_MAIN = re.compile(rb'<div\b(?=[^<>]*\bid="main")[^<>]*+>')
_CLASS = re.compile(rb'\bclass="([^"]*)"')
# Only a page with a work has one of them; older software lacks the first.
_WORK = re.compile(rb'<div\b[^<>]*\bid="(?:workskin|chapters)"')
_ERROR = re.compile(r"error-([0-9]{3})")
_CAUTION = re.compile(rb'<p\b[^<>]*\bclass="[^"<>]*\bcaution\b')
_MYSTERY = re.compile(
    rb'<p\b(?=[^<>]*\bclass="[^"<>]*\bnotice\b)[^<>]*+>[^<]*\bongoing challenge\b'
)

_GONE = re.compile(
    rb'<div\b(?=[^<>]*\bclass="flash[^"<>]*\berror\b)[^<>]*+>[^<]*\bfind the (?:work|series|chapter)\b'
)
# What small archives show under any status while they are overloaded.
_OVERLOADED = (b"age responding too slowly", b"age was responding too slowly", b"Error 503 - ")
_ANUBIS = b"/.within.website/x/cmd/anubis/"

_ADULT_HINT = "The site's adult warning has changed: update the source plugin."
_MYSTERY_HINT = "Run again after the works of the challenge are revealed; the site gives no date."


def main_classes(body: bytes) -> list[str]:
    """The classes of the page's main part, which are the kind of the page."""
    found = _MAIN.search(body)
    names = _CLASS.search(found[0]) if found else None
    return names[1].decode("utf-8", "replace").split() if names else []


def is_refused_index(page: Page, urls: SiteUrls) -> bool:
    """Whether the site has redirected from a work's index to its home page.

    It does so for any reason not to show the work; the work's own page has the reason.
    """
    if page.kind is not PageKind.INDEX or page.position or not _is_home(page, urls):
        return False
    address = urls.read(page.requested_url)
    return address is not None and address.work is not None


def _is_home(page: Page, urls: SiteUrls) -> bool:
    return urls.path(page.url) in ("", "/")


def check(page: Page, urls: SiteUrls) -> None:
    """Raise the SourceError of a page that is not one for the parser."""
    if page.status == _TOO_MANY:
        # The engine reads how long to wait; a bot check may have this status too.
        return
    body = page.body
    classes = main_classes(body)
    if is_challenge(page, has_content=bool(classes)):
        named = " (Anubis)" if _ANUBIS in body else ""
        raise Blocked(f"The archive shows a bot check{named} instead of the page.", url=page.url)
    _check_error(page, classes)
    if page.status >= _FIRST_ERROR_STATUS:
        # The engine turns the status into its error.
        return
    check_complete(page)
    if not _WORK.search(body) and not _LISTS.intersection(classes):
        _check_notice(page)
    _check_login(page, classes, urls)
    _check_chapter(page, urls)


def _check_error(page: Page, classes: list[str]) -> None:
    """Raise the error of an error page with status 200, or with a status only this site has."""
    if page.status >= _FIRST_ERROR_STATUS and page.status not in _OWN_STATUSES:
        return
    found = next(filter(None, map(_ERROR.fullmatch, classes)), None)
    if not classes and any(words in page.body for words in _OVERLOADED):
        raise SiteUnavailable("The archive is overloaded.", url=page.url)
    if found or page.status in _OWN_STATUSES:
        raise _error(int(found[1]) if found else page.status, page.url)


def _error(code: int, url: str) -> SourceError:
    message = f"The archive responds with its error page {code}."
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


def _check_login(page: Page, classes: list[str], urls: SiteUrls) -> None:
    parts = urlsplit(page.url)
    if _is_home(page, urls) and not is_refused_index(page, urls):
        raise LoginRequired(
            "The archive redirects to its front page: the work is locked, hidden or unrevealed.",
            url=page.url,
        )
    if urls.path(page.url) != _LOGIN_PATH and "sessions-new" not in classes:
        return
    if parse_qs(parts.query).get("restricted") == ["true"]:
        raise LoginRequired("Its creator shows it to registered users only.", url=page.url)
    raise LoginRequired(
        "The archive does not show it: hidden by its staff, or a draft.", url=page.url
    )


def _check_notice(page: Page) -> None:
    """Raise the error of a notice in the place of a work's text."""
    start = _MAIN.search(page.body)
    main = page.body[start.end() :] if start else b""
    if _GONE.search(main):
        raise NotFound("The archive has no such page (any more).", url=page.url)
    if _MYSTERY.search(main):
        raise NotYet(
            "The work is part of a challenge and not yet revealed.",
            url=page.url,
            hint=_MYSTERY_HINT,
        )
    if _CAUTION.search(main):
        # Every further page would be this one: Blocked, since it ends the crawl.
        raise Blocked(
            "The archive shows its warning about adult content instead of the work.",
            url=page.url,
            hint=_ADULT_HINT,
        )


def _check_chapter(page: Page, urls: SiteUrls) -> None:
    """Raise NotFound for a deleted chapter, for which the site shows the first one instead."""
    address = urls.read(page.url)
    if not page.chapters or address is None or address.chapter in (None, *page.chapters):
        return
    if page.kind is PageKind.INDEX:
        raise SiteUnavailable(
            "The work's first chapter was deleted during the crawl.", url=page.url
        )
    requested = ", ".join(page.chapters)
    raise NotFound(
        f"Chapter {requested} is deleted: the archive shows chapter {address.chapter} instead.",
        url=page.url,
    )
