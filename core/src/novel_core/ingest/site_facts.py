"""What a family's `recognise` finds on a job's pages about a site that a pattern of hosts covers.

Nobody has listed such a site: its time zone, title, language and options are known from its own
pages only. They are kept in the table of sites, for every later job on every machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from sqlalchemy import update

from novel_core.archive.pages import load_page, sizes_of_pages
from novel_core.db.engine import session
from novel_core.db.sites import SiteRow
from novel_core.errors import NovelError
from novel_core.ingest.attempt import Attempt
from novel_core.ingest.parsed_pages import ParsedPages
from novel_core.plugin import Recognition, Site
from novel_core.registry.loaded_family import LoadedFamily
from novel_core.sites.addresses import base_address, without_scheme
from novel_core.source import PageKind
from novel_core.steps import limited

#: Pages that are looked at, until one tells.
_MOST = 3


def with_site_facts(attempt: Attempt) -> Attempt:
    """The attempt with a source that knows what its pages tell of the site; it is stored too."""
    site, registry = attempt.source.site, attempt.runtime.registry
    family = registry.families.get(site.family) if site else None
    if site is None or family is None or registry.is_shipped(site):
        return attempt
    try:
        found = _recognised(attempt, family, site)
        values = _news(site, found) if found else {}
        if not values or not _store(attempt, site, values):
            return attempt
        # What the crawl has parsed was parsed without them.
        source = family.load(replace(site, **values))
    except NovelError as error:
        attempt.warn([f"What the pages tell of the site is left out: {error.message}"])
        return attempt
    return replace(attempt, source=source, parsed=ParsedPages())


def _recognised(attempt: Attempt, family: LoadedFamily, site: Site) -> Recognition | None:
    with session(attempt.database) as opened:
        ids = [page_id for page_id, _ in sizes_of_pages(opened, attempt.job_id, PageKind.INDEX)]
    for page_id in ids[:_MOST]:
        with session(attempt.database) as opened:
            page = load_page(opened, page_id)
        look = partial(family.recognise, page)
        found = limited(f"recognise of {family.title} on", page.address, look)
        if found and _place(found.base_url) == _place(site.base_url):
            return found
    return None


def _place(base_url: str) -> str:
    return without_scheme(base_address(base_url))


def _news(site: Site, found: Recognition) -> Mapping[str, Any]:
    """The fields of the site that the answer gives otherwise; what it leaves out stays."""
    given = {
        "title": found.title or site.title,
        "language": found.language or site.language,
        "time_zone": site.time_zone if found.time_zone == "UTC" else found.time_zone,
        "options": {**site.options, **found.options},
    }
    return {name: value for name, value in given.items() if value != getattr(site, name)}


def _store(attempt: Attempt, site: Site, values: Mapping[str, Any]) -> bool:
    """Whether the site is one by a pattern; what an operator has added is the operator's."""
    with attempt.transaction() as opened:
        written = opened.execute(
            update(SiteRow)
            .where(SiteRow.name == site.name, SiteRow.added_by == "wildcard")
            .values(**values)
            .returning(SiteRow.name)
        )
        return written.first() is not None
