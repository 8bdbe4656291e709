"""The URLs of the archive: which of them match, and the canonical form of each."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from novel_core import UrlKind, UrlMatch

HOST = "archiveofourown.org"
ORIGIN = f"https://{HOST}"
#: Requests go to the first only; links to the others are accepted.
DOMAINS = (
    HOST,
    f"www.{HOST}",
    f"download.{HOST}",
    f"insecure.{HOST}",
    f"secure.{HOST}",
    "archiveofourown.com",
    "www.archiveofourown.com",
    "archiveofourown.net",
    "www.archiveofourown.net",
    "archiveofourown.gay",
    "ao3.org",
    "www.ao3.org",
    "archive.transformativeworks.org",
)

_DEFAULT_PORTS = {"http": 80, "https": 443}
_ID = r"0*(?P<{}>[1-9][0-9]{{0,11}})"
_WORK_PATH = re.compile(
    r"(?:/collections/[^/]+)?/works/"
    + _ID.format("work")
    + r"(?:/navigate|/chapters(?:/"
    + _ID.format("chapter")
    + r")?)?/?"
)
_CHAPTER_PATH = re.compile(r"/chapters/" + _ID.format("chapter") + r"/?")
_SERIES_PATH = re.compile(r"/series/" + _ID.format("series") + r"/?")


class Address(NamedTuple):
    """The ids an address names."""

    work: str | None = None
    chapter: str | None = None
    series: str | None = None


def read_address(url: str) -> Address | None:
    """The ids in an absolute URL of this site, or None."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    default_port = _DEFAULT_PORTS.get(parts.scheme)
    if parts.hostname not in DOMAINS or default_port is None or port not in (None, default_port):
        return None
    for pattern in (_WORK_PATH, _CHAPTER_PATH, _SERIES_PATH):
        if found := pattern.fullmatch(parts.path):
            return Address(**found.groupdict())
    return None


def match_url(url: str) -> UrlMatch | None:
    """The match of a URL, or None.

    >>> match_url("http://ao3.org/collections/spring/works/0042?view_adult=true").url
    'https://archiveofourown.org/works/42'
    >>> match_url("https://archiveofourown.org/chapters/7").is_provisional
    True
    """
    address = read_address(url)
    if address is None:
        return None
    if address.series is not None:
        return series_match(address.series)
    if address.chapter is None:
        return work_match(address.work) if address.work else None
    if address.work is None:
        return UrlMatch(
            UrlKind.CHAPTER, f"{ORIGIN}/chapters/{address.chapter}", chapter_id=address.chapter
        )
    return UrlMatch(
        UrlKind.CHAPTER,
        chapter_url(address.work, address.chapter),
        novel_id=address.work,
        chapter_id=address.chapter,
        novel_url=work_url(address.work),
    )


def work_match(work: str) -> UrlMatch:
    return UrlMatch(UrlKind.NOVEL, work_url(work), novel_id=work)


def series_match(series: str) -> UrlMatch:
    return UrlMatch(UrlKind.NOVEL, series_url(series), novel_id=f"series-{series}")


def work_url(work: str) -> str:
    return f"{ORIGIN}/works/{work}"


def whole_url(work: str) -> str:
    """The page with all chapters; for a work of one chapter, its only page."""
    return f"{work_url(work)}?view_full_work=true"


def index_url(work: str) -> str:
    return f"{work_url(work)}/navigate"


def chapter_url(work: str, chapter: str) -> str:
    return f"{work_url(work)}/chapters/{chapter}"


def series_url(series: str, page: int = 1) -> str:
    return f"{ORIGIN}/series/{series}" + (f"?page={page}" if page > 1 else "")


def page_number(link: str) -> int | None:
    """The `page` in a link's query.

    >>> page_number("/series/5?page=2")
    2
    """
    numbers = parse_qs(urlsplit(link).query).get("page", [])
    return int(numbers[0]) if numbers and re.fullmatch("[0-9]{1,6}", numbers[0]) else None


def with_adult_consent(url: str) -> str:
    """`url` with the parameter that accepts adult content, as in the link of the warning.

    >>> with_adult_consent("https://archiveofourown.org/works/1")
    'https://archiveofourown.org/works/1?view_adult=true'
    """
    query = urlsplit(url).query
    if "view_adult=true" in query.split("&"):
        return url
    return f"{url}{'&' if query else '?'}view_adult=true"
