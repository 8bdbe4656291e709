"""Names and addresses that two have: neither is loaded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from novel_core.plugin import Site
from novel_core.registry.entry import EntryKind, SourceEntry, SourceState
from novel_core.registry.loaded_family import LoadedFamily
from novel_core.sites.addresses import without_scheme


def without_duplicates(entries: list[SourceEntry]) -> list[SourceEntry]:
    """The entries, where what two of them have is loaded by neither.

    That is a name of a source, family or site, an address of a site, or a pattern of hosts.
    """
    owners: dict[str, list[str]] = defaultdict(list)
    for entry in entries:
        if entry.source or entry.family:
            for key in (entry.name, *_family_keys(entry.family)):
                owners[key].append(str(entry.package))
    shared = _Shared({key: found for key, found in owners.items() if len(found) > 1})
    return [kept for entry in entries for kept in shared.take_from(entry)]


def _family_keys(family: LoadedFamily | None) -> Iterator[str]:
    if family is not None:
        yield from dict.fromkeys(family.host_patterns)
        for site in family.sites:
            yield from site_keys(site)


def site_keys(site: Site) -> Iterable[str]:
    """The site's name and addresses, in which `//` tells one from the other."""
    aliases = (f"//{alias}{site.path}" for alias in site.aliases)
    return dict.fromkeys((site.name, f"//{without_scheme(site.base_url)}", *aliases))


@dataclass(frozen=True, slots=True)
class _Shared:
    """The keys that more than one has, with the packages that have them."""

    owners: Mapping[str, list[str]]

    def take_from(self, entry: SourceEntry) -> Iterator[SourceEntry]:
        """The entry without what is shared, and an entry for each part that was taken away."""
        if entry.name in self.owners and (entry.source or entry.family):
            claimed = replace(entry, contender=entry.source)
            yield self._duplicate(claimed, entry.name, f"the name {entry.name}")
        elif entry.family is None:
            yield entry
        else:
            family = entry.family
            patterns = tuple(one for one in family.host_patterns if one not in self.owners)
            sites = tuple(site for site in family.sites if not self._shared_key(site))
            yield replace(entry, family=replace(family, host_patterns=patterns, sites=sites))
            for pattern in dict.fromkeys(family.host_patterns):
                if pattern in self.owners:
                    yield self._duplicate(entry, pattern, f"the host pattern {pattern}")
            for site in family.sites:
                if key := self._shared_key(site):
                    part = "name" if key == site.name else "address"
                    what = f"the {part} {key.removeprefix('//')}"
                    place = replace(entry, name=site.name, kind=EntryKind.SITE, contender=site)
                    yield self._duplicate(place, key, what)

    def _shared_key(self, site: Site) -> str | None:
        return next((key for key in site_keys(site) if key in self.owners), None)

    def _duplicate(self, entry: SourceEntry, key: str, what: str) -> SourceEntry:
        names = list(dict.fromkeys(self.owners[key]))
        times = "more than once by " if len(names) == 1 else "by "
        error = f"{what} is used {times}{' and '.join(names)}; disable or uninstall all but one"
        name = key if key.startswith("*") else entry.name
        state = SourceState.DUPLICATE
        return replace(entry, name=name, state=state, error=error, source=None, family=None)
