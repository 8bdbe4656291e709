"""Which addresses are pages for people, and which requests a person's browser sends."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlsplit

#: Style, scripts and pictures of the page itself: nothing of the library, so anybody may have them.
ASSETS = "/assets/"
SIGN_IN = "/sign-in"
SIGN_OUT = "/sign-out"

_PAGES = frozenset({"/", "/add", "/activity", "/sites", "/status", SIGN_IN, SIGN_OUT})
_BELOW = ("/add/", "/book/", "/activity/")


def is_page(path: str) -> bool:
    """Whether the web page, and not the JSON API, answers there.

    >>> is_page("/book/a-tale/3"), is_page("/novels/a-tale")
    (True, False)
    """
    return path in _PAGES or path.startswith(_BELOW)


def prefers_html(headers: Mapping[str, str]) -> bool:
    """Whether a person will look at the answer; programs that say nothing of HTML get JSON.

    >>> prefers_html({"accept": "text/html,*/*"}), prefers_html({"accept": "*/*"})
    (True, False)
    """
    return "text/html" in headers.get("accept", "") or "hx-request" in headers


def safe_target(target: str | None) -> str:
    """`target`, if it is one of our pages; a link to sign-in must lead nowhere else.

    >>> safe_target("/book/a-tale?page=2"), safe_target("//evil.example/add"), safe_target("/\\\\evil.example")
    ('/book/a-tale?page=2', '/', '/')
    """
    if not target or not target.isprintable() or "\\" in target or target.startswith("//"):
        return "/"
    try:
        parts = urlsplit(target)
    except ValueError:
        return "/"
    elsewhere = parts.scheme or parts.netloc or parts.path in {SIGN_IN, SIGN_OUT}
    return "/" if elsewhere or not is_page(parts.path) else target


def sign_in_url(path: str, query: str = "") -> str:
    """The sign-in page that leads back.

    >>> sign_in_url("/add", "url=a")
    '/sign-in?next=%2Fadd%3Furl%3Da'
    """
    wanted = safe_target(f"{path}?{query}" if query else path)
    return SIGN_IN if wanted == "/" else f"{SIGN_IN}?next={quote(wanted, safe='')}"
