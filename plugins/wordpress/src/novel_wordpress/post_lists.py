"""The lists of posts: the last changed ones of a book, all of them by date, and their texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from novel_core import (
    Access,
    Author,
    Chapter,
    ChapterRef,
    Follow,
    Item,
    Novel,
    Page,
    PageChanged,
    PageKind,
    Parsed,
    Stated,
)
from novel_wordpress.api import PER_PAGE, Api
from novel_wordpress.books import Book, BookKind
from novel_wordpress.post_text import clean
from novel_wordpress.rows import (
    embedded,
    id_of,
    ids_of,
    moment_in,
    rows_of,
    text_in,
    title_of,
    total_of,
)

#: The position of the novel's data; the list follows it, and the latest posts stand at 0.
FIRST = -100_000
#: Pages of one list that are read: a hundred thousand posts.
_MOST_PAGES = 1_000
_PROTECTED = "content", "protected"


def read_latest(page: Page, api: Api, book: Book) -> Parsed:
    """The last changed posts: all that an update needs, unless more has changed than they show."""
    rows = rows_of(page)
    stated = total_of(page)
    refs = _in_volumes(references(rows, page), page, book)
    if stated == 0 and rows:
        raise PageChanged("The site states no post of this book and lists some", url=page.url)
    # Without a number nothing says that the library has the others.
    needed = stated or 0
    has_more = stated is None or stated > len(rows)
    context = {"book": book.novel_id, "has_more": has_more}
    data = _data_of(api, book)
    follow = [
        *text_follows(api, refs),
        Follow(data, PageKind.INDEX, position=FIRST, context=context, unless_held=needed),
    ]
    # Of a category it is known first which ones are inside it.
    if has_more and book.kind is not BookKind.CATEGORY:
        follow.append(first_of_list(api, book, unless_held=needed))
    return Parsed(items=refs, follow=follow, stated=_stated(stated), complete_list=False)


def first_of_list(
    api: Api, book: Book, *, volumes: Sequence[str] = (), unless_held: int = 0
) -> Follow:
    """The first page of all posts of a book; `volumes` are the categories inside it."""
    return Follow(
        api.listed(book, 1),
        PageKind.INDEX,
        position=FIRST + 1,
        context={"book": book.novel_id, "page": 1, "volumes": list(volumes)},
        unless_held=unless_held,
    )


def _data_of(api: Api, book: Book) -> str:
    """The address of the novel's own data."""
    match book.kind:
        case BookKind.CATEGORY:
            return api.terms()
        case BookKind.TAG:
            return api.term(book)
    return api.site_data()


def read_list(page: Page, api: Api, book: Book, title: str, address: str) -> Parsed:
    """One page of all posts of a book, the oldest first."""
    rows = rows_of(page)
    refs = _in_volumes(references(rows, page), page, book)
    number = page.context.get("page")
    number = number if isinstance(number, int) else 1
    items: list[Item] = []
    authors = _authors(rows) if number == 1 else []
    if authors:
        # Of the pages that tell of the novel the first one gives its title.
        items.append(
            Novel(source_id=book.novel_id, url=address, title=title, authors=tuple(authors))
        )
    follow = text_follows(api, refs)
    if (more := _next_page(page, len(rows), number)) is not None:
        context = {**page.context, "page": number + 1}
        # A page that is not full may be the last one, whatever the site states.
        follow.append(
            Follow(
                api.listed(book, number + 1),
                PageKind.INDEX,
                position=page.position + 1,
                context=context,
                is_optional=more == "perhaps",
            )
        )
    return Parsed(items=[*items, *refs], follow=follow, stated=_stated(total_of(page)))


def _next_page(page: Page, rows: int, number: int) -> str | None:
    """Whether there is one more page: "surely", "perhaps" or None."""
    if number >= _MOST_PAGES or rows == 0:
        return None
    last = total_of(page, "x-wp-totalpages")
    if last is None:
        return "perhaps" if rows >= PER_PAGE else None
    if number >= last:
        return None
    return "surely" if rows >= PER_PAGE else "perhaps"


