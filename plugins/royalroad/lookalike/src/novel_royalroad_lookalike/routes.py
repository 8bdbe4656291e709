"""The page that a URL names, in each of the site's forms of URLs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


class Kind(StrEnum):
    ROOT = "root"
    HOME = "home"
    ROBOTS = "robots"
    IMAGE = "image"
    FICTION = "fiction"
    CHAPTER = "chapter"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Route:
    """A page. `id` is the fiction's or chapter's; short forms have no `slug`, and redirect."""

    kind: Kind
    id: int = 0
    slug: str = ""

    @property
    def key(self) -> str:
        """How `SiteSwitches.faults` calls the page: `chapter:9`."""
        return f"{self.kind}:{self.id}"


_FIXED = {
    "/": Route(Kind.ROOT),
    "/home": Route(Kind.HOME),
    "/robots.txt": Route(Kind.ROBOTS),
}
_NUMBER = r"(\d{1,18})"
# The fiction's id and both slugs may be anything; that the chapter has a slug matters.
_CHAPTER = re.compile(rf"/fiction/\d+/[^/]+/chapter/{_NUMBER}/([^/]+)/?")
_SHORT_CHAPTER = re.compile(rf"/fiction/chapter/{_NUMBER}/?")
_FICTION = re.compile(rf"/fiction/{_NUMBER}(?:/([^/]*))?/?")
_IMAGE = re.compile(r"/(?:public/(?:volume-)?covers-large|images)/.+|/.+\.(?:png|jpe?g)")


@lru_cache(maxsize=16_384)
def parse(path: str) -> Route:
    """
    >>> parse("/fiction/0/_/chapter/9/_")
    Route(kind=<Kind.CHAPTER: 'chapter'>, id=9, slug='_')
    >>> parse("/fiction/7/a-slug/chapter/9").kind
    <Kind.UNKNOWN: 'unknown'>
    """
    if path in _FIXED:
        return _FIXED[path]
    if found := _CHAPTER.fullmatch(path):
        return Route(Kind.CHAPTER, int(found[1]), found[2])
    if found := _SHORT_CHAPTER.fullmatch(path):
        return Route(Kind.CHAPTER, int(found[1]))
    if found := _FICTION.fullmatch(path):
        return Route(Kind.FICTION, int(found[1]), found[2] or "")
    return Route(Kind.IMAGE if _IMAGE.fullmatch(path) else Kind.UNKNOWN)
