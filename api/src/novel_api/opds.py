"""The OPDS 1.2 catalogue: the library as e-reader apps browse, search and download it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from lxml import etree
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from novel_api.atom import OPEN_SEARCH, Entry, Feed, Link, address, write
from novel_api.catalogue import GenreSlug
from novel_api.conditional import HEADERS, TheKnown, answer_bytes
from novel_api.context import Api, TheApi
from novel_api.documents import refusals
from novel_api.gate import Needs
from novel_api.keys import Scope
from novel_api.paging import PageQuery
from novel_core.content import to_text
from novel_core.db.engine import session
from novel_core.errors import InvalidRequest, UnknownNovel
from novel_core.library import catalogue
from novel_core.library.catalogue import NovelFilter, NovelSort
from novel_core.library.novels import Book

router = APIRouter(prefix="/opds", tags=["library"], dependencies=[Depends(Needs(Scope.READ))])

_CATALOG = "application/atom+xml;profile=opds-catalog"
NAVIGATION = f"{_CATALOG};kind=navigation"
ACQUISITION = f"{_CATALOG};kind=acquisition"
_SEARCH_TYPE = "application/opensearchdescription+xml"
EPUB = "application/epub+zip"
_DESCRIPTION: dict[int | str, dict[str, Any]] = {
    200: {"content": {_SEARCH_TYPE: {"example": "<OpenSearchDescription/>"}}}
}
_NEVER = datetime(2000, 1, 1, tzinfo=UTC)
_NAMESPACE: dict[Any, str] = {None: OPEN_SEARCH}
_MAX_ID = 2**63 - 1
_SUMMARY = 1_000
_EXAMPLE = '<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:novel-ingestion:opds</id></feed>'

#: What the root leads to: path, title, in a sentence, kind.
_SHELVES = (
    ("/opds/new", "New", "The novels changed most lately.", ACQUISITION),
    ("/opds/titles", "All novels", "By title.", ACQUISITION),
    ("/opds/sources", "By source", "The sites they come from.", NAVIGATION),
    ("/opds/genres", "By genre", "One genre for all sources.", NAVIGATION),
    ("/opds/authors", "By author", "By name.", NAVIGATION),
)


def _feed(kind: str) -> dict[int | str, dict[str, Any]]:
    return {
        200: {"headers": HEADERS, "content": {kind: {"example": _EXAMPLE}}},
        304: {"description": "Nothing has changed since.", "headers": HEADERS},
    }


TheQuery = Annotated[PageQuery, Query()]


class SearchQuery(PageQuery):
    q: str = Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$", examples=["lamps"])


@router.get(
    "",
    summary="Browse the catalogue",
    response_class=Response,
    responses=_feed(NAVIGATION) | refusals(InvalidRequest),
)
def root(request: Request, known: TheKnown) -> Response:
    """Where an e-reader app begins."""
    entries = [
        Entry(
            id=f"urn:novel-ingestion:{path[1:].replace('/', ':')}",
            title=title,
            updated=_NEVER,
            links=[Link("subsection", address(request.url, path), kind)],
            summary=told,
        )
        for path, title, told, kind in _SHELVES
    ]
    return _navigation(request, known, "Novel Ingestion", entries)


@router.get(
    "/new",
    summary="Browse what is new",
    response_class=Response,
    responses=_feed(ACQUISITION) | refusals(InvalidRequest),
)
def new(api: TheApi, request: Request, known: TheKnown, query: TheQuery) -> Response:
    """The novels changed most lately."""
    return _novels(api, request, known, "New", NovelFilter(sort=NovelSort.UPDATED), query)


@router.get(
    "/titles",
    summary="Browse by title",
    response_class=Response,
    responses=_feed(ACQUISITION) | refusals(InvalidRequest),
)
def titles(api: TheApi, request: Request, known: TheKnown, query: TheQuery) -> Response:
    """All novels by title."""
    return _novels(api, request, known, "All novels", NovelFilter(sort=NovelSort.TITLE), query)


@router.get(
    "/sources",
    summary="Browse the sources",
    response_class=Response,
    responses=_feed(NAVIGATION) | refusals(InvalidRequest),
)
def sources(api: TheApi, request: Request, known: TheKnown) -> Response:
    """The sites whose plugins are loaded."""
    found = [(source.name, source.info.title) for source in api.runtime.registry.loaded]
    shelves = _shelves(request, "source", "/opds/sources", found)
    return _navigation(request, known, "By source", shelves)


@router.get(
    "/sources/{name}",
    summary="Browse a source's novels",
    response_class=Response,
    responses=_feed(ACQUISITION) | refusals(InvalidRequest),
)
def source(
    name: GenreSlug, api: TheApi, request: Request, known: TheKnown, query: TheQuery
) -> Response:
    """The novels of a site, by title."""
    wanted = NovelFilter(source=name, sort=NovelSort.TITLE)
    return _novels(api, request, known, name, wanted, query)


@router.get(
    "/genres",
    summary="Browse the genres",
    response_class=Response,
    responses=_feed(NAVIGATION) | refusals(InvalidRequest),
)
def genres(api: TheApi, request: Request, known: TheKnown) -> Response:
    """The genres of the library, the most common first."""
    with session(api.runtime.database) as opened:
        found = [
            (genre.slug, f"{genre.name} ({genre.novels})")
            for genre in catalogue.list_genres(opened)
        ]
    return _navigation(
        request, known, "By genre", _shelves(request, "genre", "/opds/genres", found)
    )


@router.get(
    "/genres/{slug}",
    summary="Browse a genre's novels",
    response_class=Response,
    responses=_feed(ACQUISITION) | refusals(UnknownNovel, InvalidRequest),
)
def genre(
    slug: GenreSlug, api: TheApi, request: Request, known: TheKnown, query: TheQuery
) -> Response:
    """The novels of a genre, by title."""
    with session(api.runtime.database) as opened:
        title = catalogue.get_genre(opened, slug).name
    wanted = NovelFilter(genre=slug, sort=NovelSort.TITLE)
    return _novels(api, request, known, title, wanted, query)


@router.get(
    "/authors",
    summary="Browse the authors",
    response_class=Response,
    responses=_feed(NAVIGATION) | refusals(InvalidRequest),
)
def authors(api: TheApi, request: Request, known: TheKnown, query: TheQuery) -> Response:
    """The authors of the library by name, in pages."""
    with session(api.runtime.database) as opened:
        found, total = catalogue.list_authors(opened, offset=query.offset, limit=query.page_size)
    shelves = _shelves(
        request, "author", "/opds/authors", [(str(one.id), one.name) for one in found]
    )
    links = _turning(request, query, total, NAVIGATION)
    return _navigation(request, known, "By author", shelves, links)


@router.get(
    "/authors/{author_id}",
    summary="Browse an author's novels",
    response_class=Response,
    responses=_feed(ACQUISITION) | refusals(UnknownNovel, InvalidRequest),
)
def author(
    author_id: Annotated[int, Path(ge=1, le=_MAX_ID, examples=[5])],
    api: TheApi,
    request: Request,
    known: TheKnown,
    query: TheQuery,
) -> Response:
    """The novels of an author, by title."""
    with session(api.runtime.database) as opened:
        name = catalogue.get_author(opened, author_id).name
    wanted = NovelFilter(author=author_id, sort=NovelSort.TITLE)
    return _novels(api, request, known, name, wanted, query)


@router.get(
    "/search.xml",
    summary="Describe the search",
    response_class=Response,
    responses=_DESCRIPTION | refusals(InvalidRequest),
)
def search_description(request: Request) -> Response:
    """How an app searches the catalogue (OpenSearch)."""
    element = etree.Element(f"{{{OPEN_SEARCH}}}OpenSearchDescription", nsmap=_NAMESPACE)
    for name, text in (("ShortName", "Novels"), ("Description", "Search the library")):
        etree.SubElement(element, f"{{{OPEN_SEARCH}}}{name}").text = text
    url = etree.SubElement(element, f"{{{OPEN_SEARCH}}}Url")
    url.set("type", ACQUISITION)
    url.set("template", address(request.url, "/opds/search") + "?q={searchTerms}")
    return Response(etree.tostring(element, encoding="utf-8"), media_type=_SEARCH_TYPE)


@router.get(
    "/search",
    summary="Search the catalogue",
    response_class=Response,
    responses=_feed(ACQUISITION) | refusals(InvalidRequest),
)
def search(
    api: TheApi, request: Request, known: TheKnown, query: Annotated[SearchQuery, Query()]
) -> Response:
    """The novels that words of a title, an author, a tag or a description lead to."""
    wanted = NovelFilter(search=query.q)
    return _novels(api, request, known, f"Search: {query.q}", wanted, query)


def _shelves(
    request: Request, kind: str, path: str, found: Iterable[tuple[str, str]]
) -> list[Entry]:
    return [
        Entry(
            id=f"urn:novel-ingestion:opds:{kind}:{name}",
            title=title,
            updated=_NEVER,
            links=[Link("subsection", address(request.url, f"{path}/{name}"), ACQUISITION)],
        )
        for name, title in found
    ]


def _navigation(
    request: Request,
    known: TheKnown,
    title: str,
    entries: list[Entry],
    links: list[Link] | None = None,
) -> Response:
    feed = Feed(
        id=f"urn:novel-ingestion:{request.url.path[1:].replace('/', ':')}",
        title=title,
        updated=_NEVER,
        links=[*_everywhere(request, NAVIGATION), *(links or ())],
        entries=entries,
    )
    return answer_bytes(write(feed), NAVIGATION, known)


def _novels(
    api: Api, request: Request, known: TheKnown, title: str, wanted: NovelFilter, query: PageQuery
) -> Response:
    with session(api.runtime.database) as opened:
        found, total = catalogue.find_books(
            opened, wanted, offset=query.offset, limit=query.page_size
        )
    updated = max((novel.summary.updated_at for novel in found), default=_NEVER)
    feed = Feed(
        id=f"urn:novel-ingestion:{request.url.path[1:].replace('/', ':')}",
        title=title,
        updated=updated,
        links=[*_everywhere(request, ACQUISITION), *_turning(request, query, total, ACQUISITION)],
        entries=[_book(request, novel) for novel in found],
        total=total,
        per_page=query.page_size,
    )
    return answer_bytes(write(feed), ACQUISITION, known, updated)


def _book(request: Request, novel: Book) -> Entry:
    summary = novel.summary
    text = " ".join(to_text(novel.description_html).split())
    links = [
        Link(
            "http://opds-spec.org/acquisition/open-access",
            address(request.url, f"/novels/{summary.slug}.epub"),
            EPUB,
        )
    ]
    if summary.cover_url:
        cover = address(request.url, f"/novels/{summary.slug}/cover")
        links += [
            Link("http://opds-spec.org/image", cover, "image/jpeg"),
            Link("http://opds-spec.org/image/thumbnail", cover, "image/jpeg"),
        ]
    return Entry(
        id=f"urn:novel-ingestion:novel:{summary.id}",
        title=summary.title,
        updated=summary.updated_at,
        published=novel.published_at,
        authors=summary.authors,
        categories=[(tag["slug"], tag["name"]) for tag in novel.tags],
        summary=text if len(text) <= _SUMMARY else f"{text[:_SUMMARY]}…",
        language=novel.language,
        links=links,
    )


def _everywhere(request: Request, kind: str) -> list[Link]:
    return [
        Link("self", str(request.url), kind),
        Link("start", address(request.url, "/opds"), NAVIGATION),
        Link("search", address(request.url, "/opds/search.xml"), _SEARCH_TYPE),
    ]


def _turning(request: Request, query: PageQuery, total: int, kind: str) -> list[Link]:
    """The pages before and after."""
    pages = {"previous": query.page - 1, "next": query.page + 1}
    last = -(-total // query.page_size)
    kept = {"page_size": query.page_size, "q": getattr(query, "q", None)}
    return [
        Link(rel, address(request.url, request.url.path, page=page, **kept), kind)
        for rel, page in pages.items()
        if 1 <= page <= last
    ]
