"""Loading plugins into entries of the registry; an error stays with its entry."""

from __future__ import annotations

import contextlib
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pluggy

from novel_core import hookspecs
from novel_core.hookspecs import LISTENER_GROUP, LISTENER_HOOKS, PROJECT
from novel_core.plugin import Family, Site, Source
from novel_core.registry.checks import info_problems, name_problem, site_problems
from novel_core.registry.compatibility import incompatibility
from novel_core.registry.discovery import Candidate
from novel_core.registry.entry import SourceEntry, SourceState
from novel_core.registry.loaded import (
    FAULTS,
    LoadedFamily,
    LoadedPlugin,
    LoadedSource,
    describe,
)
from novel_core.registry.own_frames import own_frames

_SOURCES = "novel_sources"


@dataclass(frozen=True, slots=True)
class PluginLoader:
    """Loads plugins for this version of the core; `disabled` are names that are not loaded."""

    disabled: Collection[str]
    core_version: str

    def load(self, candidates: Iterable[Candidate]) -> list[SourceEntry]:
        """The entries of all candidates. Only enabled, unique, compatible ones are imported."""
        candidates = list(candidates)
        uses = Counter(candidate.name for candidate in candidates)
        entries: list[SourceEntry] = []
        for candidate in candidates:
            name = candidate.name
            entry = SourceEntry(name, SourceState.DISABLED, candidate.distribution, plugin=name)
            if name in self.disabled:
                entries.append(entry)
            elif uses[name] > 1:
                owners = (str(c.distribution) for c in candidates if c.name == name)
                error = f"its name is used by {' and '.join(owners)}; uninstall all but one"
                entries.append(replace(entry, state=SourceState.DUPLICATE, error=error))
            else:
                # Output of a plugin's import must not end up in JSON output.
                with contextlib.redirect_stdout(sys.stderr):
                    entries += self._load(candidate, replace(entry, state=SourceState.FAILED))
        return without_duplicates(entries)

    def _load(self, candidate: Candidate, failed: SourceEntry) -> list[SourceEntry]:
        """The entries of one plugin; `failed` with the reason if it cannot be loaded."""
        if candidate.entry_point is None:
            return [replace(failed, error=candidate.problem)]
        if problem := name_problem(candidate.name):
            return [replace(failed, error=problem)]
        refusal = incompatibility(candidate.distribution.requires, self.core_version)
        if refusal:
            return [replace(failed, state=SourceState.INCOMPATIBLE, error=refusal)]
        what = "it cannot be imported"
        try:
            module = candidate.entry_point.load()
            what = "its hooks are not those of the contract"
            plugin = _plugin(module, failed)
        except KeyboardInterrupt:
            raise
        except BaseException as fault:  # noqa: BLE001 - SystemExit and the like are a plugin's fault as well
            return [_raised(failed, what, fault)]
        is_listener = candidate.entry_point.group == LISTENER_GROUP
        return [_listener(plugin, failed)] if is_listener else list(self._sources(plugin, failed))

    def _sources(self, plugin: LoadedPlugin, failed: SourceEntry) -> Iterator[SourceEntry]:
        """An entry for each source and family that the plugin gives, each checked alone."""
        if _SOURCES not in plugin.hooks:
            hook = f"{_SOURCES}() -> Iterable[Source | Family]"
            yield replace(failed, error=f"it does not implement {hook}: write @hookimpl above it")
            return
        given: list[Any] = []
        try:
            # A generator that raises has given what it had before.
            given.extend(plugin.callers.novel_sources()[0])
        except FAULTS as error:
            yield _raised(failed, f"{_SOURCES} failed", error)
        else:
            if not given:
                yield replace(failed, error=f"{_SOURCES} gives no source")
        for number, entry in enumerate(given, 1):
            place = replace(
                failed, name=f"{failed.name}[{number}]" if len(given) > 1 else failed.name
            )
            try:
                yield from self._entries_of(plugin, entry, place)
            except FAULTS as error:
                yield _raised(place, "it cannot be read", error)

    def _entries_of(
        self, plugin: LoadedPlugin, given: Any, failed: SourceEntry
    ) -> Iterator[SourceEntry]:
        if isinstance(given, Source):
            yield self._source(plugin, given, failed)
        elif isinstance(given, Family):
            yield from self._family(plugin, given, failed)
        else:
            kind = (
                f"the class {given.__name__}" if isinstance(given, type) else type(given).__name__
            )
            yield replace(failed, error=f"{_SOURCES} gives {kind}, not a Source or a Family")

    def _source(self, plugin: LoadedPlugin, source: Source, failed: SourceEntry) -> SourceEntry:
        problems = list(info_problems(getattr(source, "info", None)))
        if problems:
            return replace(failed, error="; ".join(problems))
        named = replace(failed, name=source.info.name)
        if source.info.name in self.disabled:
            return replace(named, state=SourceState.DISABLED)
        loaded = LoadedSource(plugin, source)
        return replace(named, state=SourceState.LOADED, source=loaded)

    def _family(
        self, plugin: LoadedPlugin, family: Family, failed: SourceEntry
    ) -> Iterator[SourceEntry]:
        name = getattr(family, "name", None)
        if problem := name_problem(name):
            yield replace(failed, error=problem)
            return
        named = replace(failed, name=str(name))
        if name in self.disabled:
            yield replace(named, state=SourceState.DISABLED)
            return
        if not getattr(family, "title", None):
            yield replace(named, error="it has no title")
            return
        sites: list[Site] = []
        for site in family.sites:
            problems = "; ".join(site_problems(site, family.name))
            own = replace(named, name=str(getattr(site, "name", name)))
            if problems:
                yield replace(own, error=problems)
            elif site.name in self.disabled:
                yield replace(own, state=SourceState.DISABLED)
            else:
                sites.append(site)
        loaded = LoadedFamily(plugin, family, tuple(sites))
        yield replace(named, state=SourceState.LOADED, family=loaded)


