"""The catalogue of the library: finding novels, and listing genres and authors."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, distinct, func, literal_column, or_, select
from sqlalchemy.orm import Session

from novel_core.db.novels import AuthorRow, NovelAuthorRow, NovelRow, NovelTagRow, TagRow
from novel_core.db.trigrams import use_trigrams
from novel_core.errors import UnknownAuthor, UnknownGenre
from novel_core.items import TagKind
from novel_core.library.genres import SLUGS, name_of
from novel_core.library.novels import Book, NovelSummary, books, row_number, summaries


class NovelSort(StrEnum):
    """The order of a list; without a search, `relevance` means `updated`."""

    RELEVANCE = "relevance"
    UPDATED = "updated"
    ADDED = "added"
    TITLE = "title"
    WORDS = "words"
    CHAPTERS = "chapters"


_ORDERS: dict[NovelSort, tuple[Any, ...]] = {
    NovelSort.UPDATED: (NovelRow.updated_at.desc(), NovelRow.id.desc()),
    NovelSort.ADDED: (NovelRow.created_at.desc(), NovelRow.id.desc()),
    NovelSort.TITLE: (NovelRow.folded_title, NovelRow.id),
    NovelSort.WORDS: (NovelRow.word_count.desc(), NovelRow.id.desc()),
    NovelSort.CHAPTERS: (NovelRow.chapter_count.desc(), NovelRow.id.desc()),
}


#: Quotes, and a minus before a word.
_EXACT = re.compile(r'"|(?:^|\s)-\w')


@dataclass(frozen=True, slots=True)
class NovelFilter:
    """A filter of novels; a novel must meet every given field.

    `search` finds words in titles, authors, tags and descriptions, ignores accents, and tolerates
    typing errors in titles. `genre` is a slug of `/genres`; `author` is an author's id (a number),
    a whole name, or an id at the source. `has_text` leaves out novels without any held chapter:
    they cannot be made into a book.
    """

    search: str | None = None
    genre: str | None = None
    source: str | None = None
    status: str | None = None
    author: int | str | None = None
    sort: NovelSort = NovelSort.RELEVANCE
    has_text: bool = False


@dataclass(frozen=True, slots=True)
class Genre:
    slug: str
    name: str
    novels: int


@dataclass(frozen=True, slots=True)
class Author:
    """An author. `url` is the profile at the source."""

    id: int
    name: str
    source: str
    url: str | None
    novels: int


def find_novels(
    session: Session, wanted: NovelFilter, *, offset: int = 0, limit: int = 50
) -> tuple[list[NovelSummary], int]:
    """A page of the matching novels, and the number of all matches."""
    query, total = _page(session, wanted, offset, limit)
    return summaries(session, query), total


def find_books(
    session: Session, wanted: NovelFilter, *, offset: int = 0, limit: int = 50
) -> tuple[list[Book], int]:
    """As `find_novels`, with the details a catalogue shows, in a fixed number of queries."""
    query, total = _page(session, wanted, offset, limit)
    return books(session, query), total


def _page(
    session: Session, wanted: NovelFilter, offset: int, limit: int
) -> tuple[Select[NovelRow], int]:
    if wanted.search:
        use_trigrams(session)
    conditions = list(_conditions(wanted))
    total = session.scalar(select(func.count()).select_from(NovelRow).where(*conditions)) or 0
    order = _ORDERS.get(wanted.sort)
    if order is None:
        relevance = (_relevance(wanted.search),) if wanted.search else ()
        order = (*relevance, *_ORDERS[NovelSort.UPDATED])
    return select(NovelRow).where(*conditions).order_by(*order).offset(offset).limit(limit), total


def _conditions(wanted: NovelFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.search:
        found = NovelRow.search.op("@@")(_words(wanted.search))
        # A title with typing errors; not for a search with quotes or a minus, which is exact.
        like = NovelRow.folded_title.op("%>")(func.novel_folded(wanted.search))
        conditions.append(found if _EXACT.search(wanted.search) else or_(found, like))
    if wanted.genre:
        conditions.append(NovelRow.id.in_(_tagged(wanted.genre)))
    if wanted.source:
        conditions.append(NovelRow.source == wanted.source)
    if wanted.status:
        conditions.append(NovelRow.status == wanted.status)
    if wanted.has_text:
        conditions.append(NovelRow.held_count > 0)
    if wanted.author is not None:
        conditions.append(NovelRow.id.in_(_written_by(wanted.author)))
    return conditions


def _written_by(author: int | str) -> Select[Any]:
    """Authors by id, or by name without regard to case and accents."""
    if isinstance(author, int):
        return select(NovelAuthorRow.novel_id).where(NovelAuthorRow.author_id == author)
    named = AuthorRow.folded_name == func.novel_folded(author)
    number = row_number(author)
    return (
        select(NovelAuthorRow.novel_id)
        .join(AuthorRow, AuthorRow.id == NovelAuthorRow.author_id)
        .where(named if number is None else named | (AuthorRow.id == number))
    )


def _words(search: str) -> ColumnElement[Any]:
    """The search text as a query: quotes, `or` and a minus work as in search engines."""
    folded = func.novel_folded(search)
    simple = func.websearch_to_tsquery(literal_column("'simple'"), folded)
    english = func.websearch_to_tsquery(literal_column("'english'"), folded)
    return simple.op("||")(english)


def _relevance(search: str) -> ColumnElement[Any]:
    rank = func.ts_rank(NovelRow.search, _words(search))
    likeness = func.word_similarity(func.novel_folded(search), NovelRow.folded_title)
    return (rank + likeness).desc()


def _tagged(genre: str) -> Select[Any]:
    return (
        select(NovelTagRow.novel_id)
        .join(TagRow, TagRow.id == NovelTagRow.tag_id)
        .where(TagRow.slug == genre, _is_genre())
    )


def _is_genre() -> ColumnElement[bool]:
    """Tags that a site calls a genre, and tags that are a known genre under any site's name."""
    known = (TagRow.kind == TagKind.TAG) & TagRow.slug.in_(sorted(SLUGS))
    return or_(TagRow.kind == TagKind.GENRE, known)


