"""Pages fetched as a job would fetch them (spider, pace, robots.txt, limits), kept in memory instead of a database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from novel_core.crawl.delegate import CrawlCounts, CrawlDelegate, RobotsRecord, Validators
from novel_core.crawl.politeness import make_pacer
from novel_core.crawl.runner import Crawl
from novel_core.errors import NovelError, SourceError
from novel_core.page import Follow, Page
from novel_core.processes.event_loop import run_async
from novel_core.registry import LoadedSource
from novel_core.settings import Settings
from novel_core.source import PageKind, UrlKind, UrlMatch

#: Pages of a list beyond the first, and parts of each chapter, that are asked for where nobody says how many.
MORE_PAGES = 2


@dataclass(slots=True)
class Fetched:
    """`pages` in the order they came, error pages among them; `error` is what ended the crawl, if something did; `left_out` are
    addresses of further pages that were not asked for."""

    pages: list[Page] = field(default_factory=list)
    requests: int = 0
    left_out: list[str] = field(default_factory=list)
    error: NovelError | None = None


def fetch(
    source: LoadedSource,
    settings: Settings,
    match: UrlMatch,
    *,
    chapters: int,
    more_pages: int = MORE_PAGES,
) -> Fetched:
    """The page of `match`; of a novel also the pages its list goes on with, `more_pages` at most, and its first
    `chapters` chapters."""
    if match.kind is UrlKind.NOVEL:
        start = Follow(match.url, PageKind.INDEX)
    else:
        ids = (match.chapter_id,) if match.chapter_id else ()
        start = Follow(match.url, PageKind.CHAPTER, chapters=ids)
    kept = _Kept(chapters, more_pages)
    pacer = make_pacer(source.info, settings, settings.redis_url)
    crawl = Crawl(
        info=source.info,
        spider=source.spider(),
        parser=source.parser(),
        settings=settings,
        delegate=kept,
        start=[start],
        pacer=pacer,
    )

    async def crawled() -> None:
        try:
            await crawl.run()
        finally:
            await pacer.close()

    try:
        run_async(crawled())
    except NovelError as error:
        kept.fetched.error = error
    kept.fetched.requests = crawl.counts.requests
    return kept.fetched


class _Kept(CrawlDelegate):
    def __init__(self, chapters: int, more_pages: int) -> None:
        self.fetched = Fetched()
        self._chapters = chapters
        self._list_pages = more_pages
        self._parts = more_pages
        self._seen: set[str] = set()
        self._robots: dict[str, RobotsRecord] = {}

    async def archive(self, page: Page, problem: SourceError | None) -> None:  # noqa: ARG002 - the page itself tells it again
        self._seen.add(page.requested_url)
        self.fetched.pages.append(page)

    async def plan(self, page: Page, follows: Sequence[Follow]) -> list[Follow]:  # noqa: ARG002 - follows tell enough
        return [follow for follow in follows if self._wants(follow)]

    def _wants(self, follow: Follow) -> bool:
        if follow.url in self._seen:
            return False
        match follow.kind:
            case PageKind.INDEX:
                wanted = self._list_pages > 0
                self._list_pages -= 1
            case PageKind.CHAPTER if follow.part:
                wanted = follow.part <= self._parts
            case PageKind.CHAPTER:
                wanted = self._chapters > 0
                self._chapters -= 1
            case PageKind.IMAGE:
                wanted = False
        self._seen.add(follow.url)
        if not wanted and (follow.kind is PageKind.INDEX or follow.part):
            self.fetched.left_out.append(follow.url)
        return wanted

    def validators(self, follow: Follow) -> Validators | None:  # noqa: ARG002 - nothing is held
        return None

    async def not_modified(self, follow: Follow) -> None:
        """Never asked conditionally."""

    async def failed(self, follow: Follow, error: SourceError) -> None:  # noqa: ARG002 - its page tells of it
        if self.fetched.error is None:
            self.fetched.error = error

    async def load_robots(self, origin: str) -> RobotsRecord | None:
        return self._robots.get(origin)

    async def save_robots(self, record: RobotsRecord) -> None:
        self._robots[record.origin] = record

    async def paused(self, url: str, seconds: float) -> None:
        """Nobody else shares this process' pace."""

    def progress(self, counts: CrawlCounts) -> None:
        """Nothing is shown of it."""
