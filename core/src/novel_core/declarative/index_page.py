"""The items of a novel's page, and of further pages of its chapter list."""

from __future__ import annotations

from dataclasses import replace

from novel_core.declarative.chapter_list import ListReader, follow_list
from novel_core.declarative.chapter_page import read_chapters, tidy
from novel_core.declarative.content import Content, Node
from novel_core.declarative.fields import selectors
from novel_core.declarative.novel_page import read_novel, row_of
from novel_core.declarative.outcomes import check_outcomes
from novel_core.declarative.reader import PageReader, SiteUrls
from novel_core.declarative.tables import SiteTable
from novel_core.errors import PageChanged
from novel_core.items import Chapter, ChapterRef, Item
from novel_core.page import Follow, Page, Parsed
from novel_core.source import UrlMatch


def parse_novel_page(page: Page, table: SiteTable, urls: SiteUrls) -> Parsed:
    """The items of the page at position 0: the novel, and its chapter list or texts."""
    content = Content(page, table.novel.form)
    reader = PageReader(content, table.novel, urls)
    check_outcomes(reader, table.novel)
    match = reader.match(page.url)
    if match is None or match.novel_id is None:
        raise PageChanged(f"`match` does not know {page.url} as a novel's.", url=page.url)
    row = row_of(reader, table.novel, match)
    novel = read_novel(reader, table.novel, match, row)
    items: list[Item] = [novel]
    follow = [Follow.image(novel.cover_url)] if novel.cover_url else []
    first = _list_address(reader, table, row)
    parsed = Parsed()
    if first and table.chapters is not None:
        follow.append(follow_list(reader, table.chapters, first))
    elif table.chapters is not None and table.chapters.form == table.novel.form:
        parsed = _parse_list(content, table, urls)
    if table.novel.first_chapter:
        follow.append(_first_chapter(reader, table, row))
    elif table.chapters is None or (table.one_shots and not parsed.items and not first):
        chapters, more = _own_text(content, table, match, urls)
        items += chapters
        follow += more
    return Parsed(
        items=[*items, *parsed.items],
        follow=[*follow, *parsed.follow],
        novel=match,
        complete_list=parsed.complete_list,
        partial_list=parsed.partial_list,
        stated=parsed.stated,
    )


def _list_address(reader: PageReader, table: SiteTable, row: Node) -> str | None:
    """The address of the first page of the chapter list, where the novel's page has no list."""
    written = table.novel.chapter_list
    first = reader.essential_link("address of the chapter list", written, row)
    if first is None and table.chapters and table.chapters.form != table.novel.form:
        raise reader.missing("address of the chapter list", selectors(written))
    return first


def _first_chapter(reader: PageReader, table: SiteTable, row: Node) -> Follow:
    written = table.novel.first_chapter
    url = reader.essential_link("link to the first chapter", written, row)
    match = reader.match(url) if url else None
    if url is None or match is None or match.chapter_id is None:
        raise reader.missing("link to the first chapter", selectors(written))
    return Follow.next_chapter(url, match.chapter_id)


def parse_list_page(page: Page, table: SiteTable, urls: SiteUrls) -> Parsed:
    """The items of a further page of the chapter list."""
    if table.chapters is None:
        raise PageChanged("The site's table has no chapter list.", url=page.url)
    content = Content(page, table.chapters.form)
    match = PageReader(content, table.chapters, urls).match(page.url)
    parsed = _parse_list(content, table, urls)
    return Parsed(
        items=parsed.items,
        follow=parsed.follow,
        novel=match,
        complete_list=parsed.complete_list,
        partial_list=parsed.partial_list,
        stated=parsed.stated,
    )


def _parse_list(content: Content, table: SiteTable, urls: SiteUrls) -> Parsed:
    chapters = table.chapters
    assert chapters is not None
    reader = PageReader(content, chapters, urls)
    if chapters.form == table.novel.form:
        check_outcomes(reader, table.novel)
    check_outcomes(reader, chapters)
    if chapters.texts:
        tidy(reader, table.chapter)
    rows = ListReader(reader, table)
    page = rows.read()
    stated = rows.stated()
    may_be_empty = rows.may_be_empty or any(total.chapters == 0 for total in stated)
    may_be_empty = may_be_empty or page.skipped > 0
    if not page.refs and content.page.position != 0 and not may_be_empty:
        raise reader.missing("chapter list", selectors(chapters.rows))
    further = rows.next_page()
    return Parsed(
        items=[*page.refs, *page.texts],
        follow=[*page.follow, further] if further else page.follow,
        complete_list=reader.has("mark of a complete list", chapters.complete),
        partial_list=chapters.partial,
        stated=stated,
    )


def _own_text(
    content: Content, table: SiteTable, match: UrlMatch, urls: SiteUrls
) -> tuple[list[Chapter | ChapterRef], list[Follow]]:
    """The chapters whose texts the novel's own page carries."""
    reader = PageReader(content, table.chapter, urls)
    chapters = read_chapters(reader, table.chapter, match.chapter_id or match.novel_id)
    rest = reader.essential_link("next part of the chapter", table.chapter.next_part)
    if not rest:
        return chapters, []
    page = replace(content.page, chapters=(chapters[0].source_id,))
    url, request = table.chapter.request_of(rest)
    return chapters, [Follow.next_part(url, page, **request)]
