"""What a crawl needs of its owner: where pages go, what is held already, who is notified.

`ingest.crawl_job` implements it over the database; tests of the crawl implement it over a dict.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from novel_core.errors import SourceError
from novel_core.page import Follow, Page

if TYPE_CHECKING:
    from novel_core.content.visible import Links


@dataclass(frozen=True, slots=True)
class Validators:
    """What a conditional request carries: the `ETag` and `Last-Modified` of the copy held."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class RobotsRecord:
    """A site's robots.txt as last fetched. `body` is empty when the site has none (status 4xx)."""

    #: scheme://host[:port], canonical.
    origin: str
    status: int
    body: bytes
    fetched_at: datetime


@dataclass(slots=True)
class CrawlCounts:
    """Counters of a job's crawls so far.

    `requests` counts everything sent: pages, redirects, retries, robots.txt, images. `pages` are
    those archived without a problem, `expected` all that are known to be needed.
    """

    requests: int = 0
    pages: int = 0
    expected: int = 0
    bytes: int = 0
    failed: list[tuple[Follow, SourceError]] = field(default_factory=list)


class CrawlDelegate(ABC):
    """Methods are called on the event loop; only the async ones may take long."""

    @abstractmethod
    async def archive(self, page: Page, problem: SourceError | None) -> Page:
        """Store a response durably before this returns; nothing reads it before.

        Returns the page as it is stored, which is what everything that reads it sees.

        `problem` is set when the page is not what was requested (an error page, a challenge).
        """

    @abstractmethod
    async def plan(self, page: Page, follows: Sequence[Follow], links: Links) -> Iterable[Follow]:
        """The pages to request now, in order, of those that `page` links to.

        `follows` are those of `links` in the spider's order.
        """

    def is_wanted(self, follow: Follow) -> bool:
        """Whether a planned page is still needed; asked right before its request."""
        del follow
        return True

    @abstractmethod
    def validators(self, follow: Follow) -> Validators | None:
        """The validators of a conditional request, or None for a plain one."""

    @abstractmethod
    async def not_modified(self, follow: Follow) -> None:
        """The site answered 304: the held copy is current."""

    @abstractmethod
    async def failed(self, follow: Follow, error: SourceError) -> None:
        """A chapter page or image failed; the crawl goes on unless this raises."""

    @abstractmethod
    async def load_robots(self, origin: str) -> RobotsRecord | None:
        """The stored record, of any age."""

    @abstractmethod
    async def save_robots(self, record: RobotsRecord) -> None:
        """Store it for other jobs."""

    @abstractmethod
    async def paused(self, url: str, seconds: float) -> None:
        """The site of `url` asked for a pause of `seconds`."""
