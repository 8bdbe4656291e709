"""What a plugin gives: a `Source` reads one site, a `Family` every site that runs one software.

Nothing here imports Scrapy, the database or pydantic, so that listing sources stays fast.
"""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from novel_core.source import Politeness, Sample, SourceInfo, UrlMatch

if TYPE_CHECKING:
    from novel_core.crawl.spider import NovelSpider
    from novel_core.items import Chapter, Novel
    from novel_core.page import Page, Parser


class SkipItem(Exception):
    """Raised by `Source.before_save`: leave this item out; its chapter is not a gap."""


@dataclass(frozen=True, slots=True)
class SaveContext:
    """The job that a save hook runs in."""

    source: str
    job_id: int


class Source(ABC):
    """One site: which URLs are its own, and how its pages are fetched and read.

    A subclass sets `info` and writes `match` and `parser`; the rest has defaults. Its module is
    imported whenever sources are listed: import a parser or a spider inside the method that
    returns it.

    `Options` is a frozen dataclass of the plugin's own settings, each with a default. The user sets
    them as `NOVEL_SOURCES__<NAME>__OPTIONS__<FIELD>`; `options` is the object with their values.

    >>> from novel_core import UrlKind
    >>> class Diary(Source):
    ...     info = SourceInfo("diary", "Diary", "https://diary.example", ("diary.example",))
    ...     def match(self, url):
    ...         return UrlMatch(UrlKind.NOVEL, url, novel_id="1") if url.endswith("/1") else None
    ...     def parser(self):
    ...         raise NotImplementedError
    >>> Diary().match("https://diary.example/1").novel_id
    '1'
    """

    info: SourceInfo
    samples: Sequence[Sample] = ()
    Options: type | None = None
    options: Any = None

    def __new__(cls, *_: Any, **__: Any) -> Self:
        source = super().__new__(cls)
        if cls.Options is not None:
            source.options = cls.Options()
        return source

    @abstractmethod
    def match(self, url: str) -> UrlMatch | None:
        """The match of `url`, or None. Pure and fast: it is asked for every link and submission.

        `url` is normalised (http or https, lower-case host, no credentials, no fragment) and at one
        of the source's domains.
        """

    def other_way(self, url: str) -> UrlMatch | None:
        """The same novel or chapter by another address; None without one.

        It is asked where robots.txt closes the canonical `url`, or it does not answer as it should:
        a site may have an API that it does not offer to everybody, beside its pages.
        """
        del url
        return None

    @abstractmethod
    def parser(self) -> Parser:
        """The source's parser; called once."""

    def spider(self) -> type[NovelSpider]:
        """The class of the source's spider; core's requests the pages that the parser names."""
        # By name: this module imports no Scrapy.
        spider: type[NovelSpider] = importlib.import_module("novel_core.crawl.spider").NovelSpider
        return spider

    def recent_list(self) -> str | None:
        """The address of the site's list of novels that changed recently, newest first.

        Its page is parsed to `Parsed.recent`. One request then tells which of many watched novels
        are to be updated. None, the default, without such a list.
        """
        return None

    def before_save(self, item: Novel | Chapter, context: SaveContext, /) -> Novel | Chapter:
        """The item as it is to be sanitised and saved; raise SkipItem to leave a chapter out.

        It has the class and the `source_id` of `item`. The same item must give the same result,
        because a job may be saved twice.
        """
        del context
        return item


class Evidence(StrEnum):
    """How well a package knows that it reads a site.

    SEEN: from pages of the site itself. DOCUMENTED: from a document about the site. UNVERIFIED:
    from hearsay; such a site is proved before its first novel is crawled.
    """

    SEEN = "seen"
    DOCUMENTED = "documented"
    UNVERIFIED = "unverified"


class Refusal(StrEnum):
    """Why a host is never asked."""

    ROBOTS = "robots"
    CHALLENGE = "challenge"
    LOGIN = "login"
    PAYMENT = "payment"
    GONE = "gone"
    COPIES = "copies"

    @property
    def words(self) -> str:
        """The reason as a sentence without a full stop."""
        return _REFUSALS[self]


