"""The items of a chapter's page, or of one of its several pages."""

from __future__ import annotations

from dataclasses import replace

from novel_core.declarative.reader import PageReader
from novel_core.declarative.tables import SiteTable
from novel_core.document import drop
from novel_core.errors import PageChanged
from novel_core.items import Chapter
from novel_core.page import Follow, Parsed
from novel_core.source import UrlMatch


def parse_chapter(reader: PageReader, table: SiteTable) -> Parsed:
    chapter = table.chapter
    reader.check_wall(chapter.wall)
    page = reader.page
    own = reader.match(page.url)
    chapter_id = page.chapters[0] if page.chapters else (own.chapter_id if own else None)
    if chapter_id is None:
        raise PageChanged("The page's URL is not a chapter's.", url=page.url)
    for selector in chapter.drop:
        drop(selector.elements(reader.tree))
    content = reader.required("text", chapter.content)
    title = reader.first("title", chapter.title)
    item = Chapter(
        source_id=chapter_id,
        title=title or chapter_id,
        url=page.requested_url or page.url,
        base_url=reader.document.declared_base,
        content_html=content,
        note_before_html=reader.first("note", chapter.note_before) or "",
        note_after_html=reader.first("note", chapter.note_after) or "",
        published_at=reader.date("date of publication", chapter.published)[0],
        edited_at=reader.date("date of the edit", chapter.edited)[0],
        part=page.part,
    )
    follow: list[Follow] = []
    rest = reader.essential_link("next part of the chapter", chapter.next_part)
    if rest and rest != page.url:
        follow.append(Follow.next_part(rest, replace(page, chapters=(chapter_id,))))
    return Parsed(items=(item,), follow=follow, novel=_novel_of(reader, table, own))


def _novel_of(reader: PageReader, table: SiteTable, own: UrlMatch | None) -> UrlMatch | None:
    link = reader.link("novel's link", table.chapter.novel)
    match = reader.match(link) if link else None
    if match is None and own is not None and own.novel_url is not None:
        match = reader.match(own.novel_url)
    return match if match is not None and match.chapter_id is None else None
