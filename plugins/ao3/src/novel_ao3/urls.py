"""The URLs of an archive: which of them match, and the canonical form of each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from novel_core import Site, UrlKind, UrlMatch

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


@dataclass(frozen=True, slots=True)
class SiteUrls:
    """The URLs of one archive. Ids are its own: another archive uses the same numbers.

    >>> urls = SiteUrls(Site("comics", "otw", "https://example.org/archive"))
    >>> urls.match("http://example.org/archive/collections/spring/works/0042?view_adult=true").url
    'https://example.org/archive/works/42'
    >>> urls.match("https://example.org/archive/chapters/7").is_provisional
    True
    >>> urls.match("https://example.org/works/42") is None
    True
    """

    site: Site

    def path(self, url: str) -> str | None:
        """The path of an absolute URL below the archive's folder; None for another site's."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            return None
        default_port = _DEFAULT_PORTS.get(parts.scheme)
        if default_port is None or port not in (None, default_port):
            return None
        folder = self.site.path
        path = parts.path.removeprefix(folder)
        is_below = parts.path.startswith(folder) and path[:1] in ("", "/")
        return path if is_below and parts.hostname in self.site.hosts else None

    def read(self, url: str) -> Address | None:
        """The ids in an absolute URL of this archive, or None."""
        path = self.path(url)
        for pattern in (_WORK_PATH, _CHAPTER_PATH, _SERIES_PATH) if path else ():
            if found := pattern.fullmatch(path or ""):
                return Address(**found.groupdict())
        return None

    def match(self, url: str) -> UrlMatch | None:
        address = self.read(url)
        if address is None:
            return None
        if address.series is not None:
            return self.series_match(address.series)
        if address.chapter is None:
            return self.work_match(address.work) if address.work else None
        if address.work is None:
            bare = f"{self.site.base_url}/chapters/{address.chapter}"
            return UrlMatch(UrlKind.CHAPTER, bare, chapter_id=address.chapter)
        return UrlMatch(
            UrlKind.CHAPTER,
            self.chapter(address.work, address.chapter),
            novel_id=address.work,
            chapter_id=address.chapter,
            novel_url=self.work(address.work),
        )

    def work_match(self, work: str) -> UrlMatch:
        return UrlMatch(UrlKind.NOVEL, self.work(work), novel_id=work)

    def series_match(self, series: str) -> UrlMatch:
        return UrlMatch(UrlKind.NOVEL, self.series(series), novel_id=f"series-{series}")

    def work(self, work: str) -> str:
        return f"{self.site.base_url}/works/{work}"

    def whole(self, work: str) -> str:
        """The page with all chapters; for a work of one chapter, its only page."""
        return f"{self.work(work)}?view_full_work=true"

    def index(self, work: str) -> str:
        return f"{self.work(work)}/navigate"

    def chapter(self, work: str, chapter: str) -> str:
        return f"{self.work(work)}/chapters/{chapter}"

    def series(self, series: str, page: int = 1) -> str:
        return f"{self.site.base_url}/series/{series}" + (f"?page={page}" if page > 1 else "")


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
