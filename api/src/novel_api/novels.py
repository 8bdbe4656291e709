"""`/novels`: the novels of the library and their chapters."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from pydantic import Field
from starlette.responses import Response

from novel_api.conditional import HEADERS, KnownDep, conditional, json_response, validators
from novel_api.context import ApiDep
from novel_api.errors import InvalidRequest
from novel_api.gate import RequireScope
from novel_api.ingestion import Slug
from novel_api.jobs import Name
from novel_api.keys import Scope
from novel_api.novel_responses import (
    CHAPTER,
    DETAILS,
    REVISION,
    SUMMARY,
    TEXT,
    ChapterResponse,
    ChapterTextResponse,
    NovelResponse,
    NovelSummaryResponse,
    RevisionResponse,
)
from novel_api.openapi import BYTES, error_responses
from novel_api.paging import PAGE, Page, PageQuery
from novel_core.db.engine import session
from novel_core.errors import ChapterNotHeld, UnknownChapter, UnknownImage, UnknownNovel
from novel_core.items import NovelStatus
from novel_core.library.catalogue import NovelFilter, NovelSort, find_novels
from novel_core.library.chapter_place import neighbours
from novel_core.library.chapters import read_chapter
from novel_core.library.images import (
    HeldImage,
    Image,
    held_cover,
    held_image,
    read_image,
)
from novel_core.library.novels import describe_novel, find_novel
from novel_core.library.revisions import page_of_chapters, revisions, versions

router = APIRouter(tags=["library"], dependencies=[Depends(RequireScope(Scope.READ))])

_MAX_ID = 2**63 - 1
#: Pictures seldom change: a browser need not request each cover again.
_AN_HOUR = "private, max-age=3600"

Number = Annotated[int, Path(ge=1, le=_MAX_ID, description="the chapter's number", examples=[3])]


class NovelQuery(PageQuery):
    """Filters of novels; all of them must match."""

    search: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        pattern=r"^[^\x00]*$",
        description="words of title, author, tag or description; titles may have typing errors",
    )
    genre: Name | None = Field(default=None, description="a slug of /genres")
    source: Name | None = Field(default=None, description="a source's name")
    status: NovelStatus | None = None
    author: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        pattern=r"^[^\x00]*$",
        description="an id of /authors, or an author's whole name",
    )
    sort: NovelSort = Field(
        default=NovelSort.RELEVANCE,
        description="without a search, `relevance` means `updated`",
    )

    @property
    def filter(self) -> NovelFilter:
        return NovelFilter(
            self.search, self.genre, self.source, self.status, self.author or None, self.sort
        )


@router.get(
    "/novels",
    summary="Search the library",
    response_model=Page[NovelSummaryResponse],
    responses=conditional(PAGE | {"items": [SUMMARY]}) | error_responses(InvalidRequest),
)
def list_novels(api: ApiDep, known: KnownDep, query: Annotated[NovelQuery, Query()]) -> Response:
    """A page of the novels, most recently updated first (search results: best match first)."""
    with session(api.runtime.database) as opened:
        found, total = find_novels(opened, query.filter, offset=query.offset, limit=query.page_size)
    page = Page.of([NovelSummaryResponse.of(novel) for novel in found], total, query)
    return json_response(page, known)


@router.get(
    "/novels/{slug}",
    summary="Show a novel",
    response_model=NovelResponse,
    responses=conditional(DETAILS) | error_responses(UnknownNovel, InvalidRequest),
)
def get_novel(slug: Slug, api: ApiDep, known: KnownDep) -> Response:
    """A novel's details, without its chapters."""
    with session(api.runtime.database) as opened:
        novel = describe_novel(opened, find_novel(opened, api.runtime.registry, slug))
    return json_response(NovelResponse.of_details(novel), known)


@router.get(
    "/novels/{slug}/chapters",
    summary="List a novel's chapters",
    response_model=Page[ChapterResponse],
    responses=conditional(PAGE | {"items": [CHAPTER]})
    | error_responses(UnknownNovel, InvalidRequest),
)
def list_chapters(
    slug: Slug, api: ApiDep, known: KnownDep, query: Annotated[PageQuery, Query()]
) -> Response:
    """A page of the chapters in order, including removed ones."""
    with session(api.runtime.database) as opened:
        novel_id = find_novel(opened, api.runtime.registry, slug)
        found, total = page_of_chapters(
            opened, novel_id, offset=query.offset, limit=query.page_size
        )
    page = Page.of([ChapterResponse.of(chapter) for chapter in found], total, query)
    return json_response(page, known)


