"""The registry: all installed plugins, and which source owns a URL."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from difflib import get_close_matches
from importlib.metadata import EntryPoint

from novel_core import __version__
from novel_core.errors import PluginError, UnsupportedUrl
from novel_core.hookspecs import ENTRY_POINT_GROUP, LISTENER_GROUP
from novel_core.registry.discovery import find_candidates
from novel_core.registry.entry import SourceEntry, SourceState
from novel_core.registry.loaded import LoadedPlugin, LoadedSource
from novel_core.registry.loading import load_candidates
from novel_core.registry.resolution import Resolved, ask_candidates, index_hosts, unsupported
from novel_core.registry.switches import read_switches
from novel_core.urls import parse_url


class Registry:
    """The plugins of one process. `sources` and `listeners` have an entry for each installed one,
    in any state.

    >>> registry = Registry.load(entry_points=[])
    >>> registry.sources
    ()
    """

    def __init__(
        self, entries: Iterable[SourceEntry], listeners: Iterable[SourceEntry] = ()
    ) -> None:
        self.sources: tuple[SourceEntry, ...] = tuple(entries)
        self.listeners: tuple[SourceEntry, ...] = tuple(listeners)
        self.loaded: tuple[LoadedSource, ...] = tuple(
            entry.source for entry in self.sources if entry.source
        )
        self._hosts = index_hosts(self.loaded)
        self._by_name = {source.name: source for source in self.loaded}
        self._plugins: list[LoadedPlugin] = [*self.loaded]
        self._plugins += [entry.listener for entry in self.listeners if entry.listener]

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
        registry = cls(
            *(
                load_candidates(find_candidates(group, entry_points), disabled, core_version)
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
        resolved = ask_candidates(parsed, self._hosts.get(parsed.host, ()))
        if resolved is None:
            raise unsupported(parsed, self._hosts, self.sources)
        return resolved

    def get(self, name: str) -> LoadedSource:
        """The loaded source called `name`; otherwise an UnsupportedUrl says why it is missing."""
        source = self._by_name.get(name)
        if source is not None:
            return source
        for entry in self.sources:
            if entry.name == name:
                raise _not_loaded(entry)
        near = get_close_matches(name, self._by_name, n=1)
        meant = f" Did you mean {near[0]}?" if near else ""
        raise UnsupportedUrl(f"No source called {name!r} is installed.{meant}")

    def listening(self, hook: str) -> Sequence[LoadedPlugin]:
        """Every loaded plugin that implements `hook`."""
        return [plugin for plugin in self._plugins if hook in plugin.hooks]


def _not_loaded(entry: SourceEntry) -> UnsupportedUrl:
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
