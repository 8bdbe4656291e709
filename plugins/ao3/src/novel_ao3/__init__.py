"""Archive of Our Own as a source for Novel Ingestion.

Only the light contract is imported here; parser and spider are imported when needed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from novel_ao3 import samples, urls
from novel_core import Parser, Politeness, Sample, SourceInfo, UrlMatch, hookimpl

if TYPE_CHECKING:
    from novel_core.crawl.spider import NovelSpider

INFO = SourceInfo(
    name="ao3",
    title="Archive of Our Own",
    homepage=urls.ORIGIN,
    domains=urls.DOMAINS,
    language=None,
    # The site's limit is not public; readers report one request every five seconds as safe.
    politeness=Politeness(requests_per_second=0.2, concurrency=1),
)


@hookimpl
def novel_source_info() -> SourceInfo:
    return INFO


@hookimpl
def novel_match_url(url: str) -> UrlMatch | None:
    return urls.match_url(url)


@hookimpl
def novel_parser() -> Parser:
    from novel_ao3.parser import Ao3Parser

    return Ao3Parser()


@hookimpl
def novel_spider() -> type[NovelSpider]:
    from novel_ao3.spider import Ao3Spider

    return Ao3Spider


@hookimpl
def novel_samples() -> Iterable[Sample]:
    return samples.SAMPLES