@router.get(
    "/novels/{slug}/chapters/{number}",
    summary="Read a chapter",
    response_model=ChapterTextResponse,
    responses=conditional(TEXT)
    | error_responses(UnknownNovel, UnknownChapter, ChapterNotHeld, InvalidRequest),
)
def get_chapter(
    slug: Slug,
    number: Number,
    api: ApiDep,
    known: KnownDep,
    version: Annotated[
        int | None,
        Query(ge=1, le=_MAX_ID, description="an earlier version; default: the current one"),
    ] = None,
) -> Response:
    """A chapter's text and notes, with the numbers of the previous and next chapters."""
    with session(api.runtime.database) as opened:
        novel_id = find_novel(opened, api.runtime.registry, slug)
        text = read_chapter(opened, novel_id, str(number), version=version)
        around = neighbours(opened, novel_id, number)
    return json_response(ChapterTextResponse.of(text, around), known)


@router.get(
    "/novels/{slug}/chapters/{number}/revisions",
    summary="List a chapter's revisions",
    response_model=Page[RevisionResponse],
    responses=conditional(PAGE | {"items": [REVISION]})
    | error_responses(UnknownNovel, InvalidRequest),
)
def list_revisions(
    slug: Slug, number: Number, api: ApiDep, known: KnownDep, query: Annotated[PageQuery, Query()]
) -> Response:
    """A page of a chapter's versions, newest first, each compared with the previous one."""
    with session(api.runtime.database) as opened:
        novel_id = find_novel(opened, api.runtime.registry, slug)
        text = read_chapter(opened, novel_id, str(number))
        # One more: the oldest one of the page is compared with it.
        found = versions(opened, novel_id, text, offset=query.offset, limit=query.page_size + 1)
    listed = [RevisionResponse.of(one) for one in revisions(found)[: query.page_size]]
    return json_response(Page.of(listed, text.versions, query), known)


_IMAGE: dict[int | str, dict[str, Any]] = {
    200: {
        "headers": HEADERS,
        "content": {"image/*": {"schema": BYTES, "example": "(its bytes)"}},
    },
    304: {"description": "Nothing has changed since.", "headers": HEADERS},
}


@router.get(
    "/novels/{slug}/cover",
    summary="Show a novel's cover",
    response_class=Response,
    responses=_IMAGE | error_responses(UnknownNovel, UnknownImage, InvalidRequest),
)
def get_cover(slug: Slug, api: ApiDep, known: KnownDep) -> Response:
    """The archived cover."""
    with session(api.runtime.database) as opened:
        novel_id = find_novel(opened, api.runtime.registry, slug)
        held = held_cover(opened, novel_id)
        if known.has(held.tag):
            return Response(status_code=304, headers=validators(held.tag, _AN_HOUR))
        image = read_image(opened, held)
    return _picture(held, image)


@router.get(
    "/novels/{slug}/images/{image_id}",
    summary="Show an image of a chapter",
    response_class=Response,
    responses=_IMAGE | error_responses(UnknownNovel, UnknownImage, InvalidRequest),
)
def get_image(
    slug: Slug,
    image_id: Annotated[int, Path(ge=1, le=_MAX_ID, examples=[7])],
    api: ApiDep,
    known: KnownDep,
) -> Response:
    """An archived image."""
    with session(api.runtime.database) as opened:
        novel_id = find_novel(opened, api.runtime.registry, slug)
        held = held_image(opened, novel_id, image_id)
        if known.has(held.tag):
            return Response(status_code=304, headers=validators(held.tag, _AN_HOUR))
        image = read_image(opened, held)
    return _picture(held, image)


def _picture(held: HeldImage, image: Image) -> Response:
    return Response(image.body, headers=validators(held.tag, _AN_HOUR), media_type=image.media_type)