def _stated(total: int | None) -> Sequence[Stated]:
    return () if total is None else (Stated(chapters=total),)


def references(rows: Iterable[Mapping[str, Any]], page: Page) -> list[ChapterRef]:
    """The lines of the list in the order of publication, whatever the order of the answer."""
    found: list[tuple[str, int, ChapterRef]] = []
    seen: set[str] = set()
    for row in rows:
        number, link = id_of(row), text_in(row, "link")
        if number is None or not link:
            raise PageChanged("A post has no id or no link", url=page.url, selector="id, link")
        if number in seen:
            continue
        seen.add(number)
        published = moment_in(row, "date_gmt")
        holder = row.get(_PROTECTED[0])
        is_locked = isinstance(holder, dict) and holder.get(_PROTECTED[1]) is True
        ref = ChapterRef.model_validate(
            {
                "source_id": number,
                "title": title_of(row, "title", "rendered"),
                "url": link,
                "published_at": published,
                "edited_at": moment_in(row, "modified_gmt"),
                "access": Access.LOCKED if is_locked else Access.FREE,
            }
        )
        found.append((published or "", int(number), ref))
    return [ref for _, _, ref in sorted(found, key=lambda one: one[:2])]


def _in_volumes(refs: Sequence[ChapterRef], page: Page, book: Book) -> list[ChapterRef]:
    """The lines, each with the category inside the book's that its post is in as its volume."""
    if book.kind is not BookKind.CATEGORY:
        return list(refs)
    categories = {id_of(row): ids_of(row, "categories") for row in rows_of(page)}
    volumes = page.context.get("volumes")
    placed = []
    for ref in refs:
        own = categories.get(ref.source_id, [])
        if isinstance(volumes, list):
            inner = [one for one in own if one in volumes]
        else:
            # It is listed because of its only category, which is inside the book's.
            inner = own if len(own) == 1 and own[0] != book.number else []
        placed.append(ref.model_copy(update={"volume_id": max(inner, key=int)}) if inner else ref)
    return placed


def text_follows(api: Api, refs: Sequence[ChapterRef]) -> list[Follow]:
    free = [ref for ref in refs if ref.access is Access.FREE]
    return [Follow.in_batches(api.texts(), free, size=api.texts_at_once)] if free else []


def _authors(rows: Iterable[Mapping[str, Any]]) -> list[Author]:
    """The authors of the posts, each once."""
    found: dict[str, Author] = {}
    for row in rows:
        for author in embedded(row, "author"):
            number, name = id_of(author), title_of(author, "name")
            if number and name:
                link = text_in(author, "link") or None
                found.setdefault(number, Author(name=name, source_id=number, url=link))
    return list(found.values())


def read_texts(page: Page) -> Parsed:
    """The texts of the posts that a page was requested for; a protected one is locked."""
    items: dict[str, Item] = {}
    for row in rows_of(page):
        number = id_of(row)
        if number is None or number not in page.chapters or number in items:
            continue
        link = text_in(row, "link") or page.url
        title = title_of(row, "title", "rendered") or number
        holder = row.get("content")
        is_protected = isinstance(holder, dict) and holder.get("protected") is True
        html = clean(text_in(row, "content", "rendered"), link)
        if is_protected and not html:
            items[number] = ChapterRef(
                source_id=number, title=title, url=link, access=Access.LOCKED
            )
        elif html:
            items[number] = Chapter.model_validate(
                {
                    "source_id": number,
                    "title": title,
                    "url": link,
                    "content_html": html,
                    "published_at": moment_in(row, "date_gmt"),
                    "edited_at": moment_in(row, "modified_gmt"),
                }
            )
    return Parsed(items=list(items.values()))
