"""Pages that are not the one requested: refusals of the API, bot checks, texts in disguise."""

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

_MAIN = re.compile(rb'<main\b[^<>]*\bclass="main (?:story|chapter)\b')
#: Plugins that hide the text from programs.
_DISGUISED = re.compile(rb"<script\b[^<>]*\bdata-poly\b|\bclass=\"[^\"<>]*\btiv-anti-scrape\b")
_UPDATE = 300.0
_LONGEST_ERROR = 4096


def check(page: Page) -> None:
    """Raise the SourceError of a page that is not one for the parser."""
    body = page.body
    if b"Briefly unavailable for scheduled maintenance" in body[:_LONGEST_ERROR]:
        raise Maintenance(
            "The site is being updated for a few minutes.", retry_after=_UPDATE, url=page.url
        )
    has_content = _MAIN.search(body) is not None
    if is_challenge(page, has_content=has_content):
        raise Blocked("The site shows a bot check instead of the page.", url=page.url)
    error = refusal(page)
    if error is not None:
        raise error
    if page.status >= HTTPStatus.BAD_REQUEST:
        # The engine turns the status into its error.
        return
    check_complete(page)
    if has_content and _DISGUISED.search(body):
        raise Blocked("The site hides its texts from programs.", url=page.url)


def refusal(page: Page) -> SourceError | None:
    """The error that an answer of the API states, under any status."""
    start = page.body[:64].lstrip()
    if not start.startswith(b"{") or len(page.body) > _LONGEST_ERROR:
        return None
    try:
        value = json.loads(page.body)
    except ValueError:
        return None
    code = value.get("code") if isinstance(value, dict) and "id" not in value else None
    return _error(page, code) if isinstance(code, str) else None


def _error(page: Page, code: str) -> SourceError:
    said = f"The site's API answers {code[:80]!r}"
    if code == "invalid_story_id":
        return NotFound(f"{said}: it has no such story (any more).", url=page.url)
    if code == "rest_no_route":
        return PageChanged(
            f"{said}: its Storygraph is off. Add the site by the address of a story's page",
            url=page.url,
        )
    if page.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return LoginRequired(f"{said}: it is not open to everybody.", url=page.url)
    return PageChanged(said, url=page.url)
