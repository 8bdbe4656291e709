"""Pages that are not the one requested: bot check, login, error page, closed board, another software.

Every page is checked, so these are searches over bytes. Only the attributes of `html` say what a
page is: the phrases of its scripts name every error on every page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from novel_core import (
    Blocked,
    LoginRequired,
    Maintenance,
    NotFound,
    Page,
    PageChanged,
    PageKind,
    SourceError,
    check_complete,
    fragment,
    is_challenge,
    text_of,
)

_FIRST_ERROR_STATUS = 400
_FORBIDDEN, _MISSING, _TOO_MANY, _UNAVAILABLE = 403, 404, 429, 503
_HEAD, _MESSAGE = 8192, 2000

_HTML = re.compile(rb"<html\b[^<>]*+>", re.IGNORECASE)
_ATTRIBUTE = re.compile(rb'\s([a-zA-Z-]+)="([^"<>]*)"')
_BLOCK = re.compile(rb'<div\b[^<>]*?\bclass="(?:[^"<>]*\s)?blockMessage\b[^<>]*+>')
_LOGIN_FORM = re.compile(rb'<input\b[^<>]*?\bname="login"')
#: What the add-on writes into every page of its forum; not the address that was asked for.
_ADD_ON = re.compile(
    rb"whats-new/threadmarks|newThreadmarks|svThreadmarks|SV/Threadmarks|threadmarks\.rss"
)
_CLOSED = re.compile(
    r"maintenance|currently closed|temporarily closed|being upgraded|back (?:soon|shortly)"
)
_LOGGED_IN = re.compile(r"logged[- ]in|log in|register")
_GONE = re.compile(r"could not be found|not be found|has been deleted|no longer available")

_NO_THREADMARKS = "The thread has no threadmarks, which say which of its posts are chapters."
_NO_ADD_ON = "The forum has no Threadmarks, which say which posts of a thread are chapters."
_NO_ADD_ON_HINT = "Only forums with the Threadmarks add-on can be read."
_NO_THREADMARKS_HINT = (
    "Its author or the staff can add them; until then the thread is no novel with chapters."
)
_READER_HINT = (
    "If the forum shows its reader pages to members only, set NOVEL_SOURCES__<SITE>__OPTIONS__HAS_READER=0:"
    " the pages of the thread are read then."
)


def html_attributes(body: bytes) -> Mapping[str, str]:
    """The attributes of the page's `html` element.

    >>> html_attributes(b'<!DOCTYPE html><html id="XF" data-template="error">')["data-template"]
    'error'
    """
    tag = _HTML.search(body[:_HEAD])
    found = _ATTRIBUTE.findall(tag[0]) if tag else []
    return {name.decode().lower(): value.decode("utf-8", "replace") for name, value in found}


def is_forum(attributes: Mapping[str, str]) -> bool:
    """Whether these are the attributes of a page of XenForo 2."""
    return attributes.get("id") == "XF" and attributes.get("data-app", "public") == "public"


def has_threadmarks(body: bytes) -> bool:
    """Whether the forum of this page has the Threadmarks add-on."""
    return _ADD_ON.search(body) is not None


def no_threadmarks(page: Page) -> NotFound:
    """The error of a thread whose list of threadmarks does not exist."""
    if has_threadmarks(page.body):
        return NotFound(_NO_THREADMARKS, url=page.url, hint=_NO_THREADMARKS_HINT)
    return NotFound(_NO_ADD_ON, url=page.url, hint=_NO_ADD_ON_HINT)


def check(page: Page) -> None:
    """Raise the SourceError of a page that is not one for the parser."""
    if page.status == _TOO_MANY:
        # The engine reads how long to wait.
        return
    attributes = html_attributes(page.body)
    is_ours = is_forum(attributes)
    if is_challenge(page, has_content=is_ours) or (not is_ours and _is_check(page)):
        raise Blocked("The forum shows a bot check instead of the page.", url=page.url)
    template = attributes.get("data-template", "") if is_ours else ""
    if template == "login":
        raise _members_only(page)
    if template == "error":
        raise _error(page)
    if page.status < _FIRST_ERROR_STATUS:
        check_complete(page)


def _is_check(page: Page) -> bool:
    is_refused = page.status in (_FORBIDDEN, _UNAVAILABLE)
    return is_refused and b"<title>Just a moment" in page.body[:_HEAD]


def _error(page: Page) -> SourceError:
    """The error that an error page is; some forums send them with status 200."""
    message = message_on(page.body)
    words = message.lower()
    told = f"The forum says: {message}" if message else "The forum shows an error page."
    if _LOGIN_FORM.search(page.body) or _LOGGED_IN.search(words):
        return _members_only(page)
    if page.status == _MISSING or _GONE.search(words):
        return _missing(page, told, words)
    if page.status == _UNAVAILABLE or _CLOSED.search(words):
        return Maintenance(told, url=page.url)
    if page.status == _FORBIDDEN or "permission" in words:
        return _members_only(page)
    return PageChanged(told, url=page.url)


def _missing(page: Page, told: str, words: str) -> NotFound:
    is_list = page.kind is PageKind.INDEX and "/threadmarks" in page.url
    if is_list and "thread could not" not in words:
        return no_threadmarks(page)
    return NotFound(told, url=page.url)


def _members_only(page: Page) -> LoginRequired:
    hint = _READER_HINT if "/reader/" in page.url else None
    return LoginRequired("The forum shows this page to its members only.", url=page.url, hint=hint)


def message_on(body: bytes) -> str:
    """The text of the first message block of an error page."""
    block = _BLOCK.search(body)
    if block is None:
        return ""
    markup = body[block.end() : block.end() + _MESSAGE].partition(b"</div>")[0]
    return text_of(fragment(markup.decode("utf-8", "replace")))
