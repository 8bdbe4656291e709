"""The parser of {{ cookiecutter.source }}: a pure function of the page, with CSS selectors.

A missing part that every page must have is a PageChanged; any other is None or empty in the item.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from novel_core import (
    Access,
    Author,
    Chapter,
    ChapterRef,
    Document,
    Element,
    Follow,
    Item,
    Novel,
    NovelStatus,
    Page,
    PageChanged,
    PageKind,
    Parsed,
    Parser,
    Source,
    Tag,
    UrlMatch,
    drop,
    inner_html,
    read_date,
    text_of,
)

# TODO: the selectors of the fields on the novel's page
_TITLE = "h1.title"
_AUTHORS = "a.author"
_DESCRIPTION = "div.summary"
_COVER = "img.cover"
_STATUS = "span.status"
_TAGS = "ul.tags a"
_PUBLISHED = "time.published"
_UPDATED = "time.updated"

# TODO: the rows of the chapter list, and the selectors in a row
_ROWS = "ol.chapters li"
_ROW_LINK = "a[href]"
_ROW_TIME = "time"
_ROW_LOCKED = ".locked"
_NEXT_PAGE = "a.next[href]"

# TODO: the text of a chapter's page, and elements in it that are not the author's
_TEXT = "div.text"
_NOTE_BEFORE = "div.note.before"
_NOTE_AFTER = "div.note.after"
_NOT_THE_AUTHORS = ".advertisement"


class {{ cookiecutter.__class }}Parser(Parser):
    #: Raise it when a change gives other items; `novel reparse` then reads saved chapters again.
    version = "1"

    def __init__(self, source: Source) -> None:
        self.source = source

    def parse(self, page: Page) -> Parsed:
        match page.kind:
            case PageKind.INDEX:
                return _parse_index(page, self.source)
            case PageKind.CHAPTER:
                return _parse_chapter(page, self.source)
            case PageKind.IMAGE:
                return Parsed()


def make_parser(source: Source) -> Parser:
    return {{ cookiecutter.__class }}Parser(source)


def _parse_index(page: Page, source: Source) -> Parsed:
    """The items of the novel's page, or (from position 1 on) of a further page of its list."""
    document = page.document()
    match = source.match(page.url)
    references = list(_references(document, source))
    items: list[Item] = list(references)
    follow = [
        Follow.chapter(reference) for reference in references if reference.access is Access.FREE
    ]
    if further := _link(document, document.root, _NEXT_PAGE, "href"):
        follow.append(Follow.next_page(further, page))
    if page.position == 0:
        novel = _novel(document, match, source)
        items.insert(0, novel)
        if novel.cover_url:
            follow.insert(0, Follow.image(novel.cover_url))
    elif not references:
        raise PageChanged("The page has no chapters", url=page.url, selector=_ROWS)
    return Parsed(items=items, follow=follow, novel=match)


def _novel(document: Document, match: UrlMatch | None, source: Source) -> Novel:
    if match is None or match.novel_id is None:
        raise PageChanged("The page's URL is not a novel's.", url=document.url)
    root = document.root
    status = _text(root, _STATUS).lower()
    return Novel(
        source_id=match.novel_id,
        url=match.url,
        base_url=document.declared_base,
        title=_title(document),
        authors=tuple(
            Author(name=text_of(link), url=document.absolute(link.attributes.get("href")))
            for link in root.css(_AUTHORS)
        ),
        description_html=_html(root, _DESCRIPTION),
        cover_url=_link(document, root, _COVER, "src"),
        status=NovelStatus(status) if status in set(NovelStatus) else None,
        tags=tuple(
            Tag(name=text_of(link), slug="-".join(text_of(link).lower().split()))
            for link in root.css(_TAGS)
        ),
        published_at=_moment(root, _PUBLISHED, source),
        updated_at=_moment(root, _UPDATED, source),
    )


def _references(document: Document, source: Source) -> Iterator[ChapterRef]:
    for row in document.css(_ROWS):
        url = _link(document, row, _ROW_LINK, "href")
        match = source.match(url) if url else None
        if url is None or match is None or match.chapter_id is None:
            continue
        yield ChapterRef(
            source_id=match.chapter_id,
            title=_text(row, _ROW_LINK) or match.chapter_id,
            url=url,
            published_at=_moment(row, _ROW_TIME, source),
            access=Access.LOCKED if row.css_first(_ROW_LOCKED) else Access.FREE,
        )


def _parse_chapter(page: Page, source: Source) -> Parsed:
    document = page.document()
    root = document.root
    match = source.match(page.url)
    if match is None or match.chapter_id is None:
        raise PageChanged("The page's URL is not a chapter's.", url=page.url)
    drop(root.css(_NOT_THE_AUTHORS))
    text = root.css_first(_TEXT)
    if text is None or not inner_html(text):
        raise PageChanged("The page has no text", url=page.url, selector=_TEXT)
    chapter = Chapter(
        source_id=match.chapter_id,
        title=_title(document),
        url=page.requested_url or page.url,
        base_url=document.declared_base,
        content_html=inner_html(text),
        note_before_html=_html(root, _NOTE_BEFORE),
        note_after_html=_html(root, _NOTE_AFTER),
        published_at=_moment(root, _PUBLISHED, source),
    )
    return Parsed(
        items=(chapter,),
        novel=source.match(match.novel_url) if match.novel_url else None,
    )


def _title(document: Document) -> str:
    title = _text(document.root, _TITLE)
    if not title:
        raise PageChanged("The page has no title", url=document.url, selector=_TITLE)
    return title


def _text(within: Element, selector: str) -> str:
    found = within.css_first(selector)
    return text_of(found) if found else ""


def _html(within: Element, selector: str) -> str:
    found = within.css_first(selector)
    return inner_html(found) if found else ""


def _link(document: Document, within: Element, selector: str, attribute: str) -> str | None:
    found = within.css_first(selector)
    return document.absolute(found.attributes.get(attribute)) if found else None


def _moment(within: Element, selector: str, source: Source) -> datetime | None:
    """The time in an element's `datetime`; without a zone it is in the site's. None without one."""
    found = within.css_first(selector)
    text = found.attributes.get("datetime") if found else None
    try:
        return datetime.fromisoformat(read_date(text, source.info.time_zone)) if text else None
    except ValueError:
        return None
