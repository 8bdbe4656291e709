"""The source of one WordPress site."""

from __future__ import annotations

from typing import TYPE_CHECKING

from novel_core import Parser, Politeness, Site, Source, UrlMatch
from novel_wordpress.addresses import Addresses

if TYPE_CHECKING:
    from novel_core import NovelSpider


class WordPressSource(Source):
    """One site."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.addresses = Addresses.of(site)
        api = self.addresses.api
        further = () if api is None or api.host in site.hosts else (api.host,)
        # Answers with many texts are work for a small host.
        pace = Politeness(requests_per_second=0.5, concurrency=1)
        self.info = site.source_info(*further, politeness=pace)

    def match(self, url: str) -> UrlMatch | None:
        return self.addresses.match(url)

    def other_way(self, url: str) -> UrlMatch | None:
        return self.addresses.by_pages(url)

    def parser(self) -> Parser:
        from novel_wordpress.parser import WordPressParser

        return WordPressParser(self.addresses)

    def spider(self) -> type[NovelSpider]:
        from novel_wordpress.spider import WordPressSpider

        return WordPressSpider
