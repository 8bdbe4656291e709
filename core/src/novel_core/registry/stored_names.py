"""What the library has in use: names of shipped sites, and the one of several duplicates to load."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from urllib.parse import urlsplit

from novel_core.plugin import Site
from novel_core.registry.duplicates import site_keys
from novel_core.registry.entry import SourceEntry, SourceState
from novel_core.registry.loaded import LoadedSource
from novel_core.registry.loaded_family import FamilySite
from novel_core.registry.resolution import SiteStore
from novel_core.sites.addresses import further_names, without_scheme


def named_as_stored(shipped: Iterable[FamilySite], stored: Sequence[Site]) -> Iterator[FamilySite]:
    """The shipped sites with the names that are stored for their addresses.

    Where another site is stored under the name that the package gives, the site has the name that
    it will get.
    """
    owners = {site.name: _place(site) for site in stored}
    names = {place: name for name, place in owners.items()}
    for one in shipped:
        site = one.site
        name = names.get(_place(site))
        if name is None:
            wishes = chain([site.name], further_names(site.name, site.base_url))
            name = next((wish for wish in wishes if wish not in owners), site.name)
        yield one if name == site.name else one._replace(site=replace(site, name=name))


def settled(entries: Sequence[SourceEntry], store: SiteStore) -> list[SourceEntry]:
    """The entries, with that one of several duplicates loaded which alone is in use already.

    A site is in use if it is stored, a source if the library has a novel of it.
    """
    rivals = [entry for entry in entries if entry.contender is not None]
    sites = tuple(one.contender for one in rivals if isinstance(one.contender, Site))
    stored = {_place(site) for site in store.alike(sites)}
    used = [one for one in rivals if _is_used(one.contender, stored, store)]
    winners = [one for one in used if not any(_clash(one, other) for other in used)]
    return list(_loaded(entries, winners)) if winners else list(entries)


def _loaded(
    entries: Sequence[SourceEntry], winners: Sequence[SourceEntry]
) -> Iterator[SourceEntry]:
    """The entries with the winners loaded; a site's is a part of its family's."""
    for entry in entries:
        contender = entry.contender if entry in winners else None
        if isinstance(contender, LoadedSource):
            yield replace(entry, state=SourceState.LOADED, error=None, source=contender)
        elif entry.family is not None:
            sites = (one.contender for one in winners if isinstance(one.contender, Site))
            more = tuple(site for site in sites if site.family == entry.name)
            family = replace(entry.family, sites=(*entry.family.sites, *more))
            yield replace(entry, family=family)
        elif contender is None:
            yield entry


def _is_used(
    contender: LoadedSource | Site | None, stored: set[tuple[str, str]], store: SiteStore
) -> bool:
    if isinstance(contender, Site):
        return _place(contender) in stored
    url = store.novel_url(contender.name) if contender else None
    return bool(contender and url and urlsplit(url).hostname in contender.info.domains)


def _clash(one: SourceEntry, other: SourceEntry) -> bool:
    return one is not other and not _keys(one).isdisjoint(_keys(other))


def _keys(entry: SourceEntry) -> set[str]:
    site = entry.contender
    return set(site_keys(site)) if isinstance(site, Site) else {entry.name}


def _place(site: Site) -> tuple[str, str]:
    return site.family, without_scheme(site.base_url)
