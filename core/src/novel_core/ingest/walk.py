"""The chapter list of a novel whose pages only name the next chapter."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from novel_core.items import Chapter, ChapterRef
from novel_core.page import Follow, Page, Parsed
from novel_core.source import PageKind


class Walk:
    """Which page leads to which chapter, noted page by page."""

    def __init__(self) -> None:
        # The first chapter on each page, by the page's id.
        self._first: dict[int, str] = {}
        # The chapters that pages lead to: from which chapter, and as a line of the list.
        self._next: dict[str, str] = {}
        self._starts: list[str] = []
        self._named: dict[str, ChapterRef] = {}

    @property
    def is_walk(self) -> bool:
        return bool(self._named)

    def note(self, page_id: int, page: Page, parsed: Parsed, follows: Iterable[Follow]) -> None:
        """Note a page, and the chapters that it leads to."""
        texts = [item.source_id for item in parsed.items if isinstance(item, Chapter)]
        chapters = page.chapters or tuple(texts)
        if page.kind is PageKind.CHAPTER and chapters:
            self._first[page_id] = chapters[0]
        titles = {item.source_id: item for item in parsed.items if isinstance(item, ChapterRef)}
        for follow in follows:
            if not follow.is_walk or not follow.chapters:
                continue
            chapter = follow.chapters[0]
            named = ChapterRef(source_id=chapter, title=chapter, url=follow.url)
            self._named.setdefault(chapter, titles.get(chapter, named))
            if page.kind is PageKind.CHAPTER and chapters:
                self._next[chapters[0]] = chapter
            else:
                self._starts.append(chapter)

    def lines(
        self, found: Mapping[int, Sequence[ChapterRef]], known: Collection[str]
    ) -> Iterator[ChapterRef]:
        """The list, in the order walked, from the lines of each page by its id.

        A chapter that a page names and whose own page is missing is a line too, unless it is among
        the `known` ones.
        """
        pages: dict[str, list[int]] = {}
        for page_id, first in self._first.items():
            pages.setdefault(first, []).append(page_id)
        led_to = set(self._next.values())
        heads = [chapter for chapter in pages if chapter not in led_to]
        listed = set(known) | {line.source_id for lines in found.values() for line in lines}
        seen: set[str] = set()
        for head in (*self._starts, *heads, *pages):
            chapter: str | None = head
            while chapter is not None and chapter not in seen:
                seen.add(chapter)
                if chapter not in pages and chapter not in listed:
                    yield self._named[chapter]
                for page_id in pages.get(chapter, ()):
                    yield from found.get(page_id, ())
                chapter = self._next.get(chapter)


def lines_on(parsed: Parsed, follows: Iterable[Follow]) -> Iterator[ChapterRef]:
    """The lines of the list that a chapter's page gives.

    Those are its refs, and its texts without one. The chapter that it leads to gives its own.
    """
    led_to = {chapter for follow in follows if follow.is_walk for chapter in follow.chapters}
    listed: set[str] = set()
    for item in parsed.items:
        if isinstance(item, ChapterRef) and item.source_id not in led_to:
            listed.add(item.source_id)
            yield item
    for item in parsed.items:
        if isinstance(item, Chapter) and item.source_id not in listed:
            listed.add(item.source_id)
            yield line_of(item)


def line_of(chapter: Chapter) -> ChapterRef:
    """The line of a chapter that only its text names."""
    return ChapterRef(
        source_id=chapter.source_id,
        title=chapter.title,
        url=chapter.url,
        published_at=chapter.published_at,
    )
