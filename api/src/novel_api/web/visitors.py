"""The cookie every browser gets, and the token made of it that each form carries.

A form sent from elsewhere cannot know the token: the cookie is not readable by scripts and is not sent along from other sites.
Other ports of the same machine are the same site to a browser, and might even set the cookie; browsers say where a form comes
from, so what they call another origin is refused before the token is looked at.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

from starlette.requests import Request
from starlette.responses import Response

from novel_api.errors import OriginRefused
from novel_api.web.sessions import COOKIE as SESSION

COOKIE = "novel_visitor"
FIELD = "csrf"
_VALUE = re.compile(r"[A-Za-z0-9_-]{43}")
_STATE = "novel_visitor"


def visitor_of(request: Request) -> str:
    """The browser's value; a new one, for `remember` to send, where it has none."""
    known = request.cookies.get(COOKIE, "")
    if not _VALUE.fullmatch(known):
        known = getattr(request.state, _STATE, "") or secrets.token_urlsafe(32)
    setattr(request.state, _STATE, known)
    return known


def remember(request: Request, response: Response) -> None:
    """Send the cookie to a browser that has none."""
    value = getattr(request.state, _STATE, None)
    if value is not None and request.cookies.get(COOKIE) != value:
        set_cookie(request, response, COOKIE, value)


def set_cookie(
    request: Request, response: Response, name: str, value: str, max_age: int | None = None
) -> None:
    """A cookie no script can read and no other site sends; it is deleted with `max_age` 0."""
    response.set_cookie(
        name,
        value,
        max_age=max_age,
        secure=_is_https(request),
        httponly=True,
        samesite="strict",
    )


def _is_https(request: Request) -> bool:
    """Whether the browser has come through TLS, which a proxy in front may have taken off.

    Who lies about it makes only their own cookie useless.
    """
    headers = request.headers
    told = (request.url.scheme, headers.get("x-forwarded-proto", ""), headers.get("origin", ""))
    return any(one.startswith("https") for one in told)


def token_of(request: Request) -> str:
    """What a form of this browser, in this session, carries."""
    about = f"form\n{request.cookies.get(SESSION, '')}"
    return hmac.new(visitor_of(request).encode(), about.encode(), hashlib.sha256).hexdigest()


def check_form(request: Request, token: str) -> None:
    """OriginRefused unless the form was made here, for this browser."""
    came_from = request.headers.get("sec-fetch-site", "same-origin")
    known = COOKIE in request.cookies
    if came_from not in {"same-origin", "none"} or not (
        known and hmac.compare_digest(token_of(request).encode(), token.encode())
    ):
        raise OriginRefused(
            "The form did not come from a page of this library, or that page is out of date.",
            hint="Load the page again and send the form from there.",
        )