_REFUSALS: Mapping[Refusal, str] = {
    Refusal.ROBOTS: "its robots.txt closes the pages that are needed",
    Refusal.CHALLENGE: "it admits browsers only, and no program gets around its check",
    Refusal.LOGIN: "its texts are for members who are logged in",
    Refusal.PAYMENT: "its texts are for members who pay",
    Refusal.GONE: "the site is gone",
    Refusal.COPIES: "it shows texts of other people without asking them",
}


@dataclass(frozen=True, slots=True)
class RefusedHost:
    """A host, or a pattern such as `*.example.org`, that a family knows and does not read.

    `reason` may say more than the verdict does, as a sentence.
    """

    host: str
    verdict: Refusal
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """One site of a family, as data.

    `name` is its key in the database, as of a source. `base_url` is the address that all its pages
    begin with, without a slash at its end: a host, and the folder of the software if it has one.
    `aliases` are further hosts that lead to it (`www.example.org`). `rate_group` as in Politeness.
    `options` are settings of the family for this site; `evidence` says how well it is known.

    >>> Site("example-forum", "xenforo", "https://example.org/forum").host
    'example.org'
    """

    name: str
    family: str
    base_url: str
    title: str = ""
    language: str | None = None
    time_zone: str = "UTC"
    rate_group: str = ""
    aliases: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)
    evidence: Evidence = Evidence.DOCUMENTED

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).hostname or ""

    @property
    def hosts(self) -> tuple[str, ...]:
        return (self.host, *self.aliases)

    @property
    def path(self) -> str:
        """The folder of the base address, such as `/forum`, or an empty text."""
        return urlsplit(self.base_url).path.rstrip("/")

    def owns(self, url: str) -> bool:
        """Whether a normalised `url` is below the base address, by http or https.

        >>> Site("forum", "xenforo", "https://example.org/forum").owns("https://example.org/forums")
        False
        """
        address = url.partition("://")[2]
        for place in _places(self.base_url, self.aliases):
            if address.startswith(place) and address[len(place) : len(place) + 1] in {"", "/", "?"}:
                return True
        return False

    def source_info(self, *more_domains: str, politeness: Politeness | None = None) -> SourceInfo:
        """The metadata of the site's source; `more_domains` are further hosts of the site."""
        pace = politeness or Politeness()
        if self.rate_group:
            pace = replace(pace, rate_group=self.rate_group)
        return SourceInfo(
            name=self.name,
            title=self.title or self.host,
            homepage=self.base_url,
            domains=(*self.hosts, *more_domains),
            language=self.language,
            politeness=pace,
            time_zone=self.time_zone,
        )


@lru_cache(maxsize=4096)
def _places(base_url: str, aliases: tuple[str, ...]) -> tuple[str, ...]:
    """The base address without its scheme, at each of the site's hosts."""
    parts = urlsplit(base_url)
    path = parts.path.rstrip("/")
    return tuple(f"{host}{path}" for host in (parts.netloc, *aliases))


@dataclass(frozen=True, slots=True)
class Recognition:
    """A family's answer to a page that runs its software.

    `confidence` is from 0 to 1; of several families the surest wins. `base_url` is that of the
    site, `time_zone` the IANA name of the zone of its dates, `options` what the site's source needs
    to know (the address of its API).
    """

    confidence: float
    base_url: str
    version: str | None = None
    title: str = ""
    language: str | None = None
    time_zone: str = "UTC"
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)


class Family(ABC):
    """One software, and the sites that run it.

    `name` is unique among families. `sites` are those that the package knows. A host of one of
    `host_patterns`, such as `*.example.org`, is a site without anybody adding it. `refused_hosts`
    are never asked.
    """

    name: str
    title: str
    sites: Sequence[Site] = ()
    host_patterns: Sequence[str] = ()
    refused_hosts: Sequence[RefusedHost] = ()

    @abstractmethod
    def recognise(self, page: Page) -> Recognition | None:
        """What the software is known by, on any page of a site; None if it is another one. Pure."""

    def look_at(self, page: Page) -> str | None:
        """The address of one more page to ask `recognise` about, where `page` does not tell enough.

        Pure. None by default. It is requested only for a site that somebody adds, and only where no
        family recognises `page`.
        """
        del page
        return None

    @abstractmethod
    def source(self, site: Site) -> Source:
        """The source that reads `site`; its `info.name` is the site's name (`Site.source_info`)."""
