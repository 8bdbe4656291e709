"""Pages that are not the one requested: refusals of the API, maintenance, walls, private sites."""

from __future__ import annotations

import json
import re
from http import HTTPStatus

from novel_core import (
    Blocked,
    LoginRequired,
    Maintenance,
    NotFound,
    Page,
    PageChanged,
    SourceError,
    check_complete,
    is_challenge,
)

#: Seconds that an update of the software takes.
_UPDATE = 300.0
#: The answers of an API that is not open to everybody.
_CLOSED = re.compile(
    r"rest_(?:not_logged_in|cannot_access|login_required|disabled|forbidden|cannot_view"
    r"|authentication_required|api_disabled)[a-z_]*|jwt_[a-z_]+|unauthorized|authorization_required"
    r"|user_cannot_[a-z_]+"
)
_GONE = re.compile(r"rest_(?:post|term|page|tag|category)_invalid(?:_id)?|unknown_(?:blog|post)")
_MARKUP = re.compile(rb"<(?:article|main)\b|\bentry-content\b")
_PRIVATE = re.compile(rb'(?:<title>Private Site</title>|\bclass="[^"<>]*\bprivate-login\b)')


def check(page: Page) -> None:
    """Raise the SourceError of a page that is not one for the parser."""
    body = page.body
    if b"Briefly unavailable for scheduled maintenance" in body[:4096]:
        raise Maintenance(
            "The site is being updated for a few minutes.", retry_after=_UPDATE, url=page.url
        )
    if is_challenge(page, has_content=_MARKUP.search(body) is not None):
        raise Blocked("The site shows a bot check instead of the page.", url=page.url)
    error = refusal(page)
    if error is not None:
        raise error
    if page.status >= HTTPStatus.BAD_REQUEST:
        # The engine turns the status into its error.
        return
    check_complete(page)
    if _PRIVATE.search(body[:20_000]):
        raise LoginRequired("The site is private: only its members read it.", url=page.url)


def refusal(page: Page) -> SourceError | None:
    """The error that an answer of the API states, under any status; None for another page.

    >>> from novel_core import PageKind
    >>> body = b'{"code": "rest_login_required", "message": "Members only.", "data": {}}'
    >>> refusal(Page("https://a.example/wp-json/", PageKind.INDEX, body, status=401)).code
    'login_required'
    """
    start = page.body[:64].lstrip()
    if not start.startswith(b"{") or b'"' not in start:
        return None
    try:
        value = json.loads(page.body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    code = value.get("code", value.get("error"))
    if not isinstance(code, str) or "id" in value or "ID" in value:
        return None
    return _error(page, code, str(value.get("message", "")))


def _error(page: Page, code: str, message: str) -> SourceError | None:
    said = f"The site's API answers {code[:80]!r}"
    if page.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.PAYMENT_REQUIRED) or _CLOSED.fullmatch(
        code
    ):
        return LoginRequired(f"{said}: it is not open to everybody.", url=page.url)
    if _GONE.fullmatch(code):
        return NotFound(f"{said}: it has no such book or post (any more).", url=page.url)
    if code == "rest_no_route":
        return NotFound(f"{said}: it does not offer its posts there.", url=page.url)
    if code == "rest_post_invalid_page_number":
        return PageChanged(f"{said}: the list is shorter than the site states", url=page.url)
    if page.status in (HTTPStatus.OK, HTTPStatus.BAD_REQUEST):
        return PageChanged(f"{said}: {message[:200]}", url=page.url)
    return None
