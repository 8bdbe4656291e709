"""Resolving a URL: an index of hosts gives the candidates, and each is asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from novel_core.errors import AmbiguousUrl, NovelError, PluginError
from novel_core.plugin import RefusedHost, Site
from novel_core.registry.loaded import LoadedSource
from novel_core.registry.loaded_family import FamilySite, LoadedFamily
from novel_core.source import UrlMatch
from novel_core.urls import NormalizedUrl


class Resolved(NamedTuple):
    """The source that owns a URL, and its match."""

    source: LoadedSource
    match: UrlMatch


class SiteStore(Protocol):
    """The sites in use: asked about a URL or name that nothing in memory has, and for names."""

    def by_name(self, name: str) -> Site | None:
        """The site called `name`."""

    def by_host(self, host: str) -> Sequence[Site]:
        """The sites at `host`, which differ in their folders or families."""

    def removed(self, name: str, host: str = "") -> Site | None:
        """A removed site called `name`, or at `host`; asked only where no other is found."""

    def alike(self, sites: tuple[Site, ...]) -> Sequence[Site]:
        """The stored sites with the family and address, or the name, of one of `sites`.

        Asked again with the same object: as long as nothing has changed, the answer is the same
        object too.
        """

    def novel_url(self, source: str) -> str | None:
        """The address of a novel of the source called `source`."""


class NoSites:
    """The store of a process without a database."""

    def by_name(self, name: str) -> Site | None:
        del name
        return None

    def by_host(self, host: str) -> Sequence[Site]:
        del host
        return ()

    def removed(self, name: str, host: str = "") -> Site | None:
        del name, host
        return None

    def alike(self, sites: tuple[Site, ...]) -> Sequence[Site]:
        del sites
        return ()

    def novel_url(self, source: str) -> str | None:
        del source
        return None


@dataclass(slots=True)
class HostIndex:
    """The sources and sites at each host, and the families of each pattern of hosts."""

    sources: dict[str, tuple[LoadedSource, ...]] = field(default_factory=dict)
    sites: dict[str, tuple[FamilySite, ...]] = field(default_factory=dict)
    patterns: dict[str, LoadedFamily] = field(default_factory=dict)
    refused: dict[str, RefusedHost] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        sources: Iterable[LoadedSource],
        families: Iterable[LoadedFamily],
        sites: Iterable[FamilySite],
    ) -> HostIndex:
        index = cls()
        for source in sources:
            for host in dict.fromkeys(source.info.domains):
                index.sources[host] = (*index.sources.get(host, ()), source)
        for family in families:
            for pattern in family.host_patterns:
                index.patterns[pattern.removeprefix("*")] = family
            for refused in family.refused_hosts:
                index.refused.setdefault(refused.host.removeprefix("*"), refused)
        for found in sites:
            for host in dict.fromkeys(found.site.hosts):
                index.sites[host] = (*index.sites.get(host, ()), found)
        return index

    def owners(self, url: NormalizedUrl) -> list[LoadedSource | FamilySite]:
        """The sources, and the site in the deepest folder, that may match `url`."""
        return [*self.sources.get(url.host, ()), *deepest(self.sites.get(url.host, ()), url)]

    def pattern_of(self, host: str) -> tuple[str, LoadedFamily] | None:
        """The narrowest pattern that covers `host`, and its family."""
        for domain in _domains_above(host):
            if family := self.patterns.get(domain):
                return f"*{domain}", family
        return None

    def refusal_of(self, host: str) -> RefusedHost | None:
        """The refused host, or pattern, that `host` is; None where a source or site is at it."""
        if not self.refused or host in self.sources or host in self.sites:
            return None
        places = (host, *_domains_above(host))
        return next((self.refused[place] for place in places if place in self.refused), None)

    def title_of(self, host: str) -> str:
        """The title of a source or site at the host."""
        return (self.sources.get(host) or self.sites[host])[0].title


def _domains_above(host: str) -> Iterator[str]:
    """The domains that `host` is below, the narrowest first, as ends of hosts: `.example.org`."""
    rest = host
    while "." in rest:
        _, _, rest = rest.partition(".")
        yield f".{rest}"


def deepest(sites: Iterable[FamilySite], url: NormalizedUrl) -> list[FamilySite]:
    """Of the sites that own `url`, those in the deepest folder."""
    owners = [site for site in sites if site.owns(url.url)]
    if len(owners) == 1:
        return owners
    depth = max((len(owner.site.path) for owner in owners), default=0)
    return [owner for owner in owners if len(owner.site.path) == depth]


@dataclass(slots=True)
class Inquiry:
    """The search for the one source that matches `url`; `asked` are those that do not."""

    url: NormalizedUrl
    asked: list[LoadedSource | FamilySite] = field(default_factory=list)
    faults: list[NovelError] = field(default_factory=list)

    def ask(self, candidates: Iterable[LoadedSource | FamilySite]) -> Resolved | None:
        """The only match of the candidates. One that fails is ignored if another one matches."""
        matches: list[Resolved] = []
        for candidate in candidates:
            self.asked.append(candidate)
            try:
                source = candidate.load()
                match = source.match_normalized(self.url.url)
            except PluginError as fault:
                self.faults.append(fault)
            else:
                if match is not None:
                    matches.append(Resolved(source, match))
        if len(matches) > 1:
            names = " and ".join(str(found.source) for found in matches)
            raise AmbiguousUrl(f"More than one source matches {self.url}: {names}.")
        return matches[0] if matches else None
