"""One job the way of a subprocess: `scrapy runspider` fetches a fiction's page and its first chapter.

With `-a database=postgresql://…` an item pipeline also saves them, as a project of Scrapy's usual form does. `run` is the job of a queue
that starts it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scrapy.http import Response

QUEUE = "original"


def run(url: str) -> None:
    """What the worker's job does."""
    crawl(url, f"database={os.environ['DATABASE_URL']}")


def crawl(url: str, *options: str) -> None:
    command = [sys.executable, "-m", "scrapy", "runspider", __file__, "-a", f"url={url}"]
    for option in options:
        command += ["-a", option]
    subprocess.run(command, check=True, capture_output=True)


if "scrapy" in sys.modules:  # in the subprocess; the worker has no need of it
    import scrapy

    class Job(scrapy.Spider):
        name = "job"
        custom_settings = {  # noqa: RUF012 - Scrapy's own way
            "LOG_ENABLED": False,
            "TELNETCONSOLE_ENABLED": False,
            "ROBOTSTXT_OBEY": True,
        }

        def __init__(self, url: str, database: str | None = None, **options: Any) -> None:
            super().__init__(**options)
            self._url = url
            self.database = database

        @classmethod
        def update_settings(cls, settings: Any) -> None:
            super().update_settings(settings)
            if any(argument.startswith("database=") for argument in sys.argv):
                settings.set("ITEM_PIPELINES", {"scrapy_pipeline.Save": 300}, priority="spider")

        async def start(self) -> AsyncIterator[scrapy.Request]:
            yield scrapy.Request(self._url)

        def parse(self, response: Response) -> Iterator[scrapy.Request]:
            marker = "window.chapters = "
            listed = response.text[response.text.index(marker) + len(marker) :]
            chapters, _ = json.JSONDecoder().raw_decode(listed)
            novel = {
                "url": response.url,
                "title": response.css("h1::text").get(),
                "author": response.css("h4 a::text").get(),
                "description": "".join(response.css(".description p").getall()),
                "tags": response.css(".tags a::text").getall(),
            }
            yield response.follow(
                chapters[0]["url"], self.parse_chapter, cb_kwargs={"novel": novel}
            )

        def parse_chapter(
            self, response: Response, novel: dict[str, Any]
        ) -> Iterator[dict[str, Any]]:
            text = "".join(response.css(".chapter-inner p").getall())
            title = response.css("h1::text").get()
            yield {"novel": novel, "chapter": {"url": response.url, "title": title, "text": text}}
