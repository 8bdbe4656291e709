"""{{ cookiecutter.source }}'s parser: a pure function of the page, written with lxml.

What a page must have and lacks is a PageChanged; what it may lack is None or empty in the item.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from novel_core import Follow, Page, PageKind, Parsed, Parser, UrlMatch
from novel_core.lxml_document import (
    Element,
    clean_body,
    drop_children,
    elements,
    inner_html,
    parse_tree,
    text_of,
    with_class,
)
from novel_core.errors import PageChanged
from novel_core.items import Access, Author, Chapter, ChapterRef, Item, Novel, NovelStatus, Tag
from pydantic import ValidationError

from {{ cookiecutter.__module }} import urls

# TODO: where the novel's own page has each field
_TITLE = elements(f"//h1[{with_class('title')}]")
_AUTHORS = elements(f"//a[{with_class('author')}]")
_DESCRIPTION = elements(f"//div[{with_class('summary')}]")
_COVER = elements(f"//img[{with_class('cover')}]")
_STATUS = elements(f"//span[{with_class('status')}]")
_TAGS = elements(f"//ul[{with_class('tags')}]//a")
_PUBLISHED = elements(f"//time[{with_class('published')}]")
_UPDATED = elements(f"//time[{with_class('updated')}]")

# TODO: the rows of the chapter list, and where each has its fields
_ROWS = elements(f"//ol[{with_class('chapters')}]//li")
_ROW_LINK = elements(".//a[@href]")
_ROW_TIME = elements(".//time")
_ROW_LOCKED = elements(f".//*[{with_class('locked')}]")
_NEXT_PAGE = elements(f"//a[{with_class('next')}][@href]")

# TODO: where a chapter's page has its text, and what inside it is not the author's
_TEXT = elements(f"//div[{with_class('text')}]")
_NOTE_BEFORE = elements(f"//div[{with_class('note')}][{with_class('before')}]")
_NOTE_AFTER = elements(f"//div[{with_class('note')}][{with_class('after')}]")
_FOREIGN = elements(f"//*[{with_class('advertisement')}]")
_IMAGES = elements(".//img[@src]")


class {{ cookiecutter.__class }}Parser(Parser):
    #: Another version whenever the same page gives other items: what was read with an older one is read anew.
    version = "1"

    def parse(self, page: Page) -> Parsed:
        try:
            match page.kind:
                case PageKind.INDEX:
                    return _parse_index(page)
                case PageKind.CHAPTER:
                    return _parse_chapter(page)
                case PageKind.IMAGE:
                    return Parsed()
        except ValidationError as error:
            problem = error.errors(include_url=False)[0]
            place = ".".join(str(part) for part in problem["loc"])
            raise PageChanged(
                f"The page's {place} is odd: {problem['msg']}", url=page.url
            ) from error


def make_parser() -> {{ cookiecutter.__class }}Parser:
    return {{ cookiecutter.__class }}Parser()


def _parse_index(page: Page) -> Parsed:
    """The novel's own page, or (from position 1 on) a further page of its chapter list."""
    tree = parse_tree(clean_body(page), page.url)
    match = urls.match_url(page.url)
    references = list(_references(tree, page))
    items: list[Item] = list(references)
    follow = [
        Follow(reference.url, PageKind.CHAPTER, chapters=(reference.source_id,))
        for reference in references
        if reference.access is Access.FREE
    ]
    if further := _link(_NEXT_PAGE(tree), page, "href"):
        follow.append(Follow(further, PageKind.INDEX, position=page.position + 1))
    if page.position == 0:
        novel = _novel(tree, page, match)
        items.insert(0, novel)
        if novel.cover_url:
            follow.insert(0, Follow(novel.cover_url, PageKind.IMAGE))
    elif not references:
        raise PageChanged("The page has no chapters", url=page.url, selector="ol.chapters li")
    return Parsed(items=items, follow=follow, novel=match)


def _novel(tree: Element, page: Page, match: UrlMatch | None) -> Novel:
    if match is None or match.novel_id is None:
        raise PageChanged("The page's address is no novel's.", url=page.url)
    status = _text(_STATUS(tree)).lower()
    return Novel(
        source_id=match.novel_id,
        url=match.url,
        title=_title(tree, page),
        authors=tuple(
            Author(name=text_of(link), url=urls.absolute(link.get("href", ""), page.url))
            for link in _AUTHORS(tree)
        ),
        description_html=_html(_DESCRIPTION(tree)),
        cover_url=_link(_COVER(tree), page, "src"),
        status=NovelStatus(status) if status in set(NovelStatus) else None,
        tags=tuple(
            Tag(name=text_of(link), slug="-".join(text_of(link).lower().split()))
            for link in _TAGS(tree)
        ),
        published_at=_moment(_PUBLISHED(tree)),
        updated_at=_moment(_UPDATED(tree)),
    )


def _references(tree: Element, page: Page) -> Iterator[ChapterRef]:
    for row in _ROWS(tree):
        url = _link(_ROW_LINK(row), page, "href")
        match = urls.match_url(url) if url else None
        if url is None or match is None or match.chapter_id is None:
            continue
        yield ChapterRef(
            source_id=match.chapter_id,
            title=_text(_ROW_LINK(row)) or match.chapter_id,
            url=url,
            published_at=_moment(_ROW_TIME(row)),
            access=Access.LOCKED if _ROW_LOCKED(row) else Access.FREE,
        )


def _parse_chapter(page: Page) -> Parsed:
    tree = parse_tree(clean_body(page), page.url)
    match = urls.match_url(page.url)
    if match is None or match.chapter_id is None:
        raise PageChanged("The page's address is no chapter's.", url=page.url)
    drop_children(_FOREIGN(tree))
    texts = _TEXT(tree)
    if not _html(texts):
        raise PageChanged("The page has no text", url=page.url, selector="div.text")
    chapter = Chapter(
        source_id=match.chapter_id,
        title=_title(tree, page),
        url=page.requested_url or page.url,
        content_html=_html(texts),
        note_before_html=_html(_NOTE_BEFORE(tree)),
        note_after_html=_html(_NOTE_AFTER(tree)),
        published_at=_moment(_PUBLISHED(tree)),
    )
    images = (urls.absolute(image.get("src", ""), page.url) for image in _IMAGES(texts[0]))
    return Parsed(
        items=(chapter,),
        follow=[Follow(url, PageKind.IMAGE) for url in images if url],
        novel=urls.match_url(match.novel_url) if match.novel_url else None,
    )


def _title(tree: Element, page: Page) -> str:
    title = _text(_TITLE(tree))
    if not title:
        raise PageChanged("The page has no title", url=page.url, selector="h1.title")
    return title


def _text(found: Iterable[Element]) -> str:
    return next(map(text_of, found), "")


def _html(found: Iterable[Element]) -> str:
    return next(map(inner_html, found), "")


def _link(found: Iterable[Element], page: Page, attribute: str) -> str | None:
    return next((urls.absolute(element.get(attribute, ""), page.url) for element in found), None)


def _moment(found: Iterable[Element]) -> datetime | None:
    """The time in an element's `datetime`; UTC where it names no zone, None where it cannot be read."""
    try:
        moment = next(datetime.fromisoformat(element.get("datetime", "")) for element in found)
    except (StopIteration, ValueError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
