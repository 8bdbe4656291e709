"""Pages that are not the one requested: a bot check, an error page, a login page, a cut page.

Every page is checked, so these are searches over bytes. A story may quote any marker: a marker
counts only on a page without the parts of a fiction's or chapter's page.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from novel_core import (
    Blocked,
    LoginRequired,
    NotFound,
    Page,
    check_complete,
    is_challenge,
    text_of,
)

_HEAD = 4096
# Walls and error pages are 2 to 30 KB; only chapter lists are larger than this.
_LARGEST_WALL = 256 * 1024
_GONE = (404, 410)

_TITLE = re.compile(rb"<title[^<>]*>([^<]*)</title", re.IGNORECASE)
_OWN_PARTS = (b"chapter-content", b"fic-header", b"fiction-hero", b"chapterHeroData")
_NOT_FOUND_MARK = b"page-404"
_LOGIN_MARK = b"form-login-details"
_LOGIN_PATH = "/account/login"


def check(page: Page) -> None:
    """Raise Blocked, NotFound, LoginRequired or PageBroken for a page of another kind."""
    _check_wall(page)
    check_complete(page)


def _check_wall(page: Page) -> None:
    body, title = page.body, _title(page.body)
    is_candidate = len(body) <= _LARGEST_WALL and not any(part in body for part in _OWN_PARTS)
    if is_challenge(page, has_content=not is_candidate) or (
        title.startswith(b"Just a moment") and b"Royal Road" not in title
    ):
        raise Blocked("Royal Road shows a bot check instead of the page.", url=page.url)
    if page.status in _GONE or (
        is_candidate and (_NOT_FOUND_MARK in body or title == b"Not Found | Royal Road")
    ):
        raise NotFound(f"Royal Road has no such page: {_error_words(page)}", url=page.url)
    if (is_candidate and _LOGIN_MARK in body) or urlsplit(page.url).path == _LOGIN_PATH:
        raise LoginRequired("Royal Road requires a login for this page.", url=page.url)


def _title(body: bytes) -> bytes:
    found = _TITLE.search(body, 0, _HEAD)
    return found[1].strip() if found else b""


def _error_words(page: Page) -> str:
    found = None
    if len(page.body) <= _LARGEST_WALL and _NOT_FOUND_MARK in page.body:
        found = page.document().css_first(".page-404 strong")
    words = text_of(found)[:300] if found is not None else ""
    return words or "the page does not exist (any more)."
