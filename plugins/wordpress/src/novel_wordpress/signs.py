"""What shows that a page is of a site that runs WordPress, and where that site's API is."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlsplit

from novel_core import Page, Recognition

# Each is linear: no `<` inside a tag.
_LINK = re.compile(r"<link\b[^<>]{1,2000}>")
_META = re.compile(r"<meta\b[^<>]{1,2000}>")
_ATTRIBUTE = re.compile(r"\b([a-z]{1,20})\s{0,9}=\s{0,9}(?:\"([^\"<>]*)\"|'([^'<>]*)')")
_GENERATOR = re.compile(r"WordPress(?:\.com)?(?: ([0-9][0-9.]{0,15}))?(?:;.*)?")
_LANGUAGE = re.compile(r"<html\b[^<>]{0,500}?\blang=[\"']([A-Za-z-]{2,20})[\"']")
_SITE_NAME = "og:site_name"
_HEADER = re.compile(r"<([^<>]{1,500})>;\s{0,9}rel=\"https://api\.w\.org/\"")
_ASSETS = re.compile(r"/wp-(?:content|includes)/")
_API_TAIL = re.compile(r"(?:/index\.php)?/?(?:wp-json/?|\?rest_route=/?)$")


def recognise(page: Page) -> Recognition | None:
    """The site that runs WordPress and has this page; None for other software.

    >>> from novel_core import PageKind
    >>> html = b'<link rel="https://api.w.org/" href="https://a.example/blog/wp-json/" />'
    >>> found = recognise(Page("https://a.example/blog/one/", PageKind.INDEX, html))
    >>> found.base_url, found.options["api"]
    ('https://a.example/blog', 'https://a.example/blog/wp-json/')
    """
    head = page.text.partition("<body")[0][:200_000]
    links = [_attributes(tag) for tag in _LINK.findall(head)]
    metas = [_attributes(tag) for tag in _META.findall(head)]
    api = _api(page, links)
    generator = _generator(metas)
    has_assets = _ASSETS.search(page.text) is not None
    if api is None and generator is None and not has_assets:
        return None
    base = _base_url(page, api)
    options = {"api": api} if api else {}
    named = {one.get("property") or one.get("name"): one.get("content", "") for one in metas}
    language = _LANGUAGE.search(head)
    confidence = 0.9 if api else 0.7 if generator is not None else 0.3
    return Recognition(
        confidence,
        base,
        version=generator or None,
        title=named.get(_SITE_NAME, "") or "",
        language=language[1] if language else None,
        options=options,
    )


def _attributes(tag: str) -> dict[str, str]:
    return {
        name: unescape(double or single) for name, double, single in _ATTRIBUTE.findall(tag.lower())
    } | {
        name.lower(): unescape(double or single)
        for name, double, single in _ATTRIBUTE.findall(tag)
        if name in {"href", "content"}
    }


def _api(page: Page, links: list[dict[str, str]]) -> str | None:
    """The address of the API's root: of the page's head, or of the response's header."""
    for link in links:
        if link.get("rel") == "https://api.w.org/" and _is_web(link.get("href", "")):
            return link["href"]
    found = _HEADER.search(page.headers.get("link", ""))
    return found[1] if found and _is_web(found[1]) else None


def _generator(metas: list[dict[str, str]]) -> str | None:
    """The version that the generator names, empty without one; None if it is another software."""
    for meta in metas:
        if meta.get("name") == "generator":
            found = _GENERATOR.fullmatch(meta.get("content", ""))
            if found:
                return found[1] or ""
    return None


def _base_url(page: Page, api: str | None) -> str:
    """The site's address: the API's, without its own end; else the page's host."""
    if api is not None:
        base = _API_TAIL.sub("", api)
        if base != api and _is_web(base):
            return base.rstrip("/")
    parts = urlsplit(page.url)
    return f"{parts.scheme}://{parts.netloc}"


def _is_web(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
