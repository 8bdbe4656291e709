"""The OPDS 1.2 catalogue: e-reader apps browse, search and download the library."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from lxml import etree
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from novel_api.atom import OPEN_SEARCH, FeedEntry, Link, link_to
from novel_api.conditional import HEADERS, KnownDep
from novel_api.context import ApiDep
from novel_api.errors import InvalidRequest
from novel_api.gate import RequireScope
from novel_api.genres_and_authors import GenreSlug
from novel_api.keys import Scope
from novel_api.opds_feeds import (
    ACQUISITION,
    NAVIGATION,
    NEVER,
    SEARCH_TYPE,
    navigation,
    novels,
    shelves,
    turning,
)
from novel_api.openapi import TEXT, error_responses
from novel_api.paging import PageQuery
from novel_core.db.engine import session
from novel_core.errors import UnknownAuthor, UnknownGenre
from novel_core.library import catalogue
from novel_core.library.catalogue import NovelFilter, NovelSort

router = APIRouter(
    prefix="/opds", tags=["library"], dependencies=[Depends(RequireScope(Scope.READ))]
)

_DESCRIPTION: dict[int | str, dict[str, Any]] = {
    200: {"content": {SEARCH_TYPE: {"schema": TEXT, "example": "<OpenSearchDescription/>"}}}
}
_NAMESPACE: dict[Any, str] = {None: OPEN_SEARCH}
_MAX_ID = 2**63 - 1
_EXAMPLE = '<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:novel-ingestion:opds</id></feed>'

#: Entries of the root: path, title, description, kind.
_SHELVES = (
    ("/opds/new", "New", "The most recently updated novels.", ACQUISITION),
    ("/opds/titles", "All novels", "By title.", ACQUISITION),
    ("/opds/sources", "By source", "The sites they come from.", NAVIGATION),
    ("/opds/genres", "By genre", "One genre for all sources.", NAVIGATION),
    ("/opds/authors", "By author", "By name.", NAVIGATION),
)


def _feed(kind: str) -> dict[int | str, dict[str, Any]]:
    return {
        200: {"headers": HEADERS, "content": {kind: {"schema": TEXT, "example": _EXAMPLE}}},
        304: {"description": "Nothing has changed since.", "headers": HEADERS},
    }


PageQueryDep = Annotated[PageQuery, Query()]


class SearchQuery(PageQuery):
    q: str = Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$", examples=["lamps"])


@router.get(
    "",
    summary="Browse the catalogue",
    response_class=Response,
    responses=_feed(NAVIGATION) | error_responses(InvalidRequest),
)
def browse_catalogue(request: Request, known: KnownDep) -> Response:
    """The root of the catalogue."""
    entries = [
        FeedEntry(
            id=f"urn:novel-ingestion:{path[1:].replace('/', ':')}",
            title=title,
            updated=NEVER,
            links=[Link("subsection", link_to(path), kind)],
            summary=description,
        )
        for path, title, description, kind in _SHELVES
    ]
    return navigation(request, known, "Novel Ingestion", entries)


@router.get(
    "/new",
    summary="Browse what is new",
    response_class=Response,
    responses=_feed(ACQUISITION) | error_responses(InvalidRequest),
)
def browse_new(api: ApiDep, request: Request, known: KnownDep, query: PageQueryDep) -> Response:
    """The most recently updated novels."""
    return novels(api, request, known, "New", NovelFilter(sort=NovelSort.UPDATED), query)


@router.get(
    "/titles",
    summary="Browse by title",
    response_class=Response,
    responses=_feed(ACQUISITION) | error_responses(InvalidRequest),
)
def browse_titles(api: ApiDep, request: Request, known: KnownDep, query: PageQueryDep) -> Response:
    """All novels by title."""
    return novels(api, request, known, "All novels", NovelFilter(sort=NovelSort.TITLE), query)


@router.get(
    "/sources",
    summary="Browse the sources",
    response_class=Response,
    responses=_feed(NAVIGATION) | error_responses(InvalidRequest),
)
def browse_sources(api: ApiDep, request: Request, known: KnownDep) -> Response:
    """The sites whose plugins are loaded."""
    found = [(source.name, source.info.title) for source in api.runtime.registry.loaded]
    entries = shelves("source", "/opds/sources", found)
    return navigation(request, known, "By source", entries)


@router.get(
    "/sources/{name}",
    summary="Browse a source's novels",
    response_class=Response,
    responses=_feed(ACQUISITION) | error_responses(InvalidRequest),
)
def browse_source(
    name: GenreSlug, api: ApiDep, request: Request, known: KnownDep, query: PageQueryDep
) -> Response:
    """The novels of a site, by title."""
    wanted = NovelFilter(source=name, sort=NovelSort.TITLE)
    return novels(api, request, known, name, wanted, query)


@router.get(
    "/genres",
    summary="Browse the genres",
    response_class=Response,
    responses=_feed(NAVIGATION) | error_responses(InvalidRequest),
)
def browse_genres(api: ApiDep, request: Request, known: KnownDep) -> Response:
    """The genres of the library, the most common first."""
    with session(api.runtime.database) as opened:
        found = [
            (genre.slug, f"{genre.name} ({genre.novels})")
            for genre in catalogue.list_genres(opened)
        ]
    return navigation(request, known, "By genre", shelves("genre", "/opds/genres", found))


@router.get(
    "/genres/{slug}",
    summary="Browse a genre's novels",
    response_class=Response,
    responses=_feed(ACQUISITION) | error_responses(UnknownGenre, InvalidRequest),
)
def browse_genre(
    slug: GenreSlug, api: ApiDep, request: Request, known: KnownDep, query: PageQueryDep
) -> Response:
    """The novels of a genre, by title."""
    with session(api.runtime.database) as opened:
        title = catalogue.get_genre(opened, slug).name
    wanted = NovelFilter(genre=slug, sort=NovelSort.TITLE)
    return novels(api, request, known, title, wanted, query)


@router.get(
    "/authors",
    summary="Browse the authors",
    response_class=Response,
    responses=_feed(NAVIGATION) | error_responses(InvalidRequest),
)
def browse_authors(api: ApiDep, request: Request, known: KnownDep, query: PageQueryDep) -> Response:
    """A page of the authors, by name."""
    with session(api.runtime.database) as opened:
        found, total = catalogue.list_authors(opened, offset=query.offset, limit=query.page_size)
    entries = shelves("author", "/opds/authors", [(str(one.id), one.name) for one in found])
    links = turning(request, query, total, NAVIGATION)
    return navigation(request, known, "By author", entries, links)


@router.get(
    "/authors/{author_id}",
    summary="Browse an author's novels",
    response_class=Response,
    responses=_feed(ACQUISITION) | error_responses(UnknownAuthor, InvalidRequest),
)
def browse_author(
    author_id: Annotated[int, Path(ge=1, le=_MAX_ID, examples=[5])],
    api: ApiDep,
    request: Request,
    known: KnownDep,
    query: PageQueryDep,
) -> Response:
    """The novels of an author, by title."""
    with session(api.runtime.database) as opened:
        name = catalogue.get_author(opened, author_id).name
    wanted = NovelFilter(author=author_id, sort=NovelSort.TITLE)
    return novels(api, request, known, name, wanted, query)


@router.get(
    "/search.xml",
    summary="Describe the search",
    response_class=Response,
    responses=_DESCRIPTION | error_responses(InvalidRequest),
)
def describe_search() -> Response:
    """The OpenSearch description of the catalogue's search."""
    element = etree.Element(f"{{{OPEN_SEARCH}}}OpenSearchDescription", nsmap=_NAMESPACE)
    for name, text in (("ShortName", "Novels"), ("Description", "Search the library")):
        etree.SubElement(element, f"{{{OPEN_SEARCH}}}{name}").text = text
    url = etree.SubElement(element, f"{{{OPEN_SEARCH}}}Url")
    url.set("type", ACQUISITION)
    url.set("template", link_to("/opds/search") + "?q={searchTerms}")
    return Response(etree.tostring(element, encoding="utf-8"), media_type=SEARCH_TYPE)


@router.get(
    "/search",
    summary="Search the catalogue",
    response_class=Response,
    responses=_feed(ACQUISITION) | error_responses(InvalidRequest),
)
def search_catalogue(
    api: ApiDep, request: Request, known: KnownDep, query: Annotated[SearchQuery, Query()]
) -> Response:
    """Novels that match words of a title, an author, a tag or a description."""
    wanted = NovelFilter(search=query.q)
    return novels(api, request, known, f"Search: {query.q}", wanted, query)
