"""What the parts of one crawl share, and how Scrapy's components reach it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from scrapy.crawler import Crawler
from scrapy.settings import Settings as ScrapySettings

from novel_core.crawl.allowance import Allowance
from novel_core.crawl.crawl_stop import CrawlStop
from novel_core.crawl.delegate import CrawlCounts, CrawlDelegate
from novel_core.crawl.pacing import Pacer
from novel_core.crawl.request_context import RequestContext
from novel_core.crawl.spider import NovelSpider
from novel_core.errors import NovelError, PluginError, SourceError
from novel_core.page import Follow, Page, Parser
from novel_core.settings import Settings
from novel_core.source import PageKind, SourceInfo

_T = TypeVar("_T")


@dataclass(slots=True, eq=False)
class CrawlContext:
    """The source, the settings and the counters of one crawl.

    `explain` tells more of a parser's error: a page that led elsewhere does not exist any more.
    `counts` may be those of an earlier crawl of the same job: then it goes on with them. With an
    `allowance` it sends no more requests than that.
    """

    info: SourceInfo
    spider: type[NovelSpider]
    parser: Parser
    settings: Settings
    delegate: CrawlDelegate
    pacer: Pacer
    crawl_stop: CrawlStop = field(default_factory=CrawlStop)
    counts: CrawlCounts = field(default_factory=CrawlCounts)
    essential: frozenset[Follow] = frozenset()
    explain: Callable[[Page, SourceError], SourceError] = lambda _page, error: error
    allowance: Allowance | None = None

    @property
    def is_spent(self) -> bool:
        """Whether all requests that are allowed were sent."""
        return self.allowance is not None and self.allowance.left <= 0

    def request_context(self, follow: Follow) -> RequestContext:
        is_essential = follow.kind is PageKind.INDEX or follow in self.essential
        return RequestContext(follow, essential=is_essential and not follow.is_optional)

    def call_plugin(self, method: str, call: Callable[..., _T], *arguments: Any) -> _T:
        """Call the plugin's code. A foreign exception becomes a PluginError naming `method`."""
        try:
            return call(*arguments)
        except NovelError:
            raise
        except (Exception, SystemExit) as error:
            raise self.plugin_error(method, error) from error

    def plugin_error(self, where: str, error: BaseException) -> PluginError:
        return PluginError(
            f"The source {self.info.name!r} failed in {where}: {type(error).__name__}: {error}"
        )


class NovelCrawler(Crawler):
    """Scrapy's crawler, with the objects of this crawl that Scrapy's components need."""

    def __init__(self, context: CrawlContext, settings: ScrapySettings, *parts: object) -> None:
        super().__init__(context.spider, settings)
        self.context = context
        self._parts = {type(part): part for part in parts}

    def part(self, kind: type[_T]) -> _T:
        """The one object of class `kind`."""
        return cast(_T, self._parts[kind])


def context_of(crawler: Crawler) -> CrawlContext:
    return cast(NovelCrawler, crawler).context


def part_of(crawler: Crawler, kind: type[_T]) -> _T:
    return cast(NovelCrawler, crawler).part(kind)
