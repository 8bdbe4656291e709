"""Royal Road as a source for Novel Ingestion.

Only the light contract is imported here; parser, spider and save hook are imported when needed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from novel_core import (
    Parser,
    Politeness,
    Sample,
    SourceInfo,
    UrlMatch,
    hookimpl,
)
from novel_royalroad import samples, urls

if TYPE_CHECKING:
    from novel_core.crawl.spider import NovelSpider
    from novel_core.items import Chapter, Novel

INFO = SourceInfo(
    name="royalroad",
    title="Royal Road",
    homepage=urls.ORIGIN,
    domains=urls.DOMAINS,
    language="en",
    politeness=Politeness(requests_per_second=1.0),
)


@hookimpl
def novel_source_info() -> SourceInfo:
    return INFO


@hookimpl
def novel_match_url(url: str) -> UrlMatch | None:
    return urls.match_url(url)


@hookimpl
def novel_parser() -> Parser:
    from novel_royalroad.parser import RoyalRoadParser

    return RoyalRoadParser()


@hookimpl
def novel_spider() -> type[NovelSpider]:
    from novel_royalroad.spider import RoyalRoadSpider

    return RoyalRoadSpider


@hookimpl
def novel_samples() -> Iterable[Sample]:
    return samples.SAMPLES


@hookimpl
def novel_before_save(item: Novel | Chapter) -> Novel | Chapter | None:
    from novel_core.items import Novel
    from novel_royalroad.genres import with_genres

    return with_genres(item) if isinstance(item, Novel) else None
