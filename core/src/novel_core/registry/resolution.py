"""Which source owns a URL: an index by host, and words for the URLs nobody owns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from novel_core.errors import AmbiguousUrl, PluginError, UnsupportedUrl
from novel_core.registry.entry import SourceEntry, SourceState
from novel_core.registry.loaded import LoadedSource
from novel_core.registry.match_check import claim
from novel_core.source import UrlMatch
from novel_core.urls import NormalizedUrl

#: How many sources an error message lists.
_LISTED = 12


class Resolved(NamedTuple):
    """The source that owns a URL, and its claim."""

    source: LoadedSource
    match: UrlMatch


def index_hosts(sources: Iterable[LoadedSource]) -> dict[str, tuple[LoadedSource, ...]]:
    """The sources to ask, for each host any of them declares."""
    hosts: dict[str, tuple[LoadedSource, ...]] = {}
    for source in sources:
        for host in dict.fromkeys(source.info.domains):
            hosts[host] = (*hosts.get(host, ()), source)
    return hosts


def ask_candidates(url: NormalizedUrl, candidates: Sequence[LoadedSource]) -> Resolved | None:
    """The one claim on `url`, or None; a plugin that fails is passed over as long as another one claims."""
    claims: list[Resolved] = []
    faults: list[PluginError] = []
    for source in candidates:
        try:
            match = claim(source, url.url)
        except PluginError as fault:
            faults.append(fault)
        else:
            if match is not None:
                claims.append(Resolved(source, match))
    if len(claims) > 1:
        names = " and ".join(str(found.source) for found in claims)
        raise AmbiguousUrl(f"More than one source claims {url}: {names}.")
    if claims:
        return claims[0]
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
    """Why nobody owns `url`, and what there is instead."""
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
    """What is loaded, what is not, and why."""
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
