"""Which pages of a file a job imports: never what the library has already, or has newer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from novel_core.archive.pages import IndexPages, image_sizes, newest_index
from novel_core.db.chapters import ChapterRow, TextPageRow
from novel_core.db.pages import PageRow
from novel_core.errors import IncompleteWarc
from novel_core.source import PageKind
from novel_core.warc.index import IndexedPage


@dataclass(slots=True)
class SavedNovel:
    """What the library has of one novel; all empty for a new one.

    `index` is its newest chapter list, `texts` when each text was fetched, by the source's id,
    `images` their URLs.
    """

    index: IndexPages = field(default_factory=IndexPages)
    texts: dict[str, datetime] = field(default_factory=dict)
    images: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class JobPages:
    """The pages of one job: of the library's archive (`archived`, by id), then of the file."""

    indexed: tuple[IndexedPage, ...]
    archived: tuple[int, ...] = ()


def crawls_of(pages: Iterable[IndexedPage]) -> list[list[IndexedPage]]:
    """A novel's pages by their crawl, oldest first; the last one of each request in a crawl counts."""

    def number(page: IndexedPage) -> int:
        return page.note.generation

    return [
        list({page.note.key: page for page in group}.values())
        for _, group in groupby(sorted(pages, key=number), key=number)
    ]


def select_pages(
    crawl: Sequence[IndexedPage], later: Sequence[Sequence[IndexedPage]], saved: SavedNovel
) -> JobPages | None:
    """The pages to import of one crawl; None if the library has all of them.

    `later` are the crawls after it.
    """
    index = _index(crawl)
    index_at = saved.index.fetched_at
    is_newer = index and (index_at is None or _age(index) > index_at)
    chapters = [
        page
        for group in _chapters(crawl)
        if _is_newer(group, saved) and (is_newer or not _is_broken(group))
        for page in group
    ]
    images = [
        page
        for page in crawl
        if page.note.kind is PageKind.IMAGE and page.note.requested_url not in saved.images
    ]
    if is_newer:
        return JobPages((*index, *chapters, *images))
    if not chapters and not images:
        return None
    if saved.index.ids:
        return JobPages((*chapters, *images), tuple(saved.index.ids))
    borrowed = next(filter(None, map(_index, later)), None)
    if borrowed is None:
        raise IncompleteWarc("The file does not have the novel's own page.")
    return JobPages((*borrowed, *chapters, *images))


def _index(crawl: Sequence[IndexedPage]) -> list[IndexedPage]:
    """The pages of the crawl's chapter list; empty without the novel's own page."""
    pages = [
        page for page in crawl if page.note.kind is PageKind.INDEX and page.note.problem is None
    ]
    return pages if any(not page.note.position for page in pages) else []


def _age(index: Sequence[IndexedPage]) -> datetime:
    return min(page.note.fetched_at for page in index if not page.note.position)


def _chapters(crawl: Sequence[IndexedPage]) -> Iterator[list[IndexedPage]]:
    """The pages of chapters, grouped by chapter."""
    groups: dict[tuple[str, ...], list[IndexedPage]] = {}
    for page in crawl:
        if page.note.kind is PageKind.CHAPTER:
            key = page.note.chapters or (f"page {page.note.requested_url}",)
            groups.setdefault(key, []).append(page)
    yield from groups.values()


def _is_broken(group: Sequence[IndexedPage]) -> bool:
    """Whether these pages had a problem when they were archived."""
    return any(page.note.problem is not None for page in group)


def _is_newer(group: Sequence[IndexedPage], saved: SavedNovel) -> bool:
    """Whether every saved text of these pages is older: no text may be replaced by an older one."""
    newest = max(page.note.fetched_at for page in group)
    chapters = group[0].note.chapters
    if not chapters:
        # The first page of a job that began at a chapter; only its text names the chapter.
        index_at = saved.index.fetched_at
        return index_at is None or newest > index_at
    return all(chapter not in saved.texts or saved.texts[chapter] < newest for chapter in chapters)


def load_saved(opened: Session, novel_id: int | None) -> SavedNovel:
    """Load what the library has of the novel."""
    if novel_id is None:
        return SavedNovel()
    rows = opened.execute(
        select(ChapterRow.source_chapter_id, func.max(PageRow.fetched_at))
        .join(TextPageRow, TextPageRow.text_id == ChapterRow.text_id)
        .join(PageRow, PageRow.id == TextPageRow.page_id)
        .where(ChapterRow.novel_id == novel_id)
        .group_by(ChapterRow.source_chapter_id)
    )
    return SavedNovel(
        index=newest_index(opened, novel_id),
        texts={row[0]: row[1] for row in rows},
        images=set(image_sizes(opened, novel_id)),
    )
