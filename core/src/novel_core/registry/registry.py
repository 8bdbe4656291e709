"""The registry: all installed plugins, and which source owns a URL."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from difflib import get_close_matches
from importlib.metadata import EntryPoint

from novel_core import __version__
from novel_core.errors import PluginError, UnsupportedUrl
from novel_core.hookspecs import ENTRY_POINT_GROUP, LISTENER_GROUP
from novel_core.plugin import Site
from novel_core.registry.discovery import find_candidates
from novel_core.registry.entry import SourceEntry, SourceState
from novel_core.registry.loaded import LoadedFamily, LoadedPlugin, LoadedSource
from novel_core.registry.loading import PluginLoader
from novel_core.registry.resolution import (
    HostIndex,
    NoSites,
    Resolved,
    SiteStore,
    ask_candidates,
    unsupported,
)
from novel_core.registry.switches import read_switches
from novel_core.source import SourceInfo
from novel_core.urls import NormalizedUrl, parse_url


class Registry:
    """The plugins of one process: their sources, and the sites of their families.

    `sources` and `listeners` have an entry for each source, family and listener, in any state;
    `loaded` are the sources and `families` the families that can be used. `store` has the sites
    that no package ships.

    >>> registry = Registry.load(entry_points=[])
    >>> registry.sources
    ()
    """

    def __init__(
        self,
        entries: Iterable[SourceEntry],
        listeners: Iterable[SourceEntry] = (),
        *,
        store: SiteStore | None = None,
    ) -> None:
        self.sources: tuple[SourceEntry, ...] = tuple(entries)
        self.listeners: tuple[SourceEntry, ...] = tuple(listeners)
        self.store: SiteStore = store or NoSites()
        self.loaded: tuple[LoadedSource, ...] = tuple(
            entry.source for entry in self.sources if entry.source
        )
        self.families: dict[str, LoadedFamily] = {
            entry.name: entry.family for entry in self.sources if entry.family
        }
        self._index = HostIndex.of(self.loaded, self.families.values())
        self._by_name = {source.name: source for source in self.loaded}
        self._sites = {
            site.name: (family, site) for family in self.families.values() for site in family.sites
        }

    @classmethod
    def load(
        cls,
        *,
        disabled: Collection[str] = (),
        strict: bool = False,
        entry_points: Iterable[EntryPoint] | None = None,
        core_version: str = __version__,
    ) -> Registry:
        """The installed sources and listeners, or those of the given entry points.

        A plugin that cannot be loaded never raises here, unless `strict`: then a PluginError names
        each of them. `disabled` are names of plugins that are not imported.
        """
        loader = PluginLoader(disabled, core_version)
        registry = cls(
            *(
                loader.load(find_candidates(group, entry_points))
                for group in (ENTRY_POINT_GROUP, LISTENER_GROUP)
            )
        )
        if strict and registry.broken:
            reasons = "; ".join(f"{entry}: {entry.error}" for entry in registry.broken)
            raise PluginError(
                f"Not every plugin could be loaded. {reasons}.",
                hint="Repair, disable or uninstall them, or unset NOVEL_STRICT_PLUGINS.",
            )
        return registry

    @property
    def broken(self) -> tuple[SourceEntry, ...]:
        """The plugins that failed to load (not the disabled ones)."""
        return tuple(entry for entry in (*self.sources, *self.listeners) if entry.state.is_problem)

    def resolve(self, url: str) -> Resolved:
        """The source that owns `url`, and its match.

        Raises InvalidUrl, UnsupportedUrl or AmbiguousUrl when there is none, PluginError when the
        source fails.
        """
        parsed = parse_url(url)
        owners = list(self._index.owners(parsed)) or self._more_owners(parsed)
        resolved = ask_candidates(parsed, owners)
        if resolved is None:
            raise unsupported(parsed, owners, self._index.titles(), self.sources)
        return resolved

    def _more_owners(self, url: NormalizedUrl) -> list[LoadedSource]:
        """The sites at a host that no package names: stored ones, else one by a pattern."""
        stored = [site for site in self.store.by_host(url.host) if site.owns(url.url)]
        found = [
            self.families[site.family].load(site) for site in stored if site.family in self.families
        ]
        if not found and (matched := self._index.site_by_pattern(url.host)):
            family, site = matched
            found = [family.load(site)]
            self._sites[site.name] = matched
        return found

    def get(self, name: str) -> LoadedSource:
        """The source or site called `name`; otherwise an UnsupportedUrl says why it is missing."""
        source = self._by_name.get(name)
        if source is not None:
            return source
        if known := self._sites.get(name):
            family, site = known
            return family.load(site)
        stored = self.store.by_name(name)
        if stored is not None:
            return self._stored(stored)
        for entry in self.sources:
            if entry.name == name:
                raise _not_loaded(entry)
        near = get_close_matches(name, [*self._by_name, *self._sites], n=1)
        meant = f" Did you mean {near[0]}?" if near else ""
        raise UnsupportedUrl(f"No source called {name!r} is installed.{meant}")

    def _stored(self, site: Site) -> LoadedSource:
        family = self.families.get(site.family)
        if family is None:
            raise UnsupportedUrl(
                f"The site {site.name} ({site.base_url}) needs the family {site.family!r},"
                " which is not installed.",
                hint="Install or enable its plugin; `novel sources` shows the state of each.",
            )
        return family.load(site)

    def info_of(self, name: str) -> SourceInfo | None:
        """The metadata of the source or site called `name`; None if it is not loaded."""
        try:
            return self.get(name).info
        except (UnsupportedUrl, PluginError):
            return None

    def title_of(self, name: str) -> str:
        """The title of the source or site called `name`; the name itself if it is not loaded."""
        info = self.info_of(name)
        return info.title if info else name

    def listening(self, hook: str) -> Sequence[LoadedPlugin]:
        """Every loaded plugin that implements `hook`."""
        owners = [entry.source or entry.family for entry in self.sources]
        plugins = [owner.plugin for owner in owners if owner]
        plugins += [entry.listener for entry in self.listeners if entry.listener]
        return [plugin for plugin in dict.fromkeys(plugins) if hook in plugin.hooks]


def _not_loaded(entry: SourceEntry) -> UnsupportedUrl:
    if entry.family is not None:
        return UnsupportedUrl(
            f"{entry} is a family of sites, not a source.", hint="Name one of its sites."
        )
    if entry.state is SourceState.DISABLED:
        return UnsupportedUrl(
            f"The source {entry} is disabled.", hint="Remove it from NOVEL_DISABLED_SOURCES."
        )
    return UnsupportedUrl(
        f"The source {entry} is {entry.state}: {entry.error}.",
        hint="Repair or update the plugin; `novel sources` shows the state of each.",
    )


def load_registry(*, strict: bool | None = None) -> Registry:
    """The registry of this process; reads NOVEL_DISABLED_SOURCES and NOVEL_STRICT_PLUGINS."""
    switches = read_switches()
    return Registry.load(
        disabled=switches.disabled, strict=switches.strict if strict is None else strict
    )
