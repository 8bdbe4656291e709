"""Pages that are not what they seem: a bot wall, an error page, a login page, a damaged page.

Asked of every page, so only searches over bytes, and only over the parts that can tell. Prose may quote any marker:
a marker counts only on a page without a fiction's or chapter's own parts.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from novel_core.document import parse, text_of
from novel_core.errors import Blocked, LoginRequired, NotFound, PageBroken
from novel_core.page import Page

_HEAD = 4096
_TAIL = 2048
# Walls and error pages are 2 to 30 KB; only chapter lists are larger than this.
_LARGEST_WALL = 256 * 1024
_FIRST_ERROR_STATUS = 400
_GONE = (404, 410)

_TITLE = re.compile(rb"<title[^<>]*>([^<]*)</title", re.IGNORECASE)
_OWN_PARTS = (b"chapter-content", b"fic-header", b"fiction-hero", b"chapterHeroData")
_CHALLENGE_MARKS = (b"_cf_chl_opt", b'id="challenge-error-text"')
_NOT_FOUND_MARK = b"page-404"
_LOGIN_MARK = b"form-login-details"
_LOGIN_PATH = "/account/login"


def check(page: Page) -> None:
    """Raise Blocked, NotFound, LoginRequired or PageBroken for a page that is none of the site's own."""
    body = page.body
    _check_wall(page, body)
    if page.status >= _FIRST_ERROR_STATUS:
        return  # the engine turns the status into an error of its class
    _check_whole(page, body)


def _check_wall(page: Page, body: bytes) -> None:
    title = _title(body)
    is_candidate = len(body) <= _LARGEST_WALL and not any(part in body for part in _OWN_PARTS)
    if (
        page.headers.get("cf-mitigated", "").lower() == "challenge"
        or (title.startswith(b"Just a moment") and b"Royal Road" not in title)
        or (is_candidate and any(mark in body for mark in _CHALLENGE_MARKS))
    ):
        raise Blocked("Royal Road shows a bot check instead of the page.", url=page.url)
    if page.status in _GONE or (
        is_candidate and (_NOT_FOUND_MARK in body or title == b"Not Found | Royal Road")
    ):
        raise NotFound(f"Royal Road has no such page: {_error_words(page)}", url=page.url)
    if (is_candidate and _LOGIN_MARK in body) or urlsplit(page.url).path == _LOGIN_PATH:
        raise LoginRequired("Royal Road asks for a login to show the page.", url=page.url)


def _check_whole(page: Page, body: bytes) -> None:
    start = body[:_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n\x00")
    if not start:
        raise PageBroken("Royal Road sent an empty page.", url=page.url)
    if not start.startswith(b"<"):
        raise PageBroken("Royal Road sent something that is not a web page.", url=page.url)
    if b"</html" not in body[-_TAIL:].lower():
        raise PageBroken("The page ends before its end: it was cut on the way.", url=page.url)


def _title(body: bytes) -> bytes:
    found = _TITLE.search(body, 0, _HEAD)
    return found[1].strip() if found else b""


def _error_words(page: Page) -> str:
    found = None
    if len(page.body) <= _LARGEST_WALL and _NOT_FOUND_MARK in page.body:
        found = parse(page).css_first(".page-404 strong")
    words = text_of(found)[:300] if found is not None else ""
    return words or "the page does not exist (any more)."
