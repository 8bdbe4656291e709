"""A bare, equally tuned Scrapy spider: downloads the chapters of a fiction and does nothing with them.

Run by `ingest.py` in a process of its own: `python bare_spider.py URL CHAPTERS_FILE CONCURRENCY`; prints one JSON line.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import scrapy
import uvloop
from scrapy.crawler import AsyncCrawlerRunner

TUNED: dict[str, Any] = {
    "CONCURRENT_ITEMS": 1,
    "COOKIES_ENABLED": False,
    "HTTPPROXY_ENABLED": False,
    "LOG_ENABLED": False,
    "REDIRECT_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "RETRY_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    "TWISTED_REACTOR_ENABLED": False,
}


class BareSpider(scrapy.Spider):
    name = "bare"
    urls: tuple[str, ...] = ()
    pages = 0

    async def start(self) -> AsyncIterator[scrapy.Request]:
        for url in self.urls:
            yield scrapy.Request(url, dont_filter=True)

    def parse(self, response: scrapy.http.Response) -> None:
        type(self).pages += len(response.body) > 0


async def main(concurrency: int) -> None:
    limits = {"CONCURRENT_REQUESTS": concurrency, "CONCURRENT_REQUESTS_PER_DOMAIN": concurrency}
    await AsyncCrawlerRunner({**TUNED, **limits}).crawl(BareSpider)


if __name__ == "__main__":
    BareSpider.urls = tuple(Path(sys.argv[1]).read_text(encoding="utf-8").split())
    before = resource.getrusage(resource.RUSAGE_SELF)
    started = time.perf_counter()
    uvloop.run(main(int(sys.argv[2])))
    seconds = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps({"pages": BareSpider.pages, "seconds": seconds, "cpu": cpu}))
