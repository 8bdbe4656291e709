"""Feeds of the OPDS catalogue: navigation feeds and acquisition feeds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from novel_api.atom import Feed, FeedEntry, Link, link_to, own_path, write
from novel_api.conditional import KnownDep, bytes_response
from novel_api.context import Api
from novel_api.paging import PageQuery
from novel_core.content import to_text
from novel_core.db.engine import session
from novel_core.library import catalogue
from novel_core.library.catalogue import NovelFilter
from novel_core.library.images import cover_types
from novel_core.library.novels import Book

_CATALOG = "application/atom+xml;profile=opds-catalog"
NAVIGATION = f"{_CATALOG};kind=navigation"
ACQUISITION = f"{_CATALOG};kind=acquisition"
SEARCH_TYPE = "application/opensearchdescription+xml"
EPUB = "application/epub+zip"
#: The update time of entries that never change.
NEVER = datetime(2000, 1, 1, tzinfo=UTC)
_SUMMARY = 1_000


def shelves(kind: str, path: str, found: Iterable[tuple[str, str]]) -> list[FeedEntry]:
    return [
        FeedEntry(
            id=f"urn:novel-ingestion:opds:{kind}:{name}",
            title=title,
            updated=NEVER,
            links=[Link("subsection", link_to(f"{path}/{name}"), ACQUISITION)],
        )
        for name, title in found
    ]


def navigation(
    request: Request,
    known: KnownDep,
    title: str,
    entries: list[FeedEntry],
    links: list[Link] | None = None,
) -> Response:
    feed = Feed(
        id=f"urn:novel-ingestion:{request.url.path[1:].replace('/', ':')}",
        title=title,
        updated=NEVER,
        links=[*_everywhere(request, NAVIGATION), *(links or ())],
        entries=entries,
    )
    return bytes_response(write(feed), NAVIGATION, known)


def novels(
    api: Api, request: Request, known: KnownDep, title: str, wanted: NovelFilter, query: PageQuery
) -> Response:
    with session(api.runtime.database) as opened:
        found, total = catalogue.find_books(
            opened, replace(wanted, has_text=True), offset=query.offset, limit=query.page_size
        )
        covers = cover_types(opened, [novel.summary for novel in found])
    updated = max((novel.summary.updated_at for novel in found), default=NEVER)
    feed = Feed(
        id=f"urn:novel-ingestion:{request.url.path[1:].replace('/', ':')}",
        title=title,
        updated=updated,
        links=[*_everywhere(request, ACQUISITION), *turning(request, query, total, ACQUISITION)],
        entries=[_book(novel, covers.get(novel.summary.id)) for novel in found],
        total=total,
        per_page=query.page_size,
    )
    return bytes_response(write(feed), ACQUISITION, known)


def _book(novel: Book, cover_type: str | None) -> FeedEntry:
    """Return a novel's entry; `cover_type` is the media type of its cover, None without one."""
    summary = novel.summary
    text = " ".join(to_text(novel.description_html).split())
    links = [
        Link(
            "http://opds-spec.org/acquisition/open-access",
            link_to(f"/novels/{summary.slug}.epub"),
            EPUB,
        )
    ]
    if cover_type is not None:
        cover = link_to(f"/novels/{summary.slug}/cover")
        links += [
            Link("http://opds-spec.org/image", cover, cover_type),
            Link("http://opds-spec.org/image/thumbnail", cover, cover_type),
        ]
    return FeedEntry(
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
        Link("self", own_path(request), kind),
        Link("start", link_to("/opds"), NAVIGATION),
        Link("search", link_to("/opds/search.xml"), SEARCH_TYPE),
    ]


def turning(request: Request, query: PageQuery, total: int, kind: str) -> list[Link]:
    """Return the links to the previous and the next page."""
    pages = {"previous": query.page - 1, "next": query.page + 1}
    last = -(-total // query.page_size)
    kept = {"page_size": query.page_size, "q": getattr(query, "q", None)}
    return [
        Link(rel, link_to(request.url.path, page=page, **kept), kind)
        for rel, page in pages.items()
        if 1 <= page <= last
    ]
