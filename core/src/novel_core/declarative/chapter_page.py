"""The items of a chapter's page, of one of its several pages, or of a page of several chapters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from novel_core.declarative.content import Node
from novel_core.declarative.fields import selectors
from novel_core.declarative.outcomes import check_outcomes
from novel_core.declarative.reader import PageReader
from novel_core.declarative.tables import ChapterTable, SiteTable
from novel_core.document import Element, drop, fragment, inner_html, make_spoiler
from novel_core.errors import PageChanged
from novel_core.items import Access, Chapter, ChapterRef
from novel_core.leniency import report
from novel_core.page import Follow, Parsed
from novel_core.plurals import enumerated
from novel_core.source import UrlMatch


def parse_chapter(reader: PageReader, table: SiteTable) -> Parsed:
    chapter = table.chapter
    check_outcomes(reader, chapter)
    own = reader.match(reader.page.url)
    items = read_chapters(reader, chapter, own.chapter_id if own else None)
    follow: list[Follow] = []
    rest = reader.essential_link("next part of the chapter", chapter.next_part)
    if rest and rest != reader.page.url:
        page = replace(reader.page, chapters=(items[0].source_id,))
        url, request = chapter.request_of(rest)
        follow.append(Follow.next_part(url, page, **request))
    if further := _next_chapter(reader, chapter, own):
        follow.append(further)
    return Parsed(items=items, follow=follow, novel=_novel_of(reader, chapter, own))


def _next_chapter(reader: PageReader, table: ChapterTable, own: UrlMatch | None) -> Follow | None:
    """The chapter that the page names as the next one; None at the end of the novel."""
    url = reader.essential_link("link to the next chapter", table.next_chapter)
    match = reader.match(url) if url else None
    if url is None or match is None or match.chapter_id is None:
        # The last chapter often links to the novel's page.
        return None
    is_other = own is not None and (
        match.novel_id != own.novel_id or match.chapter_id == own.chapter_id
    )
    return None if is_other else Follow.next_chapter(url, match.chapter_id)


def _novel_of(reader: PageReader, table: ChapterTable, own: UrlMatch | None) -> UrlMatch | None:
    link = reader.link("novel's link", table.novel)
    match = reader.match(link) if link else None
    if match is None and own is not None and own.novel_url is not None:
        match = reader.match(own.novel_url)
    return match if match is not None and match.chapter_id is None else None


def read_chapters(
    reader: PageReader, table: ChapterTable, own_id: str | None = None
) -> list[Chapter | ChapterRef]:
    """The chapters of a page; one that is locked has no text. `own_id` is the id of its chapter, by the page's address."""
    tidy(reader, table)
    if table.rows:
        return _several(reader, table)
    known = reader.page.chapters[0] if reader.page.chapters else None
    chapter_id = known or reader.essential("chapter's id", table.id) or own_id
    if chapter_id is None:
        url = reader.page.url
        raise PageChanged(f"`match` does not know {url} as a chapter's.", url=url)
    return [read_chapter(reader, table, reader.root, chapter_id=chapter_id)]


def _several(reader: PageReader, table: ChapterTable) -> list[Chapter | ChapterRef]:
    """The chapters of the page's rows: of those it was requested for, or of all."""
    wanted = reader.page.chapters
    found: dict[str, Chapter | ChapterRef] = {}
    empty: list[str] = []
    for row, chapter_id in _rows(reader, table):
        if (wanted and chapter_id not in wanted) or chapter_id in found:
            continue
        if reader.has("mark of a locked chapter", table.locked, row):
            found[chapter_id] = _locked(reader, table, row, chapter_id)
            continue
        if reader.first("text", table.content, row) is None:
            empty.append(chapter_id)
            continue
        found[chapter_id] = read_chapter(reader, table, row, chapter_id=chapter_id)
    if empty:
        noun = "Chapter {} has" if len(empty) == 1 else "Chapters {} have"
        report("rows", f"{noun.format(enumerated(empty))} no text.")
    if not found:
        if empty:
            what, looked_for = f"text of chapter {enumerated(empty)}", table.content
        else:
            what, looked_for = "chapter", table.rows
        raise reader.missing(what, selectors(looked_for))
    return list(found.values())


