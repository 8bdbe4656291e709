"""The registry: all installed plugins, and which source owns a URL."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from importlib.metadata import EntryPoint

from novel_core.errors import PluginError, UnknownSource, UnsupportedUrl
from novel_core.hookspecs import ENTRY_POINT_GROUP, LISTENER_GROUP
from novel_core.plugin import RefusedHost, Site
from novel_core.registry.discovery import find_candidates
from novel_core.registry.entry import EntryKind, SourceEntry, SourceState
from novel_core.registry.loaded import LoadedPlugin, LoadedSource, SetUp
from novel_core.registry.loaded_family import MOST_SITES, FamilySite, LoadedFamily
from novel_core.registry.loading import PluginLoader
from novel_core.registry.refusals import (
    disabled_site,
    no_family,
    no_match,
    no_source,
    refused_site,
    removed_site,
)
from novel_core.registry.resolution import HostIndex, Inquiry, NoSites, Resolved, SiteStore, deepest
from novel_core.registry.stored_names import named_as_stored, settled
from novel_core.registry.switches import read_switches
from novel_core.sites.addresses import further_names, site_name, without_scheme
from novel_core.source import SourceInfo
from novel_core.urls import NormalizedUrl, parse_url
from novel_core.version import __version__


class Registry:
    """The plugins of one process: their sources, and the sites of their families.

    `sources` and `listeners` have an entry for each source, family and listener, in any state;
    `loaded` are the sources and `families` the families that can be used. `disabled` are names that
    are not used. `use` gives the registry the sites of a database.

    >>> registry = Registry.load(entry_points=[])
    >>> registry.sources
    ()
    """

    def __init__(
        self,
        entries: Iterable[SourceEntry],
        listeners: Iterable[SourceEntry] = (),
        *,
        disabled: Collection[str] = (),
    ) -> None:
        self.listeners: tuple[SourceEntry, ...] = tuple(listeners)
        self.disabled = disabled
        self._store: SiteStore = NoSites()
        self._set_up: SetUp | None = None
        self._is_settled = True
        self._by_pattern: dict[str, FamilySite] = {}
        self._arrange(tuple(entries))

    def _arrange(self, entries: tuple[SourceEntry, ...]) -> None:
        """Keep the entries, and index what is loaded of them."""
        self.sources: tuple[SourceEntry, ...] = entries
        self.loaded: tuple[LoadedSource, ...] = tuple(
            entry.source for entry in self.sources if entry.source
        )
        self.families: dict[str, LoadedFamily] = {
            entry.name: entry.family for entry in self.sources if entry.family
        }
        self._shipped = [
            FamilySite(family, family.grouped(site))
            for family in self.families.values()
            for site in family.sites
        ]
        self._shipped_sites = tuple(found.site for found in self._shipped)
        self._name_sites(())
        for source in self.loaded:
            if self._set_up is not None:
                self._set_up(source)
        for family in self.families.values():
            if self._set_up is not None:
                family.use(self._set_up)

    def _name_sites(self, stored: Sequence[Site]) -> None:
        """Give the shipped sites their stored names."""
        self._stored_names = stored
        sites = list(named_as_stored(self._shipped, stored))
        self._index = HostIndex.of(self.loaded, self.families.values(), sites)
        self._by_name: dict[str, LoadedSource | FamilySite] = {
            found.site.name: found for found in sites
        } | {source.name: source for source in self.loaded}

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

    def use(self, store: SiteStore, set_up: SetUp | None = None) -> None:
        """Read the sites of `store` when they are needed. `set_up` is called with each source: now,
        or when it is made of a site.
        """
        self._store, self._set_up = store, set_up
        self._is_settled = not any(entry.contender for entry in self.sources)
        self._arrange(self.sources)

    @property
    def broken(self) -> tuple[SourceEntry, ...]:
        """The plugins that failed to load (not the disabled ones)."""
        return tuple(entry for entry in (*self.sources, *self.listeners) if entry.state.is_problem)

    def resolve(self, url: str) -> Resolved:
        """The source that owns `url`, and its match.

        Raises InvalidUrl, UnsupportedUrl or AmbiguousUrl when there is none, PluginError when the
        source fails, StorageError when the sites of the database are needed and cannot be read.
        """
        inquiry = Inquiry(parse_url(url))
        if inquiry.url.host in self._index.sites:
            self._read_names()
        resolved = inquiry.ask(self._index.owners(inquiry.url))
        if resolved is None:
            resolved = inquiry.ask(self._further_sites(inquiry.url))
        if resolved is None:
            stored = self._store.by_host(inquiry.url.host)
            if not stored and not inquiry.asked:
                self._check_removed("", inquiry.url.host)
            raise no_match(inquiry, self._index, self.sources, stored)
        return resolved

    def _further_sites(self, url: NormalizedUrl) -> Sequence[LoadedSource | FamilySite]:
        """The sites for `url` that no package names: stored ones, else one by a pattern."""
        if self._settle_duplicates():
            return self._index.owners(url)
        stored = [site for site in self._store.by_host(url.host) if site.owns(url.url)]
        if stored:
            usable = [self._stored(site) for site in stored if site.family in self.families]
            return deepest(usable, url) if usable else [self._stored(stored[0])]
        if refused := self._index.refusal_of(url.host):
            raise refused_site(url.host, refused)
        if found := self._index.pattern_of(url.host):
            return [self._site_by_pattern(url.host, *found)]
        return []

    def refusal_of(self, host: str) -> RefusedHost | None:
        """What a family says of a host that it knows and does not read; None for any other host."""
        return self._index.refusal_of(host)

    def source_at(self, host: str) -> LoadedSource | None:
        """A loaded source, no site of a family, that declares the host."""
        return next(iter(self._index.sources.get(host, ())), None)

    def _site_by_pattern(self, host: str, pattern: str, family: LoadedFamily) -> FamilySite:
        """The site that `host` is by a family's pattern; all of one pattern share one rate."""
        base = f"https://{host}"
        name = usual = site_name(base)
        if not self._is_free(usual, base):
            others = further_names(usual, base)
            name = next((wish for wish in others if self._is_free(wish, base)), usual)
        if name not in self._by_pattern:
            if len(self._by_pattern) >= MOST_SITES:
                self._by_pattern.clear()
            site = Site(name, family.name, base, rate_group=pattern)
            self._by_pattern[name] = FamilySite(family, site)
        return self._enabled(self._by_pattern[name])

    def entry(self, name: str) -> SourceEntry:
        """The entry called `name`, of a site of a family too; UnknownSource if there is none."""
        for entry in (*self.sources, *self.listeners):
            if entry.name == name:
                return entry
        try:
            source = self.get(name)
        except UnsupportedUrl as error:
            raise UnknownSource(error.message, hint=error.hint) from error
        loaded, plugin = SourceState.LOADED, source.plugin
        return SourceEntry(name, loaded, plugin.package, plugin.name, EntryKind.SITE, source=source)

    def _is_free(self, name: str, base_url: str) -> bool:
        """Whether no other source or site has the name."""
        stored = self._store.by_name(name)
        return name not in self._by_name and (stored is None or stored.base_url == base_url)

    def _stored(self, site: Site) -> FamilySite:
        family = self.families.get(site.family)
        if family is None:
            raise no_family(site)
        return self._enabled(FamilySite(family, family.grouped(site)))

    def _enabled(self, found: FamilySite) -> FamilySite:
        if found.site.name in self.disabled:
            raise disabled_site(found.site)
        return found

    def get(self, name: str) -> LoadedSource:
        """The source or site called `name`; otherwise an UnsupportedUrl says why it is missing."""
        known = self._by_name.get(name)
        if not isinstance(known, LoadedSource):
            self._read_names()
            known = self._by_name.get(name)
        if known is None and self._settle_duplicates():
            return self.get(name)
        if known is None and (stored := self._store.by_name(name)):
            known = self._stored(stored)
        known = known or self._by_pattern.get(name)
        if known is None:
            self._check_removed(name)
            raise no_source(name, self.sources, self._by_name)
        return known.load()

    def _check_removed(self, name: str, host: str = "") -> None:
        if removed := self._store.removed(name, host):
            raise removed_site(removed)

    def names(self) -> Iterator[str]:
        """The names of the loaded sources, and of the sites that packages ship."""
        return iter(self._by_name)

    def is_shipped(self, site: Site) -> bool:
        """Whether an installed package ships the site, under any name."""
        known = self._by_name.get(site.name)
        return isinstance(known, FamilySite) and known.site == site

    def is_shipped_at(self, family: str, base_url: str) -> bool:
        """Whether an installed package ships the family's site at that address."""
        place = (family, without_scheme(base_url))
        return any(
            (one.family, without_scheme(one.base_url)) == place for one in self._shipped_sites
        )

    def _read_names(self) -> None:
        """Read the stored names of the shipped sites, where they may have changed."""
        stored = self._store.alike(self._shipped_sites)
        if stored is not self._stored_names:
            self._name_sites(stored)

    def _settle_duplicates(self) -> bool:
        """Load that one of several duplicates which is in use; whether there is one."""
        if self._is_settled:
            return False
        entries = tuple(settled(self.sources, self._store))
        self._is_settled = True
        if entries == self.sources:
            return False
        self._arrange(entries)
        self._read_names()
        return True

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
