"""Pages fetched as by a job (spider, pace, robots.txt, limits), and kept in memory only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from novel_core.authoring.chapter_limit import ChapterLimit
from novel_core.crawl.context import CrawlContext
from novel_core.crawl.delegate import CrawlDelegate, RobotsRecord, Validators
from novel_core.crawl.politeness import make_pacer
from novel_core.crawl.runner import Crawl
from novel_core.errors import NovelError, SourceError
from novel_core.ingest.planned_page import by_key, joined
from novel_core.page import Follow, Page, Parsed
from novel_core.processes.event_loop import run_async
from novel_core.registry import LoadedSource
from novel_core.runtime import set_options
from novel_core.settings import Settings
from novel_core.source import PageKind, UrlKind, UrlMatch

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
    delegate = _MemoryDelegate(chapters, more_pages, start)
    pacer = make_pacer(source.info, settings, settings.redis_url)
    context = CrawlContext(
        info=source.info,
        spider=source.spider(),
        parser=source.parser(),
        settings=settings,
        delegate=delegate,
        pacer=pacer,
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


def start_of(match: UrlMatch) -> Follow:
    """The request for the page of `match`."""
    if match.kind is UrlKind.NOVEL:
        return Follow(match.url, PageKind.INDEX)
    ids = (match.chapter_id,) if match.chapter_id else ()
    return Follow(match.url, PageKind.CHAPTER, chapters=ids)


class _MemoryDelegate(CrawlDelegate):
    def __init__(self, chapters: int, more_pages: int, start: Follow) -> None:
        self.fetched = Fetched()
        is_chapter = start.kind is PageKind.CHAPTER
        self._limit = ChapterLimit(max(chapters, 1) if is_chapter else chapters)
        # The chapter that was asked for is the first.
        self._limit.within(start)
        self._list_pages = more_pages
        self._parts = more_pages
        self._seen: set[str] = set()
        self._robots: dict[str, RobotsRecord] = {}

    async def archive(self, page: Page, problem: SourceError | None) -> Page:  # noqa: ARG002
        self._seen.add(page.key)
        self.fetched.pages.append(page)
        return page

    async def plan(
        self,
        page: Page,  # noqa: ARG002
        follows: Sequence[Follow],
        parsed: Parsed | None,  # noqa: ARG002
    ) -> list[Follow]:
        groups = by_key(follows).values()
        found = [wanted for group in groups if (wanted := self._wanted(joined(group)))]
        return [
            request
            for follow in found
            for request in (follow.batches(follow.chapters) if follow.batch else [follow])
        ]

    def _wanted(self, follow: Follow) -> Follow | None:
        if follow.key in self._seen or follow.kind is PageKind.IMAGE:
            return None
        wanted = self._limit.within(follow)
        if wanted is None:
            return None
        self._seen.add(follow.key)
        if follow.kind is PageKind.INDEX:
            self._list_pages -= 1
            is_further = self._list_pages < 0
        else:
            is_further = follow.part > self._parts
        if is_further:
            self.fetched.skipped.append(follow.url)
            return None
        return wanted

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
