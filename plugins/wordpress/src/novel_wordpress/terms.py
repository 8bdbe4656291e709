"""The novel's own data: those of its category and the categories in it, its tag, or its site."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from novel_core import Follow, Novel, Page, PageChanged, PageKind, Parsed, Volume
from novel_wordpress.api import Api
from novel_wordpress.books import Book, BookKind
from novel_wordpress.post_lists import first_of_list
from novel_wordpress.rows import id_of, object_of, rows_of, title_of


def read_terms(page: Page, api: Api, book: Book, address: str, language: str | None) -> Parsed:
    """The book's category among those of the site; the ones inside it are its volumes."""
    terms = {number: row for row in rows_of(page) if (number := id_of(row)) is not None}
    own = terms.get(book.number)
    if own is None:
        # The site has more categories than one page, and this is one of the small ones.
        term = Follow(api.term(book), PageKind.INDEX, position=page.position, context=page.context)
        return Parsed(follow=[term])
    volumes = [
        Volume(source_id=number, title=title)
        for number in sorted(_inside(book.number, terms), key=int)
        if (title := title_of(terms[number], "name"))
    ]
    novel = _novel(own, book, address, language)
    inside = [volume.source_id for volume in volumes]
    follow = [first_of_list(api, book, volumes=inside)] if inside or _has_more(page) else []
    return Parsed(items=[novel.model_copy(update={"volumes": tuple(volumes)})], follow=follow)


def _has_more(page: Page) -> bool:
    """Whether the page of the latest posts does not have all of them."""
    return page.context.get("has_more") is True


def _inside(number: str, terms: Mapping[str, Mapping[str, Any]]) -> Iterable[str]:
    """The categories below one, at any depth."""
    below: dict[str, list[str]] = {}
    for one, row in terms.items():
        if (parent := id_of(row, "parent")) is not None:
            below.setdefault(parent, []).append(one)
    found: dict[str, None] = {}
    level = [number]
    while level:
        level = [one for parent in level for one in below.get(parent, ()) if one not in found]
        found.update(dict.fromkeys(level))
    found.pop(number, None)
    return found


def read_term(page: Page, api: Api, book: Book, address: str, language: str | None) -> Parsed:
    """The category or tag alone."""
    row = object_of(page)
    if id_of(row) != book.number:
        raise PageChanged("The API answers with another category or tag", url=page.url)
    is_category = book.kind is BookKind.CATEGORY
    follow = [first_of_list(api, book)] if is_category and _has_more(page) else []
    return Parsed(items=[_novel(row, book, address, language)], follow=follow)


def read_site(page: Page, book: Book, address: str, language: str | None) -> Parsed:
    """The name of the site, which is the title of a blog that is one book."""
    return Parsed(items=[_novel(object_of(page), book, address, language)])


def _novel(row: Mapping[str, Any], book: Book, address: str, language: str | None) -> Novel:
    title = title_of(row, "name")
    if not title:
        raise PageChanged("The book has no name", url=address, selector="name")
    words = title_of(row, "description")
    return Novel(
        source_id=book.novel_id,
        url=address,
        title=title,
        description_html=f"<p>{escape(words)}</p>" if words else "",
        language=language,
    )
