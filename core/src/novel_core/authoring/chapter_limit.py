"""A limit on the chapters that are fetched while a plugin is tried or recorded."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from novel_core.page import Follow
from novel_core.source import PageKind


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

    @property
    def left_out(self) -> set[str]:
        """The ids of the chapters whose pages were not requested because of the limit."""
        return self._refused - self._counted

    def within(self, follow: Follow) -> Follow | None:
        """The Follow, if the limit has room for it. A batch is cut to the room that is left.

        A page that carries several chapters is requested whole as long as one of them fits.
        """
        if follow.kind is not PageKind.CHAPTER:
            return follow
        chapters = follow.chapters or (follow.key,)
        known = [chapter for chapter in chapters if chapter in self._counted]
        if follow.part:
            # The chapter's first page decides; else the page before has led here.
            return follow if known or not self._refused.intersection(chapters) else None
        if follow.batch:
            return self._cut(follow)
        if not known and len(self._counted) >= self.chapters:
            self._refused.update(chapters)
            return None
        self._counted.update(chapters)
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
