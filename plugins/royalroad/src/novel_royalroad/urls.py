"""The URLs of Royal Road: which of them match, and the canonical form of each."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from novel_core import UrlKind, UrlMatch

ORIGIN = "https://www.royalroad.com"
DOMAINS = ("www.royalroad.com", "royalroad.com", "www.royalroadl.com", "royalroadl.com")

_DEFAULT_PORTS = {"http": 80, "https": 443}

# The site ignores the fiction's id and both slugs of a chapter's URL, and refuses one without a
# chapter slug: all forms are read, and only the short form is written.
_CHAPTER_PATH = re.compile(
    r"/fiction/(?:(?P<fiction>[0-9]+)/(?:[^/]+/)?)?"
    r"chapter/0*(?P<chapter>[1-9][0-9]{0,11})(?:/[^/]*)?/?",
    re.IGNORECASE,
)
_SHORT_CHAPTER_PATH = re.compile(
    r"/fiction/chapter/0*(?P<chapter>[1-9][0-9]{0,11})/?", re.IGNORECASE
)
_FICTION_PATH = re.compile(r"/fiction/0*(?P<fiction>[1-9][0-9]{0,11})(?:/[^/]*)?/?", re.IGNORECASE)


class Address(NamedTuple):
    """The ids in a URL; the `fiction_id` of a chapter's URL may be wrong."""

    fiction_id: str | None
    chapter_id: str | None


def read_address(url: str) -> Address | None:
    """The ids in an absolute URL of this site; None for other URLs."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    default_port = _DEFAULT_PORTS.get(parts.scheme)
    if parts.hostname not in DOMAINS or default_port is None or port not in (None, default_port):
        return None
    return _read_path(parts.path)


def _read_path(path: str) -> Address | None:
    if found := _FICTION_PATH.fullmatch(path):
        return Address(found["fiction"], None)
    if found := _SHORT_CHAPTER_PATH.fullmatch(path):
        return Address(None, found["chapter"])
    if (found := _CHAPTER_PATH.fullmatch(path)) and found["fiction"]:
        return Address(found["fiction"].lstrip("0") or None, found["chapter"])
    return None


def match_url(url: str) -> UrlMatch | None:
    """The match of a URL, or None.

    >>> match_url("http://royalroadl.com/fiction/0033844/the-runesmith?page=2").url
    'https://www.royalroad.com/fiction/33844'
    >>> match_url("https://www.royalroad.com/fiction/0/_/chapter/526587/_").url
    'https://www.royalroad.com/fiction/chapter/526587'
    """
    address = read_address(url)
    if address is None:
        return None
    if address.chapter_id is not None:
        return UrlMatch(
            UrlKind.CHAPTER, short_chapter_url(address.chapter_id), chapter_id=address.chapter_id
        )
    return fiction_match(address.fiction_id) if address.fiction_id else None


def fiction_match(fiction_id: str) -> UrlMatch:
    return UrlMatch(UrlKind.NOVEL, fiction_url(fiction_id), novel_id=fiction_id)


def fiction_url(fiction_id: str) -> str:
    return f"{ORIGIN}/fiction/{fiction_id}"


def profile_url(profile_id: str) -> str:
    return f"{ORIGIN}/profile/{profile_id}"


def short_chapter_url(chapter_id: str) -> str:
    return f"{ORIGIN}/fiction/chapter/{chapter_id}"


def slugless_chapter_url(fiction_id: str, chapter_id: str) -> str:
    """A URL of a chapter without slugs, which the site accepts."""
    return f"{ORIGIN}/fiction/{fiction_id}/_/chapter/{chapter_id}/_"
