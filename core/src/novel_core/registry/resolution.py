"""Resolving a URL: which source owns it, by an index of hosts, and the error where none does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from novel_core.errors import AmbiguousUrl, PluginError, UnsupportedUrl
from novel_core.registry.entry import SourceEntry, SourceState
from novel_core.registry.loaded import LoadedSource
from novel_core.source import UrlMatch
from novel_core.urls import NormalizedUrl

#: How many sources an error message lists.
_LISTED = 12


class Resolved(NamedTuple):
    """The source that owns a URL, and its match."""

    source: LoadedSource
    match: UrlMatch


def index_hosts(sources: Iterable[LoadedSource]) -> dict[str, tuple[LoadedSource, ...]]:
    """The sources that declare each host."""
    hosts: dict[str, tuple[LoadedSource, ...]] = {}
    for source in sources:
        for host in dict.fromkeys(source.info.domains):
            hosts[host] = (*hosts.get(host, ()), source)
    return hosts


def ask_candidates(url: NormalizedUrl, candidates: Sequence[LoadedSource]) -> Resolved | None:
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
    hosts: dict[str, tuple[LoadedSource, ...]],
    entries: Sequence[SourceEntry],
) -> UnsupportedUrl:
    """The error for a URL that no source owns, with what is supported instead."""
    owners = hosts.get(url.host)
    if owners:
        titles = " and ".join(source.info.title for source in owners)
        return UnsupportedUrl(
            f"{titles} is supported, but this address is neither a novel nor a chapter: {url}",
            hint="Open the novel or one of its chapters in a browser and copy that address.",
        )
    near = get_close_matches(url.host, hosts, n=1, cutoff=0.75)
    meant = f" Did you mean {near[0]} ({hosts[near[0]][0].info.title})?" if near else ""
    return UnsupportedUrl(f"No source handles {url.host}.{meant}", hint=_inventory(entries))


def _inventory(entries: Sequence[SourceEntry]) -> str:
    """What is loaded, and what is not with the reason."""
    loaded = [entry.source for entry in entries if entry.source]
    supported = [f"{source.info.title} ({source.info.homepage})" for source in loaded]
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
