"""XenForo forums with Threadmarks as a family for Novel Ingestion: a thread is a novel, each of its
marked posts a chapter.

Only the light contract is imported here; the rest is imported when it is needed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from novel_core import (
    Family,
    Page,
    Parser,
    Politeness,
    Recognition,
    Site,
    Source,
    UrlMatch,
    hookimpl,
    read_refused_hosts,
    read_sites,
)
from novel_xenforo import samples, urls

if TYPE_CHECKING:
    from novel_core import NovelSpider

# The pages are large (up to 700 kB), and readers report that forums refuse faster programs.
_PACE = Politeness(requests_per_second=0.4, concurrency=1)


class XenForoSource(Source):
    """One forum."""

    @dataclass(frozen=True)
    class Options:
        """What differs from forum to forum."""

        #: The routes stand in the query: `/index.php?threads/…`.
        index_php: bool = False
        #: Guests may open the reader pages, which show marked posts only.
        has_reader: bool = True
        #: The number of posts on a reader page.
        reader_posts: int = 10

    options: Options

    def __init__(self, site: Site) -> None:
        self.site = site
        self.info = site.source_info(politeness=_PACE)
        self.samples = samples.SAMPLES.get(site.name, ())

    @property
    def addresses(self) -> urls.Addresses:
        return urls.Addresses(self.site, in_query=self.options.index_php)

    def match(self, url: str) -> UrlMatch | None:
        return self.addresses.match(url)

    def parser(self) -> Parser:
        from novel_xenforo.parser import XenForoParser

        return XenForoParser(self.addresses, self.options)

    def spider(self) -> type[NovelSpider]:
        from novel_xenforo.spider import XenForoSpider

        return XenForoSpider


class XenForoFamily(Family):
    name = "xenforo"
    title = "XenForo"

    def __init__(self) -> None:
        text = resources.files(__name__).joinpath("sites.toml").read_text(encoding="utf-8")
        self.sites = read_sites(text)
        self.refused_hosts = read_refused_hosts(text)

    def recognise(self, page: Page) -> Recognition | None:
        from novel_xenforo import recognition

        return recognition.recognise(page)

    def source(self, site: Site) -> Source:
        return XenForoSource(site)


@hookimpl
def novel_sources() -> Iterable[Family]:
    yield XenForoFamily()
