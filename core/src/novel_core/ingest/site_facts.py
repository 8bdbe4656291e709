"""What a family's `recognise` finds on a job's pages about a site that a pattern of hosts covers.

Nobody has listed such a site: its time zone, title, language and options are known from its own
pages only. They are kept in the table of sites, for every later job on every machine.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from sqlalchemy import update

from novel_core.archive.pages import load_page, sizes_of_pages
from novel_core.db.engine import session
from novel_core.db.sites import SiteRow
from novel_core.errors import NovelError
from novel_core.ingest.attempt import Attempt
from novel_core.ingest.parsed_pages import ParsedPages
from novel_core.plugin import Site
from novel_core.registry.loaded_family import LoadedFamily
from novel_core.source import PageKind
from novel_core.steps import limited

#: Pages that are looked at, until one tells.
_MOST = 3
_FACTS = ("title", "language", "time_zone", "options")


def with_site_facts(attempt: Attempt) -> Attempt:
    """The attempt with a source that knows what its pages tell of the site; it is stored too."""
    site, registry = attempt.source.site, attempt.runtime.registry
    family = registry.families.get(site.family) if site else None
    if site is None or family is None or registry.is_shipped(site):
        return attempt
    try:
        told = _told(attempt, family, site)
        if told == site or not _store(attempt, told):
            return attempt
        # What the crawl has parsed was parsed without it.
        source = family.load(told)
    except NovelError as error:
        attempt.warn([f"What the pages tell of the site is left out: {error.message}"])
        return attempt
    return replace(attempt, source=source, parsed=ParsedPages())


def _told(attempt: Attempt, family: LoadedFamily, site: Site) -> Site:
    with session(attempt.database) as opened:
        ids = [page_id for page_id, _ in sizes_of_pages(opened, attempt.job_id, PageKind.INDEX)]
    for page_id in ids[:_MOST]:
        with session(attempt.database) as opened:
            page = load_page(opened, page_id)
        look = partial(family.told_on, page, site)
        told = limited(f"recognise of {family.title} on", page.address, look)
        if told != site:
            return told
    return site


def _store(attempt: Attempt, site: Site) -> bool:
    """Whether the site is one by a pattern; what an operator has added is the operator's."""
    with attempt.transaction() as opened:
        written = opened.execute(
            update(SiteRow)
            .where(SiteRow.name == site.name, SiteRow.added_by == "wildcard")
            .values({name: getattr(site, name) for name in _FACTS})
            .returning(SiteRow.name)
        )
        return written.first() is not None
