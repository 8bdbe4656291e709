"""`GET /sources`: the installed sources and families, and their states."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from novel_api.conditional import KnownDep, conditional, json_response
from novel_api.context import ApiDep
from novel_api.errors import InvalidRequest
from novel_api.gate import RequireScope
from novel_api.keys import Scope
from novel_api.openapi import SupportedSource, error_responses
from novel_api.paging import PAGE, Page
from novel_core.errors import UnknownSource
from novel_core.registry import EntryKind, Registry, SourceEntry, SourceState

router = APIRouter(tags=["sources"], dependencies=[Depends(RequireScope(Scope.READ))])


SourceName = Annotated[
    str,
    Path(
        min_length=1,
        max_length=100,
        # As `forums[2]` too, which is an entry that has no name.
        pattern=r"^[A-Za-z0-9*][\]\[A-Za-z0-9._-]*$",
        description="the name of a source, a family or a site",
    ),
]
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


class SiteResponse(BaseModel):
    """A site of a family."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    title: str
    base_url: str
    language: str | None


class SourceDetailResponse(SourceResponse):
    """A source, a family with the sites that its package names, or one site of a family."""

    error: str | None
    sites: list[SiteResponse]


def supported_sources(registry: Registry) -> list[SupportedSource]:
    """Return the supported sites."""
    return [
        SupportedSource.model_validate(source.info, from_attributes=True)
        for source in registry.loaded
    ]


def _known(entry: SourceEntry) -> dict[str, Any]:
    """What the list and the detail view tell of an entry."""
    return {
        "name": entry.name,
        "title": entry.title,
        "homepage": entry.source.info.homepage if entry.source else None,
        "domains": list(entry.domains),
        "kind": entry.kind,
        "site_count": None if entry.sites is None else len(entry.sites),
        "state": entry.state,
    }


@router.get(
    "/sources",
    summary="List the sources",
    response_model=Page[SourceResponse],
    responses=conditional(PAGE | {"items": [_EXAMPLE], "page_size": 1})
    | error_responses(InvalidRequest),
)
async def list_sources(api: ApiDep, known: KnownDep) -> Response:
    """All installed sources and families in one page, with their states; `loaded` ones can be used."""
    found = [SourceResponse(**_known(entry)) for entry in api.runtime.registry.sources]
    return json_response(Page.whole(found), known)


@router.get(
    "/sources/{name}",
    summary="Show a source",
    response_model=SourceDetailResponse,
    responses=conditional(_EXAMPLE | {"error": None, "sites": []})
    | error_responses(UnknownSource, InvalidRequest),
)
def get_source(name: SourceName, api: ApiDep, known: KnownDep) -> Response:
    """A source, a family with its sites, or one site of a family; with the error if it failed."""
    entry = api.runtime.registry.entry(name)
    sites = [SiteResponse.model_validate(site) for site in entry.sites or ()]
    shown = SourceDetailResponse(**_known(entry), error=entry.error, sites=sites)
    return json_response(shown, known)
