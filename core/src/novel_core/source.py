"""A source's metadata and its match of a URL: frozen dataclasses, cheap to import.

The classes that a plugin writes are in `novel_core.plugin`. Neither module imports Scrapy, the
database or pydantic, so that listing sources and resolving a URL stay fast.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class UrlKind(StrEnum):
    NOVEL = "novel"
    CHAPTER = "chapter"


class PageKind(StrEnum):
    """The kind of a page.

    INDEX carries the novel's data or (a part of) its chapter list, CHAPTER the text of one or more
    chapters, IMAGE a cover or an illustration, which is archived and never parsed.
    """

    INDEX = "index"
    CHAPTER = "chapter"
    IMAGE = "image"


@dataclass(frozen=True, slots=True)
class Politeness:
    """The fastest allowed pace of requests to a site.

    `requests_per_second` is one rate for the whole site (0 means no limit: for look-alikes only),
    `jitter` the share by which each gap varies at random (0.2 = up to 20 % longer), `concurrency`
    the number of requests in flight at once. Sources that name the same `rate_group` share one
    rate, because one operator's machine serves them; the default is the host of the homepage. Where
    they state different rates, all of them keep the slowest one in use.
    """

    requests_per_second: float = 1.0
    jitter: float = 0.2
    concurrency: int = 4
    rate_group: str = ""


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """A source's metadata.

    `name` is the source's key in the database, unique and permanent. `domains` are the hosts whose URLs the source may match
    and whose pages it may request, exactly as written: list `www.example.org` and `example.org`
    both. `language` is the BCP 47 tag of most of its novels, or None for a multilingual site.
    `time_zone` is the IANA name of the zone in which the site writes times without one.
    `politeness` is for all of its hosts together. A host in `host_politeness` (such as an API's) has
    a rate of its own, and is a rate group of its own unless it names one; jitter and concurrency are
    those of the source. `family` is the name of a site's family; the engine sets it.

    >>> SourceInfo(name="royalroad", title="Royal Road", homepage="https://www.royalroad.com",
    ...            domains=("www.royalroad.com",)).politeness.requests_per_second
    1.0
    """

    name: str
    title: str
    homepage: str
    domains: tuple[str, ...]
    language: str | None = "en"
    politeness: Politeness = field(default_factory=Politeness)
    time_zone: str = "UTC"
    host_politeness: Mapping[str, Politeness] = field(default_factory=dict, hash=False)
    family: str | None = None


@dataclass(frozen=True, slots=True)
class UrlMatch:
    """A source's match of a URL.

    `url` is the canonical form: matching it again gives an equal match. It is the page that is
    requested, and may be another than the one that was pasted: the list of chapters, or the address
    of an API, where the page itself is an empty shell. `novel_id` is the novel's
    id at the source. A chapter URL that does not contain it, or not reliably, leaves it None: the
    match is provisional, and the page gives the novel later (`Parsed.novel`). `chapter_id` must
    then be unique within the whole source. A chapter URL that does contain it gives the novel's own
    page as `novel_url`.

    >>> UrlMatch(UrlKind.NOVEL, "https://www.royalroad.com/fiction/7", novel_id="7").is_provisional
    False
    """

    kind: UrlKind
    url: str
    novel_id: str | None = None
    chapter_id: str | None = None
    novel_url: str | None = None

    @property
    def is_provisional(self) -> bool:
        return self.novel_id is None


@dataclass(frozen=True, slots=True)
class Sample:
    """A known URL of the source and its expected result, for contract tests, live checks and docs.

    `expect` maps field names of the novel (`title`, `authors`, …) to the values a live page shows
    today.
    """

    url: str
    kind: UrlKind
    canonical_url: str
    novel_id: str | None = None
    chapter_id: str | None = None
    expect: dict[str, Any] = field(default_factory=dict)