def without_duplicates(entries: list[SourceEntry]) -> list[SourceEntry]:
    """The entries, with a name or a site's address that two of them have loaded by neither."""
    sites = [(entry, site) for entry in entries if entry.family for site in entry.family.sites]
    names = Counter(entry.name for entry in entries if entry.state is SourceState.LOADED)
    names.update(site.name for _, site in sites)
    bases = Counter(site.base_url for _, site in sites)
    if max((*names.values(), *bases.values()), default=1) == 1:
        return entries
    kept: list[SourceEntry] = []
    for entry in entries:
        if entry.state is SourceState.LOADED and names[entry.name] > 1:
            kept.append(_duplicate(entry, f"the name {entry.name} is used more than once"))
        elif entry.family is not None:
            twice = {s for s in entry.family.sites if names[s.name] > 1 or bases[s.base_url] > 1}
            kept += [_duplicate_site(entry, site) for site in twice]
            unique = tuple(site for site in entry.family.sites if site not in twice)
            kept.append(replace(entry, family=replace(entry.family, sites=unique)))
        else:
            kept.append(entry)
    return kept


def _duplicate(entry: SourceEntry, error: str) -> SourceEntry:
    state = SourceState.DUPLICATE
    error = f"{error}; disable or uninstall all but one"
    return replace(entry, state=state, error=error, source=None, family=None)


def _duplicate_site(entry: SourceEntry, site: Site) -> SourceEntry:
    error = f"the name {site.name} or the address {site.base_url} is used more than once"
    return _duplicate(replace(entry, name=site.name), error)


def _plugin(module: object, failed: SourceEntry) -> LoadedPlugin:
    """The plugin with its hooks; raises what pluggy finds wrong with them.

    Each plugin has its own manager, so that no other plugin can answer for it, and an exception of
    one does not affect the others.
    """
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(hookspecs)
    manager.register(module, name=failed.name)
    manager.check_pending()
    found = manager.get_hookcallers(module) or []
    names = tuple(caller.name for caller in found)
    return LoadedPlugin(failed.name, failed.package, names, manager.hook)


def _listener(plugin: LoadedPlugin, failed: SourceEntry) -> SourceEntry:
    if _SOURCES in plugin.hooks:
        error = "it gives sources: register it under novel.sources"
        return replace(failed, error=error)
    if not plugin.hooks:
        return replace(failed, error=f"it implements none of {', '.join(LISTENER_HOOKS)}")
    return replace(failed, state=SourceState.LOADED, listener=plugin)


def _raised(failed: SourceEntry, what: str, error: BaseException) -> SourceEntry:
    return replace(failed, error=f"{what}: {describe(error)}", details=own_frames(error))
