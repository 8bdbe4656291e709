"""`GET /sources`: the installed sources and their states."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from starlette.responses import Response

from novel_api.conditional import KnownDep, conditional, json_response
from novel_api.context import ApiDep
from novel_api.errors import InvalidRequest
from novel_api.gate import RequireScope
from novel_api.keys import Scope
from novel_api.openapi import SupportedSource, error_responses
from novel_api.paging import PAGE, Page
from novel_core.registry import EntryKind, Registry, SourceState

router = APIRouter(tags=["sources"], dependencies=[Depends(RequireScope(Scope.READ))])


_EXAMPLE = {
    "name": "royalroad",
    "title": "Royal Road",
    "homepage": "https://www.royalroad.com/",
    "domains": ["www.royalroad.com", "royalroad.com"],
    "kind": "source",
    "site_count": None,
    "state": "loaded",
}


class SourceResponse(BaseModel):
    """An installed source; without title, homepage and domains if it is not loaded.

    A family reads every site of one software. It has no homepage; its domains are patterns, and
    `site_count` is the number of sites that its package names.
    """

    name: str
    title: str | None
    homepage: str | None
    domains: list[str]
    kind: EntryKind
    site_count: int | None
    state: SourceState


def supported_sources(registry: Registry) -> list[SupportedSource]:
    """Return the supported sites."""
    return [
        SupportedSource.model_validate(source.info, from_attributes=True)
        for source in registry.loaded
    ]


@router.get(
    "/sources",
    summary="List the sources",
    response_model=Page[SourceResponse],
    responses=conditional(PAGE | {"items": [_EXAMPLE], "page_size": 1})
    | error_responses(InvalidRequest),
)
async def list_sources(api: ApiDep, known: KnownDep) -> Response:
    """All installed sources and families in one page, with their states; `loaded` ones can be used."""
    found = [
        SourceResponse(
            name=entry.name,
            title=entry.title,
            homepage=entry.source.info.homepage if entry.source else None,
            domains=list(entry.domains),
            kind=entry.kind,
            site_count=None if entry.sites is None else len(entry.sites),
            state=entry.state,
        )
        for entry in api.runtime.registry.sources
    ]
    return json_response(Page.whole(found), known)
