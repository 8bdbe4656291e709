"""The registry: all installed plugins, and which source owns a URL."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from importlib.metadata import EntryPoint

from novel_core import __version__
from novel_core.errors import PluginError, UnsupportedUrl
from novel_core.hookspecs import ENTRY_POINT_GROUP, LISTENER_GROUP
from novel_core.plugin import Site
from novel_core.registry.discovery import find_candidates
from novel_core.registry.entry import EntryKind, SourceEntry, SourceState
from novel_core.registry.loaded import LoadedPlugin, LoadedSource
from novel_core.registry.loaded_family import MOST_SITES, FamilySite, LoadedFamily
from novel_core.registry.loading import PluginLoader
from novel_core.registry.refusals import disabled_site, no_family, no_match, no_source
from novel_core.registry.resolution import HostIndex, Inquiry, NoSites, Resolved, SiteStore, deepest
from novel_core.registry.switches import read_switches
from novel_core.sites.addresses import further_names, site_name
from novel_core.source import SourceInfo
from novel_core.urls import NormalizedUrl, parse_url


class Registry:
    """The plugins of one process: their sources, and the sites of their families.

    `sources` and `listeners` have an entry for each source, family and listener, in any state;
    `loaded` are the sources and `families` the families that can be used. `store` has the sites
    that no package ships, and `disabled` are names that are not used.

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
        disabled: Collection[str] = (),
    ) -> None:
        self.sources: tuple[SourceEntry, ...] = tuple(entries)
        self.listeners: tuple[SourceEntry, ...] = tuple(listeners)
        self.store: SiteStore = store or NoSites()
        self.disabled = disabled
        self.loaded: tuple[LoadedSource, ...] = tuple(
            entry.source for entry in self.sources if entry.source
        )
        self.families: dict[str, LoadedFamily] = {
            entry.name: entry.family for entry in self.sources if entry.family
        }
        self._index = HostIndex.of(self.loaded, self.families.values())
        self._by_name: dict[str, LoadedSource | FamilySite] = {
            site.name: FamilySite(family, site)
            for family in self.families.values()
            for site in family.sites
        } | {source.name: source for source in self.loaded}
        self._by_pattern: dict[str, FamilySite] = {}

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
        each of them. `disabled` are names: a plugin of that name is not imported, a source, family
        or site not used.
        """
        loader = PluginLoader(disabled, core_version)
        registry = cls(
            loader.load(find_candidates(ENTRY_POINT_GROUP, entry_points)),
            loader.load(find_candidates(LISTENER_GROUP, entry_points)),
            disabled=disabled,
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
        inquiry = Inquiry(parse_url(url))
        resolved = inquiry.ask(self._index.owners(inquiry.url))
        if resolved is None:
            resolved = inquiry.ask(self._further_sites(inquiry.url))
        if resolved is None:
            raise no_match(inquiry, self._index.titles, self.sources)
        return resolved

    def _further_sites(self, url: NormalizedUrl) -> list[FamilySite]:
        """The sites for `url` that no package names: stored ones, else one by a pattern."""
        stored = [site for site in self.store.by_host(url.host) if site.owns(url.url)]
        if stored:
            usable = [self._stored(site) for site in stored if site.family in self.families]
            return deepest(usable, url) if usable else [self._stored(stored[0])]
        if found := self._index.pattern_of(url.host):
            return [self._site_by_pattern(url.host, *found)]
        return []

    def _site_by_pattern(self, host: str, pattern: str, family: LoadedFamily) -> FamilySite:
        """The site that `host` is by a family's pattern; all of one pattern share one rate."""
        base = f"https://{host}"
        name = site_name(base)
        if name in self._by_name:
            name = next(further_names(name, base))
        if name not in self._by_pattern:
            if len(self._by_pattern) >= MOST_SITES:
                self._by_pattern.clear()
            site = Site(name, family.name, base, rate_group=pattern)
            self._by_pattern[name] = FamilySite(family, site)
        return self._enabled(self._by_pattern[name])

    def entry(self, name: str) -> SourceEntry:
        """The entry called `name`, of a site of a family too; UnsupportedUrl if there is none."""
        for entry in (*self.sources, *self.listeners):
            if entry.name == name:
                return entry
        source = self.get(name)
        loaded, plugin = SourceState.LOADED, source.plugin
        return SourceEntry(name, loaded, plugin.package, plugin.name, EntryKind.SITE, source=source)

    def _stored(self, site: Site) -> FamilySite:
        family = self.families.get(site.family)
        if family is None:
            raise no_family(site)
        return self._enabled(FamilySite(family, site))

    def _enabled(self, found: FamilySite) -> FamilySite:
        if found.site.name in self.disabled:
            raise disabled_site(found.site)
        return found

    def get(self, name: str) -> LoadedSource:
        """The source or site called `name`; otherwise an UnsupportedUrl says why it is missing."""
        known = self._by_name.get(name)
        if known is None and (stored := self.store.by_name(name)):
            known = self._stored(stored)
        known = known or self._by_pattern.get(name)
        if known is None:
            raise no_source(name, self.sources, self._by_name)
        return known.load()

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


def load_registry(*, strict: bool | None = None) -> Registry:
    """The registry of this process; reads NOVEL_DISABLED_SOURCES and NOVEL_STRICT_PLUGINS."""
    switches = read_switches()
    return Registry.load(
        disabled=switches.disabled, strict=switches.strict if strict is None else strict
    )
