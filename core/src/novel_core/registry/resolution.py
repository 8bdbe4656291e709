"""Resolving a URL: which source owns it, by an index of hosts, and the error where none does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import NamedTuple, Protocol

from novel_core.errors import AmbiguousUrl, PluginError, UnsupportedUrl
from novel_core.plugin import Site
from novel_core.registry.entry import SourceEntry, SourceState
from novel_core.registry.loaded import LoadedFamily, LoadedSource
from novel_core.registry.site_names import site_name
from novel_core.source import UrlMatch
from novel_core.urls import NormalizedUrl

#: How many sources an error message lists.
_LISTED = 12


class Resolved(NamedTuple):
    """The source that owns a URL, and its match."""

    source: LoadedSource
    match: UrlMatch


class SiteStore(Protocol):
    """The sites that no package ships: asked only about a host or name that is not in memory."""

    def by_name(self, name: str) -> Site | None:
        """The site called `name`."""

    def by_host(self, host: str) -> Sequence[Site]:
        """The sites at `host`, which differ in their folders."""


class NoSites:
    """The store of a process without a database."""

    def by_name(self, name: str) -> Site | None:
        del name
        return None

    def by_host(self, host: str) -> Sequence[Site]:
        del host
        return ()


@dataclass(slots=True)
class HostIndex:
    """The sources and sites at each host, and the families of each pattern of hosts."""

    sources: dict[str, tuple[LoadedSource, ...]] = field(default_factory=dict)
    sites: dict[str, tuple[tuple[LoadedFamily, Site], ...]] = field(default_factory=dict)
    patterns: dict[str, LoadedFamily] = field(default_factory=dict)

    @classmethod
    def of(cls, sources: Iterable[LoadedSource], families: Iterable[LoadedFamily]) -> HostIndex:
        index = cls()
        for source in sources:
            for host in dict.fromkeys(source.info.domains):
                index.sources[host] = (*index.sources.get(host, ()), source)
        for family in families:
            for pattern in family.family.host_patterns:
                index.patterns[pattern.removeprefix("*")] = family
            for site in family.sites:
                for host in site.hosts:
                    index.sites[host] = (*index.sites.get(host, ()), (family, site))
        return index

    def owners(self, url: NormalizedUrl) -> Iterator[LoadedSource]:
        """The sources in memory that may match `url`. Sites are loaded at their first use."""
        yield from self.sources.get(url.host, ())
        for family, site in self.sites.get(url.host, ()):
            if site.owns(url.url):
                yield family.load(site)

    def site_by_pattern(self, host: str) -> tuple[LoadedFamily, Site] | None:
        """The site that `host` is by a family's pattern; all of one pattern share one rate."""
        rest = host
        while "." in rest:
            _, _, rest = rest.partition(".")
            if family := self.patterns.get(f".{rest}"):
                base = f"https://{host}"
                return family, Site(site_name(base), family.name, base, rate_group=f"*.{rest}")
        return None

    def titles(self) -> Mapping[str, str]:
        """The title of each host's source or site."""
        named = {host: site.title or host for host, [(_, site), *_] in self.sites.items()}
        return named | {host: source.info.title for host, [source, *_] in self.sources.items()}


def ask_candidates(url: NormalizedUrl, candidates: Iterable[LoadedSource]) -> Resolved | None:
    """The only match of `url`, or None. A source that fails is ignored if another one matches."""
    matches: list[Resolved] = []
    faults: list[PluginError] = []
    for source in candidates:
        try:
            match = source.match_normalized(url.url)
        except PluginError as fault:
            faults.append(fault)
        else:
            if match is not None:
                matches.append(Resolved(source, match))
    if len(matches) > 1:
        names = " and ".join(str(found.source) for found in matches)
        raise AmbiguousUrl(f"More than one source matches {url}: {names}.")
    if matches:
        return matches[0]
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise PluginError(" ".join(fault.message for fault in faults))
    return None


def unsupported(
    url: NormalizedUrl,
    owners: Sequence[LoadedSource],
    titles: Mapping[str, str],
    entries: Sequence[SourceEntry],
) -> UnsupportedUrl:
    """The error for a URL that no source owns, with what is supported instead."""
    if owners:
        names = " and ".join(source.info.title for source in owners)
        return UnsupportedUrl(
            f"{names} is supported, but this address is neither a novel nor a chapter: {url}",
            hint="Open the novel or one of its chapters in a browser and copy that address.",
        )
    near = get_close_matches(url.host, titles, n=1, cutoff=0.75)
    meant = f" Did you mean {near[0]} ({titles[near[0]]})?" if near else ""
    return UnsupportedUrl(f"No source handles {url.host}.{meant}", hint=_inventory(entries))


def _inventory(entries: Sequence[SourceEntry]) -> str:
    """What is loaded, and what is not with the reason."""
    loaded = [entry.source for entry in entries if entry.source]
    supported = [f"{source.info.title} ({source.info.homepage})" for source in loaded]
    supported += [f"{entry.family.title} sites" for entry in entries if entry.family]
    parts = [
        f"Supported: {_list(supported)}."
        if supported
        else "No source is loaded; install one, such as `pip install novel-royalroad`."
    ]
    broken = [f"{entry}: {entry.error}" for entry in entries if entry.state.is_problem]
    if broken:
        parts.append(f"Not loaded: {_list(broken, '; ')}.")
    disabled = [entry.name for entry in entries if entry.state is SourceState.DISABLED]
    if disabled:
        parts.append(f"Disabled by NOVEL_DISABLED_SOURCES: {_list(disabled)}.")
    return " ".join(parts)


def _list(texts: list[str], separator: str = ", ") -> str:
    more = len(texts) - _LISTED
    shown = texts[:_LISTED] + ([f"and {more} more (`novel sources`)"] if more > 0 else [])
    return separator.join(shown)
