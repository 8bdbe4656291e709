"""The sites in use, and removing one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from novel_core.db.jobs import JobRow
from novel_core.db.novels import NovelRow
from novel_core.db.sites import SiteRow
from novel_core.errors import SiteRemoved, UnknownSource, UsageError
from novel_core.jobs import events
from novel_core.jobs.unclaimed import cancel_idle
from novel_core.registry import Registry
from novel_core.sites.store import note_change
from novel_core.states import TERMINAL


@dataclass(frozen=True, slots=True)
class SiteView:
    """A site that was used or added; `novels` is how many the library has of it.

    `added_by` is `package`, `wildcard` or `operator`.
    """

    name: str
    title: str
    family: str
    base_url: str
    hosts: tuple[str, ...]
    added_by: str
    novels: int
    created_at: datetime
    removed_at: datetime | None


@dataclass(frozen=True, slots=True)
class RemovedSite:
    """A site that is not requested any more; `jobs` is how many open jobs of it end."""

    name: str
    novels: int
    jobs: int


def sites(session: Session, name: str | None = None) -> list[SiteView]:
    """The stored sites by name, removed ones too; with `name` that one, or UnknownSource.

    >>> sites(session, "unlisted-example")
    Traceback (most recent call last):
    novel_core.errors.UnknownSource: There is no site 'unlisted-example'.
    """
    novels = select(func.count()).where(NovelRow.source == SiteRow.name).scalar_subquery()
    query = select(SiteRow, novels).order_by(SiteRow.name)
    if name is not None:
        query = query.where(SiteRow.name == name)
    found = [
        SiteView(
            name=row.name,
            title=row.title,
            family=row.family,
            base_url=row.base_url,
            hosts=tuple(row.hosts),
            added_by=row.added_by,
            novels=count,
            created_at=row.created_at,
            removed_at=row.removed_at,
        )
        for row, count in session.execute(query)
    ]
    if name is not None and not found:
        raise UnknownSource(f"There is no site {name!r}.", hint="`novel sites list` lists them.")
    return found


def remove_site(session: Session, registry: Registry, name: str) -> RemovedSite:
    """Request nothing more of a site that was added; its novels stay, and can be read.

    Its waiting jobs end at once, running ones within seconds. Raise UnknownSource, or UsageError
    for a site that a package ships or a pattern of hosts covers. Removing it twice changes nothing.

    >>> remove_site(session, registry, "unlisted-example")
    Traceback (most recent call last):
    novel_core.errors.UnknownSource: There is no site 'unlisted-example'.
    """
    (view,) = sites(session, name)
    if view.added_by != "operator" or registry.is_shipped_at(view.family, view.base_url):
        raise UsageError(
            f"{name} was not added by anybody: an installed package knows it.",
            hint=f"NOVEL_DISABLED_SOURCES={name} keeps it from being requested.",
        )
    session.execute(
        update(SiteRow)
        .where(SiteRow.name == name, SiteRow.removed_at.is_(None))
        .values(removed_at=func.now())
        .execution_options(synchronize_session=False)
    )
    note_change(session)
    return RemovedSite(name, view.novels, _end_jobs(session, name))


def _end_jobs(session: Session, name: str) -> int:
    """Cancel the open jobs of the site; how many there are."""
    jobs = session.scalars(
        select(JobRow.id)
        .where(JobRow.source == name, JobRow.status.not_in(list(TERMINAL)))
        .order_by(JobRow.id)
    ).all()
    error = SiteRemoved(f"The site {name} was removed.")
    for job_id in jobs:
        if not cancel_idle(session, job_id, error):
            session.execute(
                update(JobRow)
                .where(JobRow.id == job_id, JobRow.cancel_requested_at.is_(None))
                .values(cancel_requested_at=func.now())
                .execution_options(synchronize_session=False)
            )
            events.record(session, job_id, "note", error.message)
    return len(jobs)
