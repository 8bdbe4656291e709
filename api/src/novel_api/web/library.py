"""`/`: the library, with search and filters."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from novel_api.context import ApiDep, ReaderDep
from novel_api.paging import LAST_PAGE
from novel_api.web.render import page
from novel_core.db.engine import session
from novel_core.items import NovelStatus
from novel_core.library.catalogue import NovelFilter, NovelSort, find_novels, list_genres
from novel_core.library.images import cover_types

router = APIRouter(include_in_schema=False)

_PAGE_SIZE = 24
_SORTS = {
    NovelSort.UPDATED: "Recently updated",
    NovelSort.ADDED: "Recently added",
    NovelSort.TITLE: "Title",
    NovelSort.WORDS: "Longest",
    NovelSort.CHAPTERS: "Most chapters",
    NovelSort.RELEVANCE: "Best match",
}


class LibraryQuery(BaseModel):
    """The query of the library's form; an empty field means no filter."""

    q: str = Field(default="", max_length=200, pattern=r"^[^\x00]*$")
    genre: str = Field(default="", max_length=200, pattern=r"^[^\x00]*$")
    source: str = Field(default="", max_length=200, pattern=r"^[^\x00]*$")
    status: NovelStatus | str = Field(default="", max_length=20, pattern=r"^[a-z]*$")
    sort: NovelSort | str = Field(default="", max_length=20, pattern=r"^[a-z]*$")
    page: int = Field(default=1, ge=1, le=LAST_PAGE)

    @property
    def filter(self) -> NovelFilter:
        sort = NovelSort(self.sort) if self.sort in set(NovelSort) else NovelSort.RELEVANCE
        return NovelFilter(
            search=self.q.strip() or None,
            genre=self.genre or None,
            source=self.source or None,
            status=self.status or None,
            sort=sort,
        )

    def page_url(self, number: int) -> str:
        """Return the URL of another page of the same list."""
        chosen = self.model_dump(exclude={"page"}) | ({"page": number} if number > 1 else {})
        written = urlencode({name: value for name, value in chosen.items() if value})
        return f"/?{written}" if written else "/"


@router.get("/")
def show_library(
    request: Request, api: ApiDep, _caller: ReaderDep, query: Annotated[LibraryQuery, Query()]
) -> Response:
    """The library: covers with titles, most recently updated first (search: best match first)."""
    with session(api.runtime.database) as opened:
        novels, total = find_novels(
            opened, query.filter, offset=(query.page - 1) * _PAGE_SIZE, limit=_PAGE_SIZE
        )
        covers = cover_types(opened, novels)
        genres = list_genres(opened)
    pages = max(1, -(-total // _PAGE_SIZE))
    return page(
        request,
        "library.html",
        query=query,
        chosen=query.filter,
        novels=novels,
        total=total,
        pages=pages,
        covers=covers,
        genres=genres,
        sources=api.runtime.registry.loaded,
        source_titles={one.source: api.runtime.registry.title_of(one.source) for one in novels},
        statuses=[status.value for status in NovelStatus],
        sorts={sort.value: words for sort, words in _SORTS.items()},
    )
