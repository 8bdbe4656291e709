"""One job the way of a subprocess: run by `scrapy runspider`, fetches a fiction's page and its first chapter."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import scrapy
from scrapy.http import Response


class Job(scrapy.Spider):
    name = "job"
    custom_settings = {"LOG_ENABLED": False, "TELNETCONSOLE_ENABLED": False}  # noqa: RUF012 - Scrapy's own way

    def __init__(self, url: str, **options: Any) -> None:
        super().__init__(**options)
        self._url = url

    async def start(self) -> AsyncIterator[scrapy.Request]:
        yield scrapy.Request(self._url)

    def parse(self, response: Response) -> Iterator[scrapy.Request]:
        marker = "window.chapters = "
        listed = response.text[response.text.index(marker) + len(marker) :]
        chapters, _ = json.JSONDecoder().raw_decode(listed)
        yield response.follow(chapters[0]["url"], self.parse_chapter)

    def parse_chapter(self, response: Response) -> Iterator[dict[str, Any]]:
        yield {"text": response.css(".chapter-inner p::text").getall()}
