"""Scrapy, reduced to what a crawl here needs: each part left out is time saved on every page."""

from __future__ import annotations

import logging
from typing import Any

from scrapy.logformatter import LogFormatter
from scrapy.settings import Settings as ScrapySettings

from novel_core.crawl.archive_middleware import KeepingMiddleware
from novel_core.crawl.download_handler import GuardedHandler
from novel_core.crawl.frontier import Frontier
from novel_core.crawl.robots import RobotsMiddleware

#: The spider's `custom_settings` add to these, and change none of them.
_FIXED: dict[str, Any] = {
    # No reactor, no servers, no signal handlers: a crawl is a guest in a running event loop.
    "TWISTED_REACTOR_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "LOG_ENABLED": False,
    "LOG_FORMATTER": "novel_core.crawl.scrapy_settings.Silence",
    # One item per response is what Scrapy makes tasks for; here it is none.
    "CONCURRENT_ITEMS": 1,
    "STATS_CLASS": "scrapy.statscollectors.DummyStatsCollector",
    "WARN_ON_GENERATOR_RETURN_VALUE": False,
    "DOWNLOAD_DELAY": 0,  # the pacer's affair
    "SCHEDULER": Frontier,
    "DOWNLOAD_HANDLERS": {
        "http": GuardedHandler,
        "https": GuardedHandler,
        **dict.fromkeys(("data", "file", "ftp", "s3")),
    },
    # What the spider adds in DOWNLOADER_MIDDLEWARES runs between these two: it sees a response first.
    "DOWNLOADER_MIDDLEWARES_BASE": {KeepingMiddleware: 100, RobotsMiddleware: 900},
    "SPIDER_MIDDLEWARES_BASE": {},
    "EXTENSIONS_BASE": {},
}


class Silence(LogFormatter):
    """Nothing is said of a response: what happens is told to the delegate."""

    def crawled(self, *_: Any, **__: Any) -> None:  # type: ignore[override]
        return None


def scrapy_settings(concurrency: int) -> ScrapySettings:
    settings = ScrapySettings()
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
    """Scrapy tells about every request; unless somebody asked for that, it is silent."""
    logger = logging.getLogger("scrapy")
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.WARNING)