def _locked(reader: PageReader, table: ChapterTable, row: Node, chapter_id: str) -> ChapterRef:
    return ChapterRef(
        source_id=chapter_id,
        title=reader.first("title", table.title, row) or chapter_id,
        url=reader.link("chapter's link", table.link, row) or reader.page.url,
        access=Access.LOCKED,
    )


def _rows(reader: PageReader, table: ChapterTable) -> Iterator[tuple[Node, str]]:
    for selector in selectors(table.rows):
        for row in reader.nodes("list of chapters", selector):
            chapter_id = reader.essential("chapter's id", table.id, row)
            if not table.id:
                link = reader.link("chapter's link", table.link, row)
                match = reader.match(link) if link else None
                chapter_id = match.chapter_id if match else None
            if chapter_id is not None:
                yield row, chapter_id


def read_chapter(
    reader: PageReader,
    table: ChapterTable,
    row: Node,
    *,
    chapter_id: str,
    ref: ChapterRef | None = None,
) -> Chapter:
    """The chapter whose text `row` has, which is a row or the page. `ref` is its line in the list,
    where the list carries the text."""
    title, url = (ref.title, ref.url) if ref else (chapter_id, None)
    page = reader.page
    content = reader.required("text", table.content, row)
    statistics = reader.statistics(table.statistics, row) if table.statistics else None
    return Chapter.model_validate(
        {
            "source_id": chapter_id,
            "title": reader.first("title", table.title, row) or title,
            "url": reader.link("chapter's link", table.link, row)
            or url
            or page.requested_url
            or page.url,
            "base_url": reader.content.declared_base,
            "content_html": _without_foreign(reader, table, table.content, content),
            "note_before_html": _note(reader, table, table.note_before, row),
            "note_after_html": _note(reader, table, table.note_after, row),
            "published_at": reader.date("date of publication", table.published, row)[0],
            "edited_at": reader.date("date of the edit", table.edited, row)[0],
            "statistics": statistics,
            "part": page.part,
        }
    )


def _note(reader: PageReader, table: ChapterTable, written: object, row: Node) -> str:
    note = reader.first("note", written, row)
    return _without_foreign(reader, table, written, note) if note else ""


def tidy(reader: PageReader, table: ChapterTable) -> None:
    """Drop from a page of HTML what the table says is not the author's, and close its spoilers."""
    if reader.content.form == "html":
        _tidy(reader, table, None)


def _tidy(reader: PageReader, table: ChapterTable, root: Node) -> None:
    content = reader.content
    for selector in selectors(table.drop):
        drop(selector.nodes(content, root))
        content.forget_trees()
    for selector in selectors(table.spoilers):
        # The innermost first: an element that has moved is found where it was.
        for element in reversed(selector.nodes(content, root)):
            make_spoiler(element, _label(reader, table, element))
            content.forget_trees()


def _label(reader: PageReader, table: ChapterTable, spoiler: Node) -> str:
    """The title of a spoiler; an element inside it that has the title is dropped."""
    for selector in selectors(table.spoiler_label):
        for node in selector.nodes(reader.content, spoiler):
            title = selector.value_of(node) or ""
            if isinstance(node, Element) and node.mem_id != spoiler.mem_id:
                drop([node])
                reader.content.forget_trees()
            return title
    return ""


def _without_foreign(reader: PageReader, table: ChapterTable, written: object, html: str) -> str:
    """`html` without what is not the author's, where it comes from a text and not from the page."""
    is_of_page = reader.content.form == "html" and all(
        path.finds_elements for selector in selectors(written) for path in selector.paths
    )
    if is_of_page or not (table.drop or table.spoilers):
        return html
    body = fragment(html, reader.page.url)
    _tidy(reader, table, body)
    return inner_html(body)
