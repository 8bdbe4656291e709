"""The source of one Fictioneer site."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from novel_core import Parser, Politeness, Site, Source, UrlMatch
from novel_wordpress.fictioneer.urls import FictioneerUrls

if TYPE_CHECKING:
    from novel_core import NovelSpider


class FictioneerSource(Source):
    """One site."""

    def __init__(self, site: Site) -> None:
        self.urls = FictioneerUrls(site)
        api = urlsplit(self.urls.api or "").hostname
        further = (api,) if api and api not in site.hosts else ()
        pace = Politeness(requests_per_second=0.5, concurrency=1)
        self.info = site.source_info(*further, politeness=pace)

    def match(self, url: str) -> UrlMatch | None:
        return self.urls.match(url)

    def recent_list(self) -> str | None:
        return self.urls.recent_list

    def parser(self) -> Parser:
        from novel_wordpress.fictioneer.parser import FictioneerParser

        return FictioneerParser(self.urls)

    def spider(self) -> type[NovelSpider]:
        from novel_wordpress.fictioneer.spider import FictioneerSpider

        return FictioneerSpider
