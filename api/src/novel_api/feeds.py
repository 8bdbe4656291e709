"""Atom feeds of new chapters: of the whole library, and of one novel."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from novel_api.atom import FEED_TYPE, Feed, FeedEntry, Link, link_to, own_path, write
from novel_api.conditional import HEADERS, KnownDep, bytes_response
from novel_api.context import ApiDep
from novel_api.errors import InvalidRequest
from novel_api.gate import RequireScope
from novel_api.ingestion import Slug
from novel_api.keys import Scope
from novel_api.openapi import TEXT, error_responses
from novel_core.cli.titles import numbered
from novel_core.db.engine import session
from novel_core.errors import UnknownNovel
from novel_core.library.novels import describe_novel, find_novel
from novel_core.library.recent_changes import NewChapter, new_chapters
from novel_core.plurals import several

router = APIRouter(tags=["library"], dependencies=[Depends(RequireScope(Scope.READ))])

_NEVER = datetime(2000, 1, 1, tzinfo=UTC)
_EXAMPLE = '<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:novel-ingestion:library</id></feed>'
_FEED: dict[int | str, dict[str, Any]] = {
    200: {"headers": HEADERS, "content": {FEED_TYPE: {"schema": TEXT, "example": _EXAMPLE}}},
    304: {"description": "Nothing has changed since.", "headers": HEADERS},
}


@router.get(
    "/feed.atom",
    summary="Follow the library",
    response_class=Response,
    responses=_FEED | error_responses(InvalidRequest),
)
def get_library_feed(api: ApiDep, request: Request, known: KnownDep) -> Response:
    """The newest chapters of all novels, as an Atom feed."""
    with session(api.runtime.database) as opened:
        news = new_chapters(opened)
    return _answer(request, known, "urn:novel-ingestion:library", "New chapters", news, whole=True)


@router.get(
    "/novels/{slug}/feed.atom",
    summary="Follow a novel",
    response_class=Response,
    responses=_FEED | error_responses(UnknownNovel, InvalidRequest),
)
def get_novel_feed(slug: Slug, api: ApiDep, request: Request, known: KnownDep) -> Response:
    """The newest chapters of a novel, as an Atom feed."""
    with session(api.runtime.database) as opened:
        novel_id = find_novel(opened, api.runtime.registry, slug)
        title = describe_novel(opened, novel_id).summary.title
        news = new_chapters(opened, novel_id=novel_id)
    return _answer(request, known, f"urn:novel-ingestion:novel:{novel_id}", title, news)


def _answer(
    request: Request,
    known: KnownDep,
    feed_id: str,
    title: str,
    news: list[NewChapter],
    whole: bool = False,
) -> Response:
    updated = max((chapter.saved_at for chapter in news), default=_NEVER)
    feed = Feed(
        id=feed_id,
        title=title,
        updated=updated,
        links=[Link("self", own_path(request), FEED_TYPE)],
        entries=[_entry(chapter, whole=whole) for chapter in news],
    )
    return bytes_response(write(feed), FEED_TYPE, known)


def _entry(chapter: NewChapter, *, whole: bool) -> FeedEntry:
    name = numbered(chapter.number, chapter.title)
    where = f"/book/{chapter.slug}/{chapter.number}"
    return FeedEntry(
        id=f"urn:novel-ingestion:chapter:{chapter.source}:{chapter.source_id}",
        title=f"{chapter.novel_title}: {name}" if whole else name,
        updated=chapter.saved_at,
        published=chapter.published_at,
        links=[Link("alternate", link_to(where), "text/html")],
        summary=several(chapter.words, "word"),
    )
