"""Which pages to ask for, so that few requests bring a work home and fewer keep it up to date.

A work never saved is read from the page that shows all its chapters; of a saved one, only the pages of the chapters that
are missing. A parser sees one page and no library, but the engine starts a saved novel at the address its data came
from, and only one that was never saved at its canonical address: that tells the two apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from novel_ao3 import urls
from novel_ao3.chapter_index import Entry
from novel_core.page import Follow, Page
from novel_core.source import PageKind, UrlMatch

#: Up to so many chapters, the page with all of them is the one page asked for beside the index. Of a longer work it is
#: asked for apart from the work's data: where it is too large or too slow, the rest is saved, and the next job
#: asks for the chapters one by one.
SMALL = 20


def request_url(follow: Follow) -> str:
    """The address that is really asked: a work's index in place of its own page, which would redirect; every other
    page with the adult pass."""
    address = urls.read_address(follow.url)
    if address is None or address.series is not None:
        return follow.url
    if address.work is not None and follow.kind is PageKind.INDEX and follow.position == 0:
        return urls.index_url(address.work)
    return urls.with_adult_pass(follow.url)


def work_follows(work: str, entries: Sequence[Entry], page: Page) -> Iterator[Follow]:
    ids = tuple(entry.chapter_id for entry in entries)
    is_first_visit = page.requested_url == urls.work_url(work)
    if len(ids) == 1:
        # The page does not show its chapter's id, so the Follow brings it; and it is no part 0, which a page
        # of the chapter alone could stand for.
        whole = _unlike(urls.whole_url(work), page)
        yield Follow(whole, PageKind.INDEX, chapters=ids, part=1, position=1)
    elif is_first_visit and len(ids) <= SMALL:
        yield Follow(urls.whole_url(work), PageKind.INDEX, chapters=ids, position=1)
    else:
        # The summary and the notes stand with the first chapter only.
        first = _unlike(urls.chapter_url(work, ids[0]), page)
        yield Follow(first, PageKind.INDEX, position=1)
        yield from _other_chapters(work, entries[1:], is_first_visit=is_first_visit)


def _other_chapters(
    work: str, entries: Sequence[Entry], *, is_first_visit: bool
) -> Iterator[Follow]:
    if is_first_visit:
        ids = tuple(entry.chapter_id for entry in entries)
        yield Follow(urls.whole_url(work), PageKind.CHAPTER, chapters=ids)
        return
    for entry in entries:
        yield Follow(
            urls.chapter_url(work, entry.chapter_id),
            PageKind.CHAPTER,
            chapters=(entry.chapter_id,),
            marker=entry.day,
        )


def _unlike(url: str, page: Page) -> str:
    """`url` in another spelling than the address the job began with, which the engine would not ask for again."""
    return urls.with_adult_pass(url) if url == page.requested_url else url


def refused_index_follow(work: UrlMatch) -> Follow:
    """The page that says why the index is not shown: locked, hidden and unrevealed works look alike from there."""
    return Follow(urls.with_adult_pass(work.url), PageKind.INDEX, position=1)


def series_work_id(work: str) -> str:
    """A work of a series is one chapter of it; its own chapters have ids of the same shape."""
    return f"work-{work}"
