"""`/supported`: the installed sources, with the rate and the last request of each site."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from novel_api.context import AdminDep, Api, ApiDep, ReaderDep
from novel_api.sources import SourceName
from novel_api.web.forms import Form
from novel_api.web.render import go_to, page
from novel_core import intake
from novel_core.crawl.politeness import politeness_of, rate_groups
from novel_core.db.engine import session
from novel_core.db.jobs import JobRow
from novel_core.db.novels import NovelRow
from novel_core.db.pages import OriginRow
from novel_core.registry import SourceEntry

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Site:
    """A source, or a family with the facts of all of its sites.

    `rate` is in requests a second; 0: no limit, None: no loaded source.
    """

    entry: SourceEntry
    title: str
    homepage: str | None
    rate: float | None
    last_request_at: datetime | None
    paused_until: datetime | None
    novels: int


@router.get("/supported")
def show_sites(request: Request, api: ApiDep, _caller: ReaderDep) -> Response:
    """All installed sources, with the errors of broken ones."""
    with session(api.runtime.database) as opened:
        last_requests = _last_requests(opened)
        pauses = _pauses(opened)
        novels = _novels(opened)
        added = [site for site in intake.sites(opened) if site.added_by == "operator"]
    sites = [
        _site(api, entry, last_requests, pauses, novels) for entry in api.runtime.registry.sources
    ]
    return page(request, "sites.html", sites=sites, added=added)


@router.post("/supported/{name}/remove")
def remove_site(name: SourceName, api: ApiDep, _caller: AdminDep, _form: Form) -> Response:
    """Request nothing more from the site; its novels stay."""
    with session(api.runtime.database) as opened:
        intake.remove_site(opened, api.runtime.registry, name)
    return go_to("/supported")


def _site(
    api: Api,
    entry: SourceEntry,
    last_requests: dict[str, datetime],
    pauses: dict[str, datetime],
    novels: dict[str, int],
) -> Site:
    info = entry.source.info if entry.source else None
    rate = politeness_of(info, api.runtime.settings).requests_per_second if info else None
    groups = set(rate_groups(info).values()) if info else set(entry.domains)
    groups |= {site.rate_group or site.host for site in entry.sites or ()}
    # The names under which novels and jobs are stored.
    names = {site.name for site in entry.sites or ()} | {entry.name}
    return Site(
        entry=entry,
        title=entry.title or entry.name,
        homepage=info.homepage if info else None,
        rate=rate,
        last_request_at=_latest(last_requests, names),
        paused_until=_latest(pauses, groups),
        novels=sum(novels.get(name, 0) for name in names),
    )


def _latest(times: dict[str, datetime], names: set[str]) -> datetime | None:
    return max((times[name] for name in names if name in times), default=None)


def _last_requests(opened: Session) -> dict[str, datetime]:
    """Return the last update of a job with requests, by source."""
    rows = opened.execute(
        select(JobRow.source, func.max(JobRow.updated_at))
        .where(JobRow.requests > 0)
        .group_by(JobRow.source)
    )
    return {row[0]: row[1] for row in rows}


def _pauses(opened: Session) -> dict[str, datetime]:
    """Return the rate groups that are paused, and until when."""
    rows = opened.execute(
        select(OriginRow.rate_group, func.max(OriginRow.blocked_until))
        .where(OriginRow.blocked_until > func.now())
        .group_by(OriginRow.rate_group)
    )
    return {str(group): until for group, until in rows if until is not None}


def _novels(opened: Session) -> dict[str, int]:
    rows = opened.execute(select(NovelRow.source, func.count()).group_by(NovelRow.source))
    return {row[0]: row[1] for row in rows}
