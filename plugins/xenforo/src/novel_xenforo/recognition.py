"""Whether a page is of a XenForo forum, and of which: what the software writes into every page."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from novel_core import Page, Recognition, SourceError
from novel_xenforo.outcomes import has_threadmarks, html_attributes, is_forum

_BASE = re.compile(rb"\bfullBase:\s{0,9}['\"]([^'\"<>\s]{1,500})['\"]")
_IN_QUERY = re.compile(rb'href="[^"<>]{0,300}/index\.php\?(?:threads|forums|members)/')
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
_SURE, _WITHOUT_THREADMARKS = 0.95, 0.5


def recognise(page: Page) -> Recognition | None:
    """The forum that the page is of. Without Threadmarks no novel can be read there: less sure."""
    attributes = html_attributes(page.body)
    if not is_forum(attributes) or "data-template" not in attributes:
        return None
    base = _base_of(page)
    if base is None:
        return None
    language = attributes.get("lang", "")
    try:
        name = page.document().css_first('meta[property="og:site_name"]')
    except SourceError:
        name = None
    return Recognition(
        _SURE if has_threadmarks(page.body) else _WITHOUT_THREADMARKS,
        base,
        version=attributes.get("data-xf") or "2",
        title=((name.attributes.get("content") or "") if name is not None else "").strip(),
        language=language if _LANGUAGE.fullmatch(language) else None,
        options={"index_php": True} if _IN_QUERY.search(page.body) else {},
    )


def _base_of(page: Page) -> str | None:
    """The address that the forum's pages begin with: from its script, else the page's own."""
    host = urlsplit(page.url).hostname
    if found := _BASE.search(page.body):
        base = found[1].decode("utf-8", "replace").rstrip("/")
        try:
            parts = urlsplit(base)
        except ValueError:
            return None
        if parts.scheme in {"http", "https"} and parts.hostname == host:
            return base
    before = re.match(
        r"(https?://[^?#]*?)/(?:index\.php|threads/|posts/|forums/|members/)", page.url
    )
    if before:
        return before[1]
    return re.sub(r"^(https?://[^/?#]+).*", r"\1", page.url, flags=re.DOTALL) if host else None
