"""Paths of the web pages, and requests that a browser sends for them."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlsplit

#: Style sheets, scripts and icons of the pages; public.
ASSETS = "/assets/"
SIGN_IN = "/sign-in"
SIGN_OUT = "/sign-out"

_PAGES = frozenset({"/", "/add", "/activity", "/supported", "/status", SIGN_IN, SIGN_OUT})
_BELOW = ("/add/", "/book/", "/activity/", "/supported/")


def is_page(path: str) -> bool:
    """Whether the path is a web page, not the JSON API.

    >>> is_page("/book/a-tale/3"), is_page("/novels/a-tale")
    (True, False)
    """
    return path in _PAGES or path.startswith(_BELOW)


def prefers_html(headers: Mapping[str, str]) -> bool:
    """Whether the client accepts HTML; others get JSON.

    >>> prefers_html({"accept": "text/html,*/*"}), prefers_html({"accept": "*/*"})
    (True, False)
    """
    return "text/html" in headers.get("accept", "") or "hx-request" in headers


def safe_target(target: str | None) -> str:
    """Return `target` if it is one of our pages, else "/": no redirect to another site.

    >>> safe_target("/book/a-tale?page=2"), safe_target("//evil.example/add")
    ('/book/a-tale?page=2', '/')
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
    """Return the URL of the sign-in page that leads back to this page.

    >>> sign_in_url("/add", "url=a")
    '/sign-in?next=%2Fadd%3Furl%3Da'
    """
    wanted = safe_target(f"{path}?{query}" if query else path)
    return SIGN_IN if wanted == "/" else f"{SIGN_IN}?next={quote(wanted, safe='')}"
