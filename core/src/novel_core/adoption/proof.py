"""The proof: the list of one novel by the family's own source, and three of its chapters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from novel_core.adoption.pages import SitePages
from novel_core.content import sanitize, word_count
from novel_core.content.visible import without_hidden
from novel_core.crawl.response_checks import check_page
from novel_core.crawl.robots import RobotsRefusal
from novel_core.errors import (
    Blocked,
    LoginRequired,
    Maintenance,
    NovelError,
    ProofFailed,
    RateLimited,
    SiteUnavailable,
    SourceError,
)
from novel_core.items import Access, Chapter, ChapterRef, Novel
from novel_core.jobs.identity import MOST_STEPS
from novel_core.page import Follow, Page, Parsed, Stated, parse_reported
from novel_core.source import PageKind, UrlKind, UrlMatch
from novel_core.steps import limited

#: Requests of a proof, robots.txt not counted; so many of them are kept for the chapters.
REQUESTS, FOR_CHAPTERS = 6, 3


@dataclass(slots=True)
class Reading:
    """What was read of a novel.

    `unread` are pages of the list that were not requested, `texts` the chapters with their words,
    `failed` those that could not be read. `walked` if the chapters are found one after the other.
    """

    novel: Novel | None = None
    refs: list[ChapterRef] = field(default_factory=list)
    stated: list[Stated] = field(default_factory=list)
    is_partial: bool = False
    unread: list[str] = field(default_factory=list)
    walked: bool = False
    texts: dict[str, tuple[Chapter, int]] = field(default_factory=dict)
    failed: dict[str, NovelError] = field(default_factory=dict)
    chosen: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


class Proof:
    """Reads a novel in few requests; `pages` has the allowance."""

    def __init__(self, pages: SitePages, given: Page | None) -> None:
        self.reading = Reading()
        self._pages = pages
        self._given = given
        self._lists: list[tuple[int, Parsed]] = []
        self._follows: dict[str, Follow] = {}
        self._parser = pages.source.parser()

    async def read(self, match: UrlMatch) -> Reading:
        """Read the novel of `match`: its chapter list, then the first, middle and last chapter."""
        index = await self._index_of(match)
        try:
            await self._read_list(index)
        except (RobotsRefusal, LoginRequired):
            other = self._pages.source.other_way(index)
            # Two addresses of a list are two lists: a part of one is no beginning of the other.
            if other is None or self._lists:
                raise
            await self._read_list(other.url)
        reading = self.reading
        if reading.novel is None:
            raise ProofFailed(
                "The novel's page has no title that can be read.", url=match.novel_url or match.url
            )
        if reading.walked:
            await self._walk()
        else:
            await self._read_chapters()
        return reading

    async def _index_of(self, match: UrlMatch) -> str:
        """The address of the novel's own page; a chapter's page may have to name it."""
        if match.kind is UrlKind.NOVEL:
            return match.url
        if match.novel_url is not None:
            return match.novel_url
        ids = (match.chapter_id,) if match.chapter_id else ()
        follow = Follow(match.url, PageKind.CHAPTER, chapters=ids)
        for _ in range(1 + MOST_STEPS):
            try:
                _, parsed = await self._page(follow)
            except (RobotsRefusal, LoginRequired):
                other = self._pages.source.other_way(follow.url)
                if other is None:
                    raise
                follow = Follow(other.url, PageKind.CHAPTER)
                continue
            if parsed.novel is None:
                break
            if parsed.novel.novel_id is not None:
                return parsed.novel.url
            # It names the page to ask next.
            follow = Follow(parsed.novel.url, PageKind.CHAPTER)
        raise ProofFailed("The chapter's page does not name its novel.", url=match.url)

    async def _page(self, follow: Follow) -> tuple[Page, Parsed]:
        """The page, which the recognition may have fetched, and what it holds."""
        page = self._given_page(follow) or await self._pages.fetch(follow)
        parsed = limited("Parsing", page.address, lambda: parse_reported(self._parser, page))
        return page, without_hidden(page, parsed)

    def _given_page(self, follow: Follow) -> Page | None:
        """The page that the recognition has fetched, where the source would request the same."""
        page = self._given
        if page is None or page.url != follow.url or follow.kind is not PageKind.INDEX:
            return None
        self._given = None
        source = self._pages.source
        spider = source.spider()(name=source.name)
        request = limited("The spider", follow.url, lambda: spider.make_request(follow))
        if (request.url, request.method) != (follow.url, "GET"):
            # An index in place of the novel's page, for example.
            return None
        try:
            limited("Checking", page.address, lambda: check_page(page, spider, self._parser))
        except SourceError:
            # The source's own request may show another page.
            return None
        self._pages.seen.append(page)
        return page

    async def _read_list(self, url: str) -> None:
        todo = [Follow(url, PageKind.INDEX)]
        known = {todo[0].key}
        while todo:
            follow = todo.pop(0)
            if self._lists and self._pages.left <= self._kept_for_chapters():
                self.reading.unread = [follow.url, *(one.url for one in todo)]
                break
            page, parsed = await self._page(follow)
            self._take_list(page, parsed)
            for one in parsed.follow:
                if one.kind is PageKind.INDEX and not one.is_optional and one.key not in known:
                    known.add(one.key)
                    todo.append(one)
        self._lists.sort(key=lambda pair: pair[0])
        for _, parsed in self._lists:
            self.reading.refs += [item for item in parsed.items if isinstance(item, ChapterRef)]
        self.reading.walked = not self.reading.refs and any(
            one.is_walk for one in self._follows.values()
        )

    def _kept_for_chapters(self) -> int:
        """The requests that the chapters will need: none if the list has their texts."""
        if not self._follows:
            return 0
        return 1 if any(one.batch for one in self._follows.values()) else FOR_CHAPTERS

    def _take_list(self, page: Page, parsed: Parsed) -> None:
        reading = self.reading
        self._lists.append((page.position, parsed))
        reading.warnings += parsed.warnings
        reading.stated += parsed.stated
        reading.is_partial |= parsed.partial_list
        for item in parsed.items:
            if isinstance(item, Novel) and reading.novel is None:
                reading.novel = item
            elif isinstance(item, Chapter):
                self._take_text(item)
        for follow in parsed.follow:
            if follow.kind is PageKind.CHAPTER:
                for chapter in follow.chapters:
                    self._follows.setdefault(chapter, follow)

    async def _read_chapters(self) -> None:
        chosen = [ref.source_id for ref in self._chosen()]
        self.reading.chosen = chosen
        wanted = dict.fromkeys(
            request
            for chapter in chosen
            if chapter not in self.reading.texts and chapter in self._follows
            for request in _requests(self._follows[chapter], chosen)
        )
        for request in wanted:
            await self._read_chapter(request)

    def _chosen(self) -> Iterator[ChapterRef]:
        """The first, middle and last chapter that can be read."""
        readable = [ref for ref in self.reading.refs if ref.access is Access.FREE]
        last = len(readable) - 1
        for index in sorted({0, last // 2, last} if readable else ()):
            yield readable[index]

    async def _read_chapter(self, follow: Follow) -> Parsed | None:
        try:
            _, parsed = await self._page(follow)
        except RobotsRefusal as error:
            self.reading.failed |= dict.fromkeys(follow.chapters, error)
            return None
        except (Blocked, Maintenance, RateLimited, SiteUnavailable):
            # They are about the whole site.
            raise
        except SourceError as error:
            self.reading.failed |= dict.fromkeys(follow.chapters, error)
            return None
        self.reading.warnings += parsed.warnings
        for item in parsed.items:
            if isinstance(item, Chapter):
                self._take_text(item)
        return parsed

    async def _walk(self) -> None:
        follow = next(one for one in self._follows.values() if one.is_walk)
        for _ in range(FOR_CHAPTERS):
            self.reading.chosen += follow.chapters
            parsed = await self._read_chapter(follow)
            further = [one for one in parsed.follow if one.is_walk] if parsed else []
            if not further:
                return
            follow = further[0]

    def _take_text(self, chapter: Chapter) -> None:
        known = self.reading.texts.get(chapter.source_id)
        html = sanitize(chapter.content_html, base_url=chapter.base_url or chapter.url).html
        words = word_count(html) + (known[1] if known else 0)
        self.reading.texts[chapter.source_id] = (known[0] if known else chapter, words)


def _requests(follow: Follow, chosen: list[str]) -> list[Follow]:
    """The request for a Follow's page: that of a batch is for all chosen chapters together."""
    return follow.batches(chosen) if follow.batch else [follow]
