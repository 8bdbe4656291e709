"""The source of one archive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from novel_ao3 import samples
from novel_ao3.urls import SiteUrls
from novel_core import Politeness, Site, Source, UrlMatch

if TYPE_CHECKING:
    from novel_core import NovelSpider, Parser

# The limits of the archives are not public; readers report one request every five seconds as safe.
_PACE = Politeness(requests_per_second=0.2, concurrency=1)


class OtwSource(Source):
    """An archive that runs the software of the Organization for Transformative Works."""

    def __init__(self, site: Site) -> None:
        self.urls = SiteUrls(site)
        self.info = site.source_info(politeness=_PACE)
        self.samples = samples.SAMPLES if site == ARCHIVE_OF_OUR_OWN else ()

    def match(self, url: str) -> UrlMatch | None:
        return self.urls.match(url)

    def parser(self) -> Parser:
        from novel_ao3.parser import OtwParser

        return OtwParser(self.urls)

    def spider(self) -> type[NovelSpider]:
        from novel_ao3.spider import OtwSpider

        class SiteSpider(OtwSpider):
            urls = self.urls

        return SiteSpider


_HOST = "archiveofourown.org"
#: Links to the aliases are accepted; requests go to the first host only.
ARCHIVE_OF_OUR_OWN = Site(
    "ao3",
    "otw",
    f"https://{_HOST}",
    title="Archive of Our Own",
    aliases=(
        f"www.{_HOST}",
        f"download.{_HOST}",
        f"insecure.{_HOST}",
        f"secure.{_HOST}",
        "archiveofourown.com",
        "www.archiveofourown.com",
        "archiveofourown.net",
        "www.archiveofourown.net",
        "archiveofourown.gay",
        "ao3.org",
        "www.ao3.org",
        "archive.transformativeworks.org",
    ),
)
