"""The pages to request: few for a new work, fewer for an update.

A work that was never saved is read from the page that shows all its chapters; of a saved one, only
the pages of missing chapters are requested. A parser sees one page and no library, but the engine
starts a saved novel at the URL of the page its data came from, and a new one at its canonical URL:
that distinguishes the two.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from novel_ao3.chapter_index import Entry
from novel_ao3.urls import SiteUrls, with_adult_consent
from novel_core import Follow, Page, PageKind, UrlMatch

#: Up to this number of chapters, the page with all of them is the only request beside the index.
#: For a longer work it is requested apart from the work's data: if it is too large or too slow, the
#: rest is saved, and the next job requests the chapters one by one.
SMALL = 20


def request_url(follow: Follow, urls: SiteUrls) -> str:
    """The URL to request: a work's index in place of its own page, which would redirect.

    All other pages are requested with the parameter that accepts adult content.
    """
    address = urls.read(follow.url)
    if address is None or address.series is not None:
        return follow.url
    if address.work is not None and follow.kind is PageKind.INDEX and follow.position == 0:
        return urls.index(address.work)
    return with_adult_consent(follow.url)


def work_follows(
    work: str, entries: Sequence[Entry], page: Page, urls: SiteUrls
) -> Iterator[Follow]:
    ids = tuple(entry.chapter_id for entry in entries)
    is_first_visit = page.requested_url == urls.work(work)
    if len(ids) == 1:
        # The page does not have its chapter's id, so the Follow has it. Part 1, since a page of
        # part 0 could be the chapter's own page.
        whole = _unlike(urls.whole(work), page)
        yield Follow(whole, PageKind.INDEX, chapters=ids, part=1, position=1)
    elif is_first_visit and len(ids) <= SMALL:
        yield Follow(urls.whole(work), PageKind.INDEX, chapters=ids, position=1)
    else:
        # Only the page of the first chapter has the summary and the notes.
        first = _unlike(urls.chapter(work, ids[0]), page)
        yield Follow(first, PageKind.INDEX, position=1)
        yield from _other_chapters(work, entries[1:], urls, is_first_visit=is_first_visit)


def _other_chapters(
    work: str, entries: Sequence[Entry], urls: SiteUrls, *, is_first_visit: bool
) -> Iterator[Follow]:
    if is_first_visit:
        ids = tuple(entry.chapter_id for entry in entries)
        yield Follow(urls.whole(work), PageKind.CHAPTER, chapters=ids)
        return
    for entry in entries:
        yield Follow(
            urls.chapter(work, entry.chapter_id),
            PageKind.CHAPTER,
            chapters=(entry.chapter_id,),
            markers=(entry.day,),
        )


def _unlike(url: str, page: Page) -> str:
    """`url` in another form than the job's first URL, which the engine would not request again."""
    return with_adult_consent(url) if url == page.requested_url else url


def refused_index_follow(work: UrlMatch) -> Follow:
    """The page with the reason why the index is refused: a locked, hidden or unrevealed work."""
    return Follow(with_adult_consent(work.url), PageKind.INDEX, position=1)


def series_work_id(work: str) -> str:
    """The chapter id of a work in a series; the prefix keeps it apart from ids of chapters."""
    return f"work-{work}"