def list_genres(session: Session, *conditions: ColumnElement[bool]) -> list[Genre]:
    """All genres of the library whose tags meet the conditions, the most common first."""
    novels = func.count(distinct(NovelTagRow.novel_id))
    rows = session.execute(
        select(TagRow.slug, func.min(TagRow.name), novels)
        .join(NovelTagRow, NovelTagRow.tag_id == TagRow.id)
        .where(_is_genre(), *conditions)
        .group_by(TagRow.slug)
        .order_by(novels.desc(), TagRow.slug)
    )
    return [Genre(slug, name_of(slug) or name, count) for slug, name, count in rows]


def get_genre(session: Session, slug: str) -> Genre:
    """One genre. Raises UnknownGenre if no novel of the library has it."""
    found = list_genres(session, TagRow.slug == slug)
    if not found:
        raise UnknownGenre(
            f"No novel of the library has the genre {slug[:100]!r}.",
            hint="GET /genres lists the genres.",
        )
    return found[0]


def list_authors(
    session: Session, *, search: str | None = None, offset: int = 0, limit: int = 50
) -> tuple[list[Author], int]:
    """A page of the library's authors by name, and their number; `search` is a part of the name."""
    conditions = []
    if search:
        conditions.append(func.strpos(AuthorRow.folded_name, func.novel_folded(search)) > 0)
    conditions.append(AuthorRow.id.in_(select(NovelAuthorRow.author_id)))
    total = session.scalar(select(func.count()).select_from(AuthorRow).where(*conditions)) or 0
    page = select(AuthorRow).where(*conditions).order_by(AuthorRow.folded_name, AuthorRow.id)
    return _authors(session, page.offset(offset).limit(limit)), total


def get_author(session: Session, author_id: int) -> Author:
    found = _authors(session, select(AuthorRow).where(AuthorRow.id == author_id))
    if not found:
        raise UnknownAuthor(
            f"There is no author {author_id} in the library.", hint="GET /authors lists them."
        )
    return found[0]


def _authors(session: Session, query: Select[AuthorRow]) -> list[Author]:
    """The authors a query selects, with the numbers of their novels."""
    novels = select(func.count()).where(NovelAuthorRow.author_id == AuthorRow.id).scalar_subquery()
    rows = session.execute(query.add_columns(novels))
    return [Author(row.id, row.name, row.source, row.url, count) for row, count in rows]
