"""What a crawl needs of whoever owns it: where pages go, what is held already, who is to be told.

`ingest.crawl_job` implements it over the database; tests of the crawl implement it over a dict.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from novel_core.errors import SourceError
from novel_core.page import Follow, Page


@dataclass(frozen=True, slots=True)
class Validators:
    """What a conditional request carries: the `ETag` and `Last-Modified` of the copy held."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class RobotsRecord:
    """A site's robots.txt as last fetched. `body` is empty when the site has none (status 4xx)."""

    origin: str  # scheme://host[:port], canonical
    status: int
    body: bytes
    fetched_at: datetime


@dataclass(slots=True)
class CrawlCounts:
    """What a crawl has done so far."""

    requests: int = 0  # everything sent: pages, redirects, retries, robots.txt, images
    pages: int = 0  # archived, without a problem
    expected: int = 0  # pages known to be needed, fetched or not
    bytes: int = 0
    failed: list[tuple[Follow, SourceError]] = field(default_factory=list)


class CrawlDelegate(ABC):
    """Methods are called on the event loop; the async ones may take their time."""

    @abstractmethod
    async def archive(self, page: Page, problem: SourceError | None) -> None:
        """Keep a response. The page is durable when this returns; nothing reads it before.

        `problem` tells that the page is not what was asked for (an error page, a challenge).
        """

    @abstractmethod
    async def plan(self, page: Page, follows: Sequence[Follow]) -> Iterable[Follow]:
        """Of the pages `page` asks for, those to request now, in order."""

    def is_wanted(self, follow: Follow) -> bool:
        """Whether a page that was planned is still to be requested, now that its turn has come."""
        del follow
        return True

    @abstractmethod
    def validators(self, follow: Follow) -> Validators | None:
        """For a conditional request, or None for a plain one."""

    @abstractmethod
    async def not_modified(self, follow: Follow) -> None:
        """The site said 304: the copy held is still right."""

    @abstractmethod
    async def failed(self, follow: Follow, error: SourceError) -> None:
        """A chapter page or image could not be had; the crawl goes on. Raising ends the crawl with that error."""

    @abstractmethod
    async def load_robots(self, origin: str) -> RobotsRecord | None:
        """The record held, however old."""

    @abstractmethod
    async def save_robots(self, record: RobotsRecord) -> None:
        """Keep it for other jobs."""

    @abstractmethod
    async def paused(self, url: str, seconds: float) -> None:
        """The site of `url` asked everybody to stay away this long."""

    @abstractmethod
    def progress(self, counts: CrawlCounts) -> None:
        """Called after each request and each page; cheap."""
