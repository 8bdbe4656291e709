"""The parser of an archive: a work's index, a work, a chapter, a series."""

from __future__ import annotations

from collections.abc import Sequence

from novel_ao3 import walls
from novel_ao3.chapter_index import Entry, read_index
from novel_ao3.follows import refused_index_follow, series_work_id, work_follows
from novel_ao3.header import read_work, stated_totals
from novel_ao3.series import parse_series
from novel_ao3.texts import (
    Part,
    is_at_start,
    read_as_one,
    read_chapters,
    read_parts,
    work_of,
)
from novel_ao3.urls import SiteUrls
from novel_ao3.views import SitePage, View, open_page
from novel_core import (
    Chapter,
    ChapterRef,
    Follow,
    Item,
    Page,
    PageBroken,
    PageChanged,
    PageKind,
    Parsed,
    Parser,
    Stated,
)


class OtwParser(Parser):
    version = "1"

    def __init__(self, urls: SiteUrls) -> None:
        self._urls = urls

    def parse(self, page: Page) -> Parsed:
        if page.kind is PageKind.IMAGE:
            return Parsed()
        walls.check(page, self._urls)
        if walls.is_refused_index(page, self._urls):
            raise _index_refused(page)
        return _parse(open_page(page, self._urls))

    def follow(self, page: Page) -> Sequence[Follow]:
        address = self._urls.read(page.requested_url)
        if address and address.work:
            reason = refused_index_follow(self._urls.work_match(address.work))
            if walls.is_refused_index(page, self._urls):
                return [reason]
            if page.kind is PageKind.INDEX and page.requested_url == reason.url:
                # Requested for the reason why the index is refused, and there is none (any more).
                walls.check(page, self._urls)
                raise _index_refused(page)
        return self.parse(page).follow


def _index_refused(page: Page) -> PageBroken:
    """The temporary error after which the next attempt requests every page again."""
    return PageBroken("The archive redirects from the work's index without a reason.", url=page.url)


def _parse(site_page: SitePage) -> Parsed:
    match site_page.view:
        case View.INDEX:
            return _parse_index(site_page)
        case View.SERIES:
            return parse_series(site_page)
        case View.WORK | View.CHAPTER:
            return _parse_work(site_page)


def _parse_index(site_page: SitePage) -> Parsed:
    work, entries = read_index(site_page)
    return Parsed(
        items=[_reference(work, entry, site_page.urls) for entry in entries],
        follow=list(work_follows(work, entries, site_page.page, site_page.urls)),
        novel=site_page.urls.work_match(work),
    )


def _reference(work: str, entry: Entry, urls: SiteUrls) -> ChapterRef:
    return ChapterRef(
        source_id=entry.chapter_id,
        title=entry.title,
        url=urls.chapter(work, entry.chapter_id),
        published_at=entry.published_at,
        marker=entry.day,
    )


def _parse_work(site_page: SitePage) -> Parsed:
    page = site_page.page
    parts = read_parts(site_page)
    work = work_of(site_page, parts)
    match = site_page.urls.work_match(work)
    if page.chapters == (series_work_id(work),):
        whole = read_as_one(site_page, work, parts)
        return Parsed(items=[whole], novel=match, warnings=_attachments(parts))
    items: list[Item] = []
    stated: Sequence[Stated] = ()
    if page.kind is PageKind.INDEX:
        if not is_at_start(site_page):
            raise PageChanged(
                "The page is of a later chapter, without the work's summary", url=page.url
            )
        items.append(read_work(site_page, work))
        stated = (stated_totals(site_page),)
    chapters = list(read_chapters(site_page, work, parts))
    _check_chapter(page, chapters)
    return Parsed(
        items=[*items, *chapters],
        novel=match,
        warnings=(*_missing(page, chapters), *_attachments(parts)),
        stated=stated,
    )


def _missing(page: Page, chapters: Sequence[Chapter]) -> Sequence[str]:
    """Warnings for chapters of the index that the page lacks; the next job requests their pages."""
    missing = set(page.chapters) - {chapter.source_id for chapter in chapters}
    return [f"The page lacks chapter {chapter}." for chapter in sorted(missing)]


def _attachments(parts: Sequence[Part]) -> Sequence[str]:
    """Warnings for texts of which only a link is saved."""
    return [
        f"The text of {part.title or 'the work'} is an attachment: only a link to it is saved."
        for part in parts
        if part.is_attachment
    ]


def _check_chapter(page: Page, chapters: Sequence[Chapter]) -> None:
    """Raise PageChanged for another chapter, which the site shows for a deleted one."""
    if len(chapters) == 1 and page.chapters and chapters[0].source_id not in page.chapters:
        raise PageChanged(
            f"The page is chapter {chapters[0].source_id}, not {', '.join(page.chapters)}",
            url=page.url,
        )
