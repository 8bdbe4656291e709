"""Giving a site its permanent name."""

from __future__ import annotations

from itertools import chain
from typing import Literal

from sqlalchemy import exists, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from novel_core.db.jobs import JobRow
from novel_core.db.novels import NovelRow
from novel_core.db.sites import SiteRow, site_address
from novel_core.errors import SiteRemoved, StorageError
from novel_core.plugin import Site
from novel_core.sites.addresses import base_address, further_names, without_scheme

#: Where a site comes from: a package ships it, a pattern of hosts covers it, an operator added it.
AddedBy = Literal["package", "wildcard", "operator"]


def assign_name(session: Session, site: Site, added_by: AddedBy) -> str:
    """Return the permanent name of the site, storing the site if it is new.

    The name belongs to the family and the base address: the first to ask stores `site.name`, and
    all others get that name, at the same moment too. If it belongs to another site, this one gets
    another name. A name that novels or jobs have already is given only to a site that a package
    ships under it. A site that was removed is in use again if an operator adds it or a package
    ships it; otherwise SiteRemoved.
    """
    base_url = base_address(site.base_url)
    for name in chain([site.name], further_names(site.name, base_url)):
        stored = _stored_name(session, site.family, base_url, added_by)
        if stored is not None:
            return stored
        if added_by != "package" and _is_used(session, name):
            continue
        if _insert(session, site, name, base_url, added_by):
            return name
    # Another process stored the site under the last name, or all of its names are in use.
    stored = _stored_name(session, site.family, base_url, added_by)
    if stored is None:
        raise StorageError(f"No name is free for the site {base_url}.", hint="Give it another one.")
    return stored


def _stored_name(session: Session, family: str, base_url: str, added_by: AddedBy) -> str | None:
    """The site's name; a removed site is in use again, unless a machine has only not seen it yet."""
    found = session.execute(
        select(SiteRow.name, SiteRow.removed_at, SiteRow.added_by).where(
            SiteRow.family == family, site_address == without_scheme(base_url)
        )
    ).first()
    if found is None:
        return None
    if found.removed_at is not None and added_by == "wildcard" and found.added_by == "operator":
        raise SiteRemoved(f"The site {found.name} ({base_url}) was removed.")
    if found.removed_at is not None:
        session.execute(update(SiteRow).where(SiteRow.name == found.name).values(removed_at=None))
    return str(found.name)


def is_removed(session: Session, name: str) -> bool:
    """Whether the site called `name` was removed."""
    found = select(SiteRow.name).where(SiteRow.name == name, SiteRow.removed_at.is_not(None))
    return session.scalar(found) is not None


def _insert(session: Session, site: Site, name: str, base_url: str, added_by: AddedBy) -> bool:
    """Whether the site was stored; not if another one has its name, or it was just stored."""
    statement = (
        insert(SiteRow)
        .values(
            name=name,
            family=site.family,
            base_url=base_url,
            hosts=list(site.hosts),
            title=site.title,
            language=site.language,
            time_zone=site.time_zone,
            rate_group=site.rate_group,
            options=dict(site.options),
            added_by=added_by,
        )
        .on_conflict_do_nothing()
        .returning(SiteRow.name)
    )
    return session.scalar(statement) is not None


def _is_used(session: Session, name: str) -> bool:
    """Whether novels or jobs have the name as their source."""
    uses = or_(exists().where(NovelRow.source == name), exists().where(JobRow.source == name))
    return bool(session.scalar(select(uses)))
