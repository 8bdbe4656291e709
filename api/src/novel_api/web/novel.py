"""`/book/{slug}`: a novel with its chapters."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, FastAPI, Query
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import NoMatchFound

from novel_api.context import ApiDep, ReaderDep
from novel_api.ingestion import Slug
from novel_api.paging import LAST_PAGE
from novel_api.web.chapter_html import archived_images, shown_html
from novel_api.web.formatting import percent
from novel_api.web.render import page
from novel_core.db.engine import session
from novel_core.db.service import WatchRow
from novel_core.items import TagKind
from novel_core.jobs.views import JobFilter, JobView, find_jobs
from novel_core.library.genres import SLUGS
from novel_core.library.images import cover_types
from novel_core.library.novels import describe_novel, find_novel
from novel_core.library.recent_changes import list_changes
from novel_core.library.revisions import page_of_chapters
from novel_core.states import JobState

router = APIRouter(include_in_schema=False)

_PAGE_SIZE = 300
#: Prefix of the names of download routes, and the formats that have a button.
_DOWNLOAD = "download"
_KINDS = ("epub", "html")

PageNumber = Annotated[int, Query(alias="page", ge=1, le=LAST_PAGE)]


@router.get("/book/{slug}")
def show_novel(
    request: Request, slug: Slug, api: ApiDep, _caller: ReaderDep, number: PageNumber = 1
) -> Response:
    """A novel's page; very many chapters are on several pages."""
    with session(api.runtime.database) as opened:
        novel_id = find_novel(opened, api.runtime.registry, slug)
        novel = describe_novel(opened, novel_id)
        chapters, total = page_of_chapters(
            opened, novel_id, offset=(number - 1) * _PAGE_SIZE, limit=_PAGE_SIZE
        )
        covers = cover_types(opened, [novel.summary])
        changes = list_changes(opened, novel_id)
        watch = opened.get(WatchRow, novel_id)
        due_at = watch.due_at if watch else None
        job = _open_job(opened, novel.summary.slug)
        images = archived_images(opened, novel_id, novel.description_html)
    present = novel.summary.held + novel.missing + novel.locked
    return page(
        request,
        "novel.html",
        novel=novel,
        summary=novel.summary,
        description=shown_html(novel.description_html, novel.summary.slug, images),
        volumes=[
            (title, list(group)) for title, group in groupby(chapters, lambda one: one.volume)
        ],
        first=next((chapter.number for chapter in chapters if chapter.state == "held"), None),
        number=number,
        pages=max(1, -(-total // _PAGE_SIZE)),
        has_cover=bool(covers),
        changes=changes,
        due_at=due_at,
        job=job,
        present=present,
        percent=percent(novel.summary.held, present),
        genres=[tag for tag in novel.tags if _is_genre(tag)],
        tags=[tag for tag in novel.tags if not _is_genre(tag)],
        now=datetime.now(UTC),
        source_title=api.runtime.registry.title_of(novel.summary.source),
        downloads=exports(request.app, novel.summary.slug),
    )


def _open_job(opened: Session, slug: str) -> JobView | None:
    newest = find_jobs(opened, JobFilter(novel=slug), limit=1)
    return newest[0] if newest and not JobState(newest[0].status).is_terminal else None


def _is_genre(tag: dict[str, str]) -> bool:
    """Whether the library can be filtered by the tag."""
    return tag["kind"] == TagKind.GENRE or (tag["kind"] == TagKind.TAG and tag["slug"] in SLUGS)


def exports(app: FastAPI, slug: str) -> dict[str, str]:
    """Return the download URLs by format; empty if the application has no download routes."""
    try:
        return {kind: app.url_path_for(f"{_DOWNLOAD}_{kind}", slug=slug) for kind in _KINDS}
    except NoMatchFound:
        return {}
