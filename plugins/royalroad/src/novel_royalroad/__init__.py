"""Royal Road as a source for Novel Ingestion.

Only the light contract is imported here; parser, spider and genres are imported when needed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from novel_core import Politeness, SaveContext, Source, SourceInfo, UrlMatch, hookimpl
from novel_royalroad import samples, urls

if TYPE_CHECKING:
    from novel_core import Chapter, Novel, NovelSpider, Parser


class RoyalRoad(Source):
    info = SourceInfo(
        name="royalroad",
        title="Royal Road",
        homepage=urls.ORIGIN,
        domains=urls.DOMAINS,
        politeness=Politeness(requests_per_second=1.0),
    )
    samples = samples.SAMPLES

    def match(self, url: str) -> UrlMatch | None:
        return urls.match_url(url)

    def parser(self) -> Parser:
        from novel_royalroad.parser import RoyalRoadParser

        return RoyalRoadParser()

    def spider(self) -> type[NovelSpider]:
        from novel_royalroad.spider import RoyalRoadSpider

        return RoyalRoadSpider

    def before_save(self, item: Novel | Chapter, _context: SaveContext, /) -> Novel | Chapter:
        from novel_core import Novel
        from novel_royalroad.genres import with_genres

        return with_genres(item) if isinstance(item, Novel) else item


SOURCE = RoyalRoad()


@hookimpl
def novel_sources() -> Iterable[Source]:
    return (SOURCE,)
