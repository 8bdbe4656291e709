"""What the parts of one crawl share, and how Scrapy's components get at it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, cast

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.settings import Settings as ScrapySettings

from novel_core.crawl.crawl_stop import Ending
from novel_core.crawl.delegate import CrawlCounts, CrawlDelegate
from novel_core.crawl.pacing import Pacer
from novel_core.crawl.spider import NovelSpider
from novel_core.errors import NovelError, PluginError
from novel_core.page import Follow, Parser
from novel_core.settings import Settings
from novel_core.source import PageKind, SourceInfo

if TYPE_CHECKING:
    from novel_core.crawl.failure_policy import Settlement
    from novel_core.crawl.frontier import Frontier

_T = TypeVar("_T")
_ERRAND = "novel_errand"


@dataclass(slots=True, eq=False)
class Errand:
    """Why a request is sent. It outlives redirects and retries, which are requests of their own.

    `follow` is None for a robots.txt. The crawl ends when an `essential` page cannot be had.
    """

    follow: Follow | None
    essential: bool = False
    conditional: bool = False
    redirects: int = 0
    retries: int = 0
    settled: bool = False

    @property
    def kind(self) -> PageKind | None:
        return self.follow.kind if self.follow else None

    def attach(self, request: Request) -> Request:
        request.meta[_ERRAND] = self
        return request


def errand_of(request: Request) -> Errand:
    return cast(Errand, request.meta[_ERRAND])


def has_errand(request: Request) -> bool:
    return _ERRAND in request.meta


@dataclass(slots=True, eq=False)
class Context:
    info: SourceInfo
    spider_class: type[NovelSpider]
    parser: Parser
    settings: Settings
    delegate: CrawlDelegate
    pacer: Pacer
    ending: Ending = field(default_factory=Ending)
    counts: CrawlCounts = field(default_factory=CrawlCounts)
    essential: frozenset[Follow] = frozenset()
    frontier: Frontier = field(init=False)
    settlement: Settlement = field(init=False)

    def errand(self, follow: Follow) -> Errand:
        return Errand(follow, essential=follow.kind is PageKind.INDEX or follow in self.essential)

    def ask_plugin(self, method: str, call: Callable[..., _T], *arguments: Any) -> _T:
        """Call the author's code: what it raises beyond the project's own errors is a PluginError that names it."""
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
    """Scrapy's crawler, carrying the crawl's own context to the components Scrapy builds from it."""

    def __init__(self, context: Context, settings: ScrapySettings) -> None:
        super().__init__(context.spider_class, settings)
        self.context = context


def context_of(crawler: Crawler) -> Context:
    return cast(NovelCrawler, crawler).context
