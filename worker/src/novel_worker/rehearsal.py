"""A crawl that asks nobody: it ends at a refused connection on loopback, and has imported all that a crawl imports late."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress

from novel_core.crawl.delegate import CrawlCounts, CrawlDelegate, RobotsRecord, Validators
from novel_core.crawl.pacing import LocalPacer
from novel_core.crawl.runner import Crawl
from novel_core.errors import SourceError
from novel_core.page import Follow, Page
from novel_core.registry import LoadedSource
from novel_core.settings import Settings
from novel_core.source import PageKind

#: Nothing listens on port 1 of the loopback.
_NOWHERE = "http://127.0.0.1:1"


class _Nothing(CrawlDelegate):
    """Holds nothing, keeps nothing."""

    async def archive(self, page: Page, problem: SourceError | None) -> None:
        """Never reached: no page comes."""

    async def plan(self, page: Page, follows: Sequence[Follow]) -> Iterable[Follow]:  # noqa: ARG002 - the contract's
        return ()

    def validators(self, follow: Follow) -> Validators | None:  # noqa: ARG002 - the contract's
        return None

    async def not_modified(self, follow: Follow) -> None:
        """Never reached."""

    async def failed(self, follow: Follow, error: SourceError) -> None:
        """Never reached: an index page ends the crawl."""

    async def paused(self, url: str, seconds: float) -> None:
        """Never reached."""

    async def load_robots(self, origin: str) -> RobotsRecord | None:  # noqa: ARG002 - the contract's
        return None

    async def save_robots(self, record: RobotsRecord) -> None:
        """Never reached."""

    def progress(self, counts: CrawlCounts) -> None:
        """Nobody looks."""


async def rehearse(source: LoadedSource, settings: Settings) -> None:
    """One crawl of the source up to its first connection, which goes nowhere."""
    host = source.info.domains[0]
    quiet = settings.model_copy(update={"host_map": {host: _NOWHERE}, "retry_times": 0})
    crawl = Crawl(
        info=source.info,
        spider=source.spider(),
        parser=source.parser(),
        settings=quiet,
        delegate=_Nothing(),
        start=[Follow(f"https://{host}/", PageKind.INDEX)],
        pacer=LocalPacer(lambda host: (host, 0.0)),
    )
    with suppress(SourceError):
        await crawl.run()
