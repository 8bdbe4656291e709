"""Pages fetched as by a job (spider, pace, robots.txt, limits), and kept in memory only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from novel_core.authoring.chapter_limit import ChapterLimit, start_of
from novel_core.crawl.context import CrawlContext
from novel_core.crawl.delegate import CrawlDelegate, RobotsRecord, Validators
from novel_core.crawl.politeness import make_pacer
from novel_core.crawl.runner import Crawl
from novel_core.errors import NovelError, SourceError
from novel_core.ingest.planned_page import PlannedPage, by_key, joined
from novel_core.page import Follow, Page
from novel_core.processes.event_loop import run_async
from novel_core.registry import LoadedSource
from novel_core.registry.lost_pages import explained
from novel_core.runtime import set_options
from novel_core.settings import Settings
from novel_core.source import PageKind, UrlMatch

if TYPE_CHECKING:
    from novel_core.content.visible import Links

#: The default number of further pages of a chapter list, and of further parts of each chapter.
MORE_PAGES = 2


@dataclass(slots=True)
class Fetched:
    """The pages in the order of their arrival, error pages among them.

    `skipped` are the URLs of further pages that were not requested; `error` is the first error.
    """

    pages: list[Page] = field(default_factory=list)
    requests: int = 0
    skipped: list[str] = field(default_factory=list)
    error: NovelError | None = None


def fetch(
    source: LoadedSource,
    settings: Settings,
    match: UrlMatch,
    *,
    chapters: int,
    more_pages: int = MORE_PAGES,
) -> Fetched:
    """Fetch the page of `match`.

    Of a novel also up to `more_pages` further pages of its chapter list, and its first `chapters`
    chapters, each with up to `more_pages` further parts; of a chapter its parts.
    """
    set_options(settings, source)
    start = start_of(match)
    delegate = _MemoryDelegate(ChapterLimit.around(match, chapters), more_pages, start)
    pacer = make_pacer(source.info, settings, settings.redis_url)
    context = CrawlContext(
        info=source.info,
        spider=source.spider(),
        parser=source.parser(),
        settings=settings,
        delegate=delegate,
        pacer=pacer,
        explain=partial(explained, source),
    )

    async def crawled() -> None:
        try:
            await Crawl(context, [start]).run()
        finally:
            await pacer.close()

    try:
        run_async(crawled())
    except NovelError as error:
        delegate.fetched.error = error
    delegate.fetched.requests = context.counts.requests
    return delegate.fetched


class _MemoryDelegate(CrawlDelegate):
    def __init__(self, limit: ChapterLimit, more_pages: int, start: Follow) -> None:
        self.fetched = Fetched()
        self._limit = limit
        self._list_pages = more_pages
        self._parts = more_pages
        self._planned = {start.key: PlannedPage([start])}
        self._batched: set[str] = set()
        self._robots: dict[str, RobotsRecord] = {}

    async def archive(self, page: Page, problem: SourceError | None) -> Page:  # noqa: ARG002
        page = self._as_planned(page)
        self.fetched.pages.append(page)
        return page

    async def plan(
        self,
        page: Page,
        follows: Sequence[Follow],
        links: Links,  # noqa: ARG002
    ) -> list[Follow]:
        within = [
            kept
            for follow in follows
            if follow.kind is not PageKind.IMAGE and (kept := self._limit.within(follow, page))
        ]
        requests = [one for follow in within for one in self._requests_of(follow)]
        groups = by_key(requests).values()
        wanted = [joined(group) for group in groups if self._is_wanted(group)]
        # A page that has arrived may be named for further chapters.
        self.fetched.pages = list(map(self._as_planned, self.fetched.pages))
        return wanted

    def _requests_of(self, follow: Follow) -> list[Follow]:
        if not follow.batch:
            return [follow]
        # The batches of several list pages have one address, but for the chapters' ids.
        chapters = [one for one in follow.chapters if one not in self._batched]
        self._batched.update(chapters)
        return follow.batches(chapters)

    def _as_planned(self, page: Page) -> Page:
        """The page, for all chapters that it was named for by now."""
        planned = self._planned.get(page.key)
        if planned is None or planned.kind is not page.kind or page.part:
            return page
        return replace(page, chapters=planned.follow.chapters or page.chapters)

    def _is_wanted(self, group: Sequence[Follow]) -> bool:
        """Whether the page is to be requested: it is not yet, and within the limits."""
        first = group[0]
        if planned := self._planned.get(first.key):
            planned.add(group)
            return False
        self._planned[first.key] = PlannedPage(group)
        if first.kind is PageKind.INDEX:
            self._list_pages -= 1
            is_further = self._list_pages < 0
        else:
            is_further = first.part > self._parts
        if is_further:
            self.fetched.skipped.append(first.url)
        return not is_further

    def validators(self, follow: Follow) -> Validators | None:  # noqa: ARG002
        return None

    async def not_modified(self, follow: Follow) -> None:
        """No request is conditional."""

    async def failed(self, follow: Follow, error: SourceError) -> None:  # noqa: ARG002
        if self.fetched.error is None:
            self.fetched.error = error

    async def load_robots(self, origin: str) -> RobotsRecord | None:
        return self._robots.get(origin)

    async def save_robots(self, record: RobotsRecord) -> None:
        self._robots[record.origin] = record

    async def paused(self, url: str, seconds: float) -> None:
        """No other process shares the pace."""
