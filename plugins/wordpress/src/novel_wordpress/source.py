"""The source of one WordPress site."""

from __future__ import annotations

from novel_core import Parser, Politeness, Site, Source, UrlMatch


class WordPressSource(Source):
    """One site."""

    def __init__(self, site: Site) -> None:
        self.site = site
        # Answers with many texts are work for a small host.
        self.info = site.source_info(politeness=Politeness(requests_per_second=0.5, concurrency=1))

    def match(self, url: str) -> UrlMatch | None:
        del url
        return None

    def parser(self) -> Parser:
        from novel_wordpress.parser import WordPressParser

        return WordPressParser()
