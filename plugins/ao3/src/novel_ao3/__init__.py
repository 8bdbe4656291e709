"""Archive of Our Own as a source for Novel Ingestion.

Only the light contract is imported here; parser and spider are imported when needed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from novel_ao3 import samples, urls
from novel_core import Politeness, Source, SourceInfo, UrlMatch, hookimpl

if TYPE_CHECKING:
    from novel_core import NovelSpider, Parser


class ArchiveOfOurOwn(Source):
    info = SourceInfo(
        name="ao3",
        title="Archive of Our Own",
        homepage=urls.ORIGIN,
        domains=urls.DOMAINS,
        language=None,
        # The site's limit is not public; readers report one request every five seconds as safe.
        politeness=Politeness(requests_per_second=0.2, concurrency=1),
    )
    samples = samples.SAMPLES

    def match(self, url: str) -> UrlMatch | None:
        return urls.match_url(url)

    def parser(self) -> Parser:
        from novel_ao3.parser import Ao3Parser

        return Ao3Parser()

    def spider(self) -> type[NovelSpider]:
        from novel_ao3.spider import Ao3Spider

        return Ao3Spider


SOURCE = ArchiveOfOurOwn()


@hookimpl
def novel_sources() -> Iterable[Source]:
    return (SOURCE,)
