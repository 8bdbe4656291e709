"""The parser of Royal Road: a fiction's page and a chapter's page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from novel_core import Access, ChapterRef, Follow, Item, Page, PageKind, Parsed, Parser, Stated
from novel_royalroad import walls
from novel_royalroad.chapter import read_chapter
from novel_royalroad.chapter_list import Entry, read_chapters
from novel_royalroad.fiction import FictionReader
from novel_royalroad.index_page import body_of, cover_of, open_index
from novel_royalroad.page_ids import fiction_id_of
from novel_royalroad.urls import fiction_match


class RoyalRoadParser(Parser):
    version = "1"

    def parse(self, page: Page) -> Parsed:
        walls.check(page)
        match page.kind:
            case PageKind.INDEX:
                return _parse_fiction(page)
            case PageKind.CHAPTER:
                return _parse_chapter(page)
            case PageKind.IMAGE:
                return Parsed()

    def follow(self, page: Page) -> Sequence[Follow]:
        walls.check(page)
        match page.kind:
            case PageKind.INDEX:
                index = open_index(page)
                return list(_index_follows(read_chapters(index).entries, cover_of(index)))
            case PageKind.CHAPTER:
                return ()
            case PageKind.IMAGE:
                return ()


def _parse_fiction(page: Page) -> Parsed:
    index = open_index(page)
    reader = FictionReader(index)
    chapters = read_chapters(index)
    novel = reader.read(chapters.entries)
    items: list[Item] = [novel]
    items.extend(map(_reference, chapters.entries))
    return Parsed(
        items=items,
        follow=list(_index_follows(chapters.entries, novel.cover_url)),
        novel=fiction_match(index.fiction_id),
        warnings=(*reader.warnings, *chapters.warnings),
        stated=() if index.declared is None else (Stated(chapters=index.declared),),
    )


def _reference(entry: Entry) -> ChapterRef:
    return ChapterRef(
        source_id=entry.chapter_id,
        title=entry.title,
        url=entry.url,
        volume_id=entry.volume_id,
        published_at=entry.published_at,
        access=Access.LOCKED if entry.is_locked else Access.FREE,
    )


def _index_follows(entries: Iterable[Entry], cover: str | None) -> Iterator[Follow]:
    if cover:
        yield Follow(cover, PageKind.IMAGE)
    for entry in entries:
        if not entry.is_locked:
            yield Follow(entry.url, PageKind.CHAPTER, chapters=(entry.chapter_id,))


def _parse_chapter(page: Page) -> Parsed:
    body = body_of(page)
    chapter, warnings = read_chapter(page, body)
    fiction_id = fiction_id_of(body)
    if fiction_id is None:
        warnings.append("The page has no fiction id.")
    return Parsed(
        items=(chapter,),
        novel=fiction_match(fiction_id) if fiction_id else None,
        warnings=tuple(warnings),
    )
