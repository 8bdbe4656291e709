"""`/genres` and `/authors`: lists to find novels by."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from novel_api.conditional import KnownDep, conditional, json_response
from novel_api.context import ApiDep
from novel_api.errors import InvalidRequest
from novel_api.gate import RequireScope
from novel_api.keys import Scope
from novel_api.novel_responses import SUMMARY, NovelSummaryResponse
from novel_api.openapi import error_responses
from novel_api.paging import PAGE, Page, PageQuery
from novel_core.db.engine import session
from novel_core.errors import UnknownGenre
from novel_core.library import catalogue

router = APIRouter(tags=["library"], dependencies=[Depends(RequireScope(Scope.READ))])

_GENRE: dict[str, Any] = {"slug": "fantasy", "name": "Fantasy", "novels": 12}
_AUTHOR: dict[str, Any] = {
    "id": 5,
    "name": "Ann Fern",
    "source": "royalroad",
    "source_url": "https://www.royalroad.com/profile/5",
    "novels": 2,
}

GenreSlug = Annotated[
    str, Path(min_length=1, max_length=200, pattern=r"^[^\x00/]+$", examples=["fantasy"])
]


class GenreResponse(BaseModel):
    """A genre of the library. Different names of the sources are one genre."""

    model_config = ConfigDict(json_schema_extra={"examples": [_GENRE]})

    slug: str
    name: str
    novels: int


class AuthorResponse(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [_AUTHOR]})

    id: int
    name: str
    source: str
    source_url: str | None
    novels: int


class AuthorQuery(PageQuery):
    search: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        pattern=r"^[^\x00]*$",
        description="a part of the name",
    )


@router.get(
    "/genres",
    summary="List the genres",
    response_model=Page[GenreResponse],
    responses=conditional(PAGE | {"items": [_GENRE], "page_size": 1})
    | error_responses(InvalidRequest),
)
def list_genres(api: ApiDep, known: KnownDep) -> Response:
    """All genres of the library in one page, the most common first."""
    with session(api.runtime.database) as opened:
        found = [
            GenreResponse.model_validate(genre, from_attributes=True)
            for genre in catalogue.list_genres(opened)
        ]
    return json_response(Page.whole(found), known)


@router.get(
    "/genres/{slug}",
    summary="Show a genre",
    response_model=GenreResponse,
    responses=conditional(_GENRE) | error_responses(UnknownGenre, InvalidRequest),
)
def get_genre(slug: GenreSlug, api: ApiDep, known: KnownDep) -> Response:
    """A genre with its number of novels."""
    with session(api.runtime.database) as opened:
        shown = GenreResponse.model_validate(
            catalogue.get_genre(opened, slug), from_attributes=True
        )
    return json_response(shown, known)


@router.get(
    "/genres/{slug}/novels",
    summary="List a genre's novels",
    response_model=Page[NovelSummaryResponse],
    responses=conditional(PAGE | {"items": [SUMMARY]})
    | error_responses(UnknownGenre, InvalidRequest),
)
def list_genre_novels(
    slug: GenreSlug, api: ApiDep, known: KnownDep, query: Annotated[PageQuery, Query()]
) -> Response:
    """A page of the novels of a genre, most recently updated first."""
    with session(api.runtime.database) as opened:
        catalogue.get_genre(opened, slug)
        wanted = catalogue.NovelFilter(genre=slug)
        found, total = catalogue.find_novels(
            opened, wanted, offset=query.offset, limit=query.page_size
        )
    page = Page.of([NovelSummaryResponse.of(novel) for novel in found], total, query)
    return json_response(page, known)


@router.get(
    "/authors",
    summary="List the authors",
    response_model=Page[AuthorResponse],
    responses=conditional(PAGE | {"items": [_AUTHOR]}) | error_responses(InvalidRequest),
)
def list_authors(api: ApiDep, known: KnownDep, query: Annotated[AuthorQuery, Query()]) -> Response:
    """A page of the authors by name. `GET /novels?author=ID` lists the novels of one."""
    with session(api.runtime.database) as opened:
        found, total = catalogue.list_authors(
            opened, search=query.search, offset=query.offset, limit=query.page_size
        )
    shown = [
        AuthorResponse(
            id=author.id,
            name=author.name,
            source=author.source,
            source_url=author.url,
            novels=author.novels,
        )
        for author in found
    ]
    return json_response(Page.of(shown, total, query), known)
