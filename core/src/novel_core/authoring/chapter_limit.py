"""A limit on the chapters that are fetched while a plugin is tried or recorded."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Self

from novel_core.page import Follow, Page
from novel_core.source import PageKind, UrlKind, UrlMatch


def start_of(match: UrlMatch) -> Follow:
    """The request for the page of `match`."""
    if match.kind is UrlKind.NOVEL:
        return Follow(match.url, PageKind.INDEX)
    ids = (match.chapter_id,) if match.chapter_id else ()
    return Follow(match.url, PageKind.CHAPTER, chapters=ids)


@dataclass(slots=True)
class ChapterLimit:
    """The first `chapters` chapters, counted by their ids: a page may carry several, a chapter may
    have several pages, and a page may be asked about again.

    >>> limit = ChapterLimit(2)
    >>> url = "https://example.org/c/"
    >>> follows = [Follow(url + name, PageKind.CHAPTER, chapters=(name,)) for name in "abc"]
    >>> [limit.within(follow) is not None for follow in follows]
    [True, True, False]
    >>> limit.left_out
    {'c'}
    """

    chapters: int
    _counted: set[str] = field(default_factory=set, init=False)
    _refused: set[str] = field(default_factory=set, init=False)
    _pages: set[str] = field(default_factory=set, init=False)

    @classmethod
    def around(cls, match: UrlMatch, chapters: int) -> Self:
        """The limit of a run for `match`: the chapter that was given is the first."""
        if match.kind is UrlKind.NOVEL:
            return cls(chapters)
        limit = cls(max(chapters, 1))
        limit.within(start_of(match))
        return limit

    @property
    def left_out(self) -> set[str]:
        """The ids of the chapters whose pages were not requested because of the limit."""
        return self._refused - self._counted

    def within(self, follow: Follow, found_on: Page | None = None) -> Follow | None:
        """The Follow, if the limit has room for it. A batch is cut to the room that is left.

        A page that carries several chapters is requested whole as long as one of them fits, so
        what other pages say to be on it fits too. A page that a chapter's page names without a
        chapter belongs to that chapter.
        """
        if follow.kind is not PageKind.CHAPTER:
            return follow
        chapters = follow.chapters or _chapters_of(found_on) or (follow.key,)
        is_known = follow.key in self._pages or not self._counted.isdisjoint(chapters)
        if follow.part:
            # The chapter's first page decides; else the page before has led here.
            return follow if is_known or self._refused.isdisjoint(chapters) else None
        if follow.batch:
            return self._cut(follow)
        if not is_known and len(self._counted) >= self.chapters:
            self._refused.update(chapters)
            return None
        self._counted.update(chapters)
        self._pages.add(follow.key)
        return follow

    def _cut(self, batch: Follow) -> Follow | None:
        kept: list[int] = []
        for index, chapter in enumerate(batch.chapters):
            if chapter in self._counted or len(self._counted) < self.chapters:
                self._counted.add(chapter)
                kept.append(index)
            else:
                self._refused.add(chapter)
        if not kept:
            return None
        markers = tuple(batch.markers[index] for index in kept) if batch.markers else ()
        return replace(batch, chapters=tuple(batch.chapters[i] for i in kept), markers=markers)


def _chapters_of(page: Page | None) -> tuple[str, ...]:
    return page.chapters if page is not None and page.kind is PageKind.CHAPTER else ()
