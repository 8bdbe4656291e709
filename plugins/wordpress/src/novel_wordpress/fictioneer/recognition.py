"""What Fictioneer is known by: its pages, or an answer of its API."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlsplit

from novel_core import Page, Recognition
from novel_wordpress.fictioneer.urls import API_ROUTE
from novel_wordpress.signs import recognise as recognise_wordpress

#: Two of them are needed; surer than what WordPress alone is known by.
_SIGNS = (
    "html.fictioneer-theme",
    'link[href*="/wp-content/themes/fictioneer"]',
    "main[data-fictioneer-story-id-value], main[data-fictioneer-chapter-chapter-id-value]",
    'body[class*="single-fcn_"]',
    "#site.site",
)
_FEWEST = 2
_CONFIDENCE = 0.97
_VERSION = re.compile(rb"/wp-content/themes/fictioneer/[^\"'<>?]{1,200}\?ver=([0-9][0-9.]{0,15})")


def recognise(page: Page) -> Recognition | None:
    if API_ROUTE in page.url:
        return _of_api(page)
    document = page.document()
    if sum(document.css_first(sign) is not None for sign in _SIGNS) < _FEWEST:
        return None
    found = recognise_wordpress(page)
    parts = urlsplit(page.url)
    base = found or Recognition(_CONFIDENCE, f"{parts.scheme}://{parts.netloc}")
    version = _VERSION.search(page.body)
    # The theme has its API closed unless its owner opens it: the pages are what every site has.
    return replace(
        base,
        confidence=_CONFIDENCE,
        version=version[1].decode() if version else None,
        options={},
    )


def _of_api(page: Page) -> Recognition | None:
    """The site of an answer of the API about a story: it is open, so the site is read by it."""
    story = page.json()
    if not isinstance(story, dict) or "fcn_story" not in str(story.get("guid")):
        return None
    root = page.url.partition(API_ROUTE)[0]
    language = story.get("language")
    return Recognition(
        _CONFIDENCE,
        root.removesuffix("/wp-json"),
        language=language if isinstance(language, str) and language.isascii() else None,
        options={"api": f"{root}/"},
    )
