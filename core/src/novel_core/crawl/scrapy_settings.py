"""Scrapy's settings, reduced to what a crawl needs: every part left out saves time on each page."""

from __future__ import annotations

import logging
from typing import Any, Self

from scrapy.logformatter import LogFormatter
from scrapy.settings import Settings as ScrapySettings

from novel_core.crawl.archive_middleware import ArchiveMiddleware
from novel_core.crawl.download_handler import DownloadHandler
from novel_core.crawl.frontier import Frontier
from novel_core.crawl.robots import RobotsMiddleware

#: The spider's `custom_settings` add to these, and change none of them.
_FIXED: dict[str, Any] = {
    # No reactor, servers or signal handlers: a crawl runs inside a running event loop.
    "TWISTED_REACTOR_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "LOG_ENABLED": False,
    "LOG_FORMATTER": "novel_core.crawl.scrapy_settings.Silence",
    # Spiders here yield no items.
    "CONCURRENT_ITEMS": 1,
    "STATS_CLASS": "scrapy.statscollectors.DummyStatsCollector",
    "WARN_ON_GENERATOR_RETURN_VALUE": False,
    "DOWNLOAD_DELAY": 0,  # the pacer decides
    "SCHEDULER": Frontier,
    "DOWNLOAD_HANDLERS": {
        "http": DownloadHandler,
        "https": DownloadHandler,
        **dict.fromkeys(("data", "file", "ftp", "s3")),
    },
    # What the spider adds in DOWNLOADER_MIDDLEWARES runs between these two: it sees a response
    # first.
    "DOWNLOADER_MIDDLEWARES_BASE": {ArchiveMiddleware: 100, RobotsMiddleware: 900},
    "SPIDER_MIDDLEWARES_BASE": {},
    "EXTENSIONS_BASE": {},
}


class Silence(LogFormatter):
    """Logs nothing: events of a crawl go to its delegate."""

    def crawled(self, *_: Any, **__: Any) -> None:  # type: ignore[override]
        return None


class CrawlSettings(ScrapySettings):
    """The settings of one crawl. Scrapy's crawler need not copy what nobody else has."""

    def copy(self) -> Self:
        return self


def scrapy_settings(concurrency: int) -> ScrapySettings:
    settings = CrawlSettings()
    settings.setdict(
        {
            **_FIXED,
            "CONCURRENT_REQUESTS": concurrency,
            "CONCURRENT_REQUESTS_PER_DOMAIN": concurrency,
        },
        priority="cmdline",
    )
    return settings


def quiet_scrapy() -> None:
    """Silence Scrapy's line for every request, unless its logger was configured."""
    logger = logging.getLogger("scrapy")
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.WARNING)
