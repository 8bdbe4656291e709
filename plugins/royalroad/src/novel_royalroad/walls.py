"""Pages that are not what they seem: a bot wall, an error page, a login page, a damaged page.

Asked of every page, so only searches over bytes, and only over the parts that can tell. Prose may quote any marker:
a marker counts only on a page without a fiction's or chapter's own parts.
"""

from __future__ import annotations

import html
import re
from urllib.parse import urlsplit

from novel_core.errors import Blocked, LoginRequired, NotFound, PageBroken
from novel_core.page import Page

_HEAD = 4096
_TAIL = 2048
# Walls and error pages are 2 to 30 KB; only chapter lists are larger than this.
_LARGEST_WALL = 256 * 1024
_FIRST_ERROR_STATUS = 400
_GONE = (404, 410)

_TITLE = re.compile(rb"<title[^>]*>([^<]*)</title", re.IGNORECASE)
_OWN_PARTS = (b"chapter-content", b"fic-header", b"fiction-hero", b"chapterHeroData")
_CHALLENGE_MARKS = (b"_cf_chl_opt", b'id="challenge-error-text"')
_NOT_FOUND_MARK = b"page-404"
_NOT_FOUND_WORDS = re.compile(rb"page-404.*?<strong[^>]*>(.*?)</strong>", re.DOTALL)
_LOGIN_MARK = b"form-login-details"
_LOGIN_PATH = "/account/login"
_TAGS = re.compile(r"<[^>]*>")


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
        raise NotFound(f"Royal Road has no such page: {_error_words(body)}", url=page.url)
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


def _error_words(body: bytes) -> str:
    at = max(0, body.find(_NOT_FOUND_MARK))
    found = _NOT_FOUND_WORDS.match(body, at, at + _HEAD)
    words = html.unescape(_TAGS.sub(" ", found[1].decode("utf-8", "replace"))) if found else ""
    return " ".join(words.split())[:300] or "the page does not exist (any more)."
