"""Loading plugins into entries of the registry; an error stays with its entry."""

from __future__ import annotations

import contextlib
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

import pluggy

from novel_core import hookspecs
from novel_core.hookspecs import HOOKS, LISTENER_GROUP, LISTENER_HOOKS, PROJECT
from novel_core.plugin import Family, Site, Source
from novel_core.registry.checks import family_problems, info_problems, kind_of, site_problems
from novel_core.registry.compatibility import incompatibility
from novel_core.registry.discovery import Candidate
from novel_core.registry.duplicates import without_duplicates
from novel_core.registry.entry import EntryKind, SourceEntry, SourceState
from novel_core.registry.loaded import FAULTS, LoadedPlugin, LoadedSource, describe
from novel_core.registry.loaded_family import LoadedFamily
from novel_core.registry.own_frames import own_frames
from novel_core.sites.fields import name_problem

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
            return [replace(failed, error=f"its name: {problem}")]
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
        if candidate.entry_point.group == LISTENER_GROUP:
            return [_listener(plugin, replace(failed, kind=EntryKind.LISTENER))]
        return list(self._sources(plugin, failed))

    def _sources(self, plugin: LoadedPlugin, failed: SourceEntry) -> Iterator[SourceEntry]:
        """An entry for each source and family that the plugin gives, each checked alone."""
        if _SOURCES not in plugin.hooks:
            hook = f"{_SOURCES}() -> Iterable[Source | Family]"
            yield replace(failed, error=f"it does not implement {hook}: write @hookimpl above it")
            return
        given: list[Any] = []
        try:
            # A generator that raises has given what it had before.
            for answer in plugin.callers.novel_sources():
                given.extend(answer)
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
            yield self._source(plugin, given, replace(failed, kind=EntryKind.SOURCE))
        elif isinstance(given, Family):
            yield from self._family(plugin, given, replace(failed, kind=EntryKind.FAMILY))
        else:
            error = f"{_SOURCES} gives {kind_of(given)}, not a Source or a Family"
            yield replace(failed, error=error)

    def _source(self, plugin: LoadedPlugin, source: Source, failed: SourceEntry) -> SourceEntry:
        problems = "; ".join(info_problems(getattr(source, "info", None)))
        if problems:
            return replace(failed, error=problems)
        loaded = LoadedSource(plugin, source)
        if loaded.name in self.disabled:
            return replace(failed, name=loaded.name, state=SourceState.DISABLED)
        return replace(failed, name=loaded.name, state=SourceState.LOADED, source=loaded)

    def _family(
        self, plugin: LoadedPlugin, family: Family, failed: SourceEntry
    ) -> Iterator[SourceEntry]:
        name, title = getattr(family, "name", None), getattr(family, "title", None)
        problems = list(family_problems(name, title, family.host_patterns, family.refused_hosts))
        if problems:
            yield replace(failed, error="; ".join(problems))
            return
        named = replace(failed, name=family.name)
        if family.name in self.disabled:
            yield replace(named, state=SourceState.DISABLED)
            return
        given = tuple(family.sites)
        sites: list[Site] = []
        for number, site in enumerate(given, 1):
            wrong = "; ".join(site_problems(site, family.name))
            if wrong:
                place = str(getattr(site, "name", "")) or f"{family.name}[{number}]"
                yield replace(named, name=place, kind=EntryKind.SITE, error=wrong)
            elif site.name in self.disabled:
                disabled = SourceState.DISABLED
                yield replace(named, name=site.name, kind=EntryKind.SITE, state=disabled)
            else:
                sites.append(site)
        loaded = LoadedFamily(
            plugin,
            family,
            family.name,
            family.title,
            tuple(family.host_patterns),
            tuple(sites),
            tuple(family.refused_hosts),
        )
        yield replace(named, state=SourceState.LOADED, family=loaded)


class _Specs(ModuleType):
    """The hooks alone: for each plugin, pluggy looks at every name of the module it is given."""

    def __init__(self) -> None:
        super().__init__(hookspecs.__name__)
        for name in HOOKS:
            setattr(self, name, getattr(hookspecs, name))

    def __dir__(self) -> tuple[str, ...]:
        return HOOKS


_SPECS = _Specs()


def _plugin(module: object, failed: SourceEntry) -> LoadedPlugin:
    """The plugin with its hooks; raises what pluggy finds wrong with them.

    Each plugin has its own manager, so that no other plugin can answer for it, and an exception of
    one does not affect the others.
    """
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(_SPECS)
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
