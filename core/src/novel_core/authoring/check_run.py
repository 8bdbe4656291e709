"""Which sources `novel check` checks, with which recordings."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from novel_core.authoring.checking import SourceCheck, check_live, more_sources, replay_all
from novel_core.authoring.local_plugin import all_sources
from novel_core.authoring.project import recordings_folder
from novel_core.registry import LoadedFamily, LoadedSource, Registry
from novel_core.settings import Settings


def folders_of(
    registry: Registry, name: str | None, recordings: Path | None, target: str | None
) -> dict[Path | None, list[LoadedSource]]:
    """The sources to check by the folder of their recordings, None without one.

    `name` chooses a source, a site, or all sites of a family; `recordings` and `target` are the
    folder and the plugin's path that were given.
    """
    folders: dict[Path | None, list[LoadedSource]] = {}
    for source in _chosen(registry, name):
        folder = recordings or recordings_folder(source.plugin, target)
        folders.setdefault(folder, []).append(source)
    if name is None:
        # A family may ship no site, and have recordings of those that a pattern names.
        for family in registry.families.values():
            folders.setdefault(recordings or recordings_folder(family.plugin, target), [])
    return folders


def _chosen(registry: Registry, name: str | None) -> Iterable[LoadedSource]:
    if name is None:
        return list(all_sources(registry))
    family = registry.families.get(name)
    return list(_sites(family)) if family else [registry.get(name)]


def _sites(family: LoadedFamily) -> Iterable[LoadedSource]:
    return map(family.load, family.sites)


def check_folder(
    folder: Path | None,
    sources: list[LoadedSource],
    registry: Registry,
    settings: Settings | None,
    *,
    is_named: bool,
    confirm_gates: bool = False,
) -> list[SourceCheck]:
    """The results of the recordings in one folder; with `settings` the samples are requested too.

    Unless one source `is_named`, a recording of no source of the folder is an error.
    """
    chosen = list(sources)
    checks: list[SourceCheck] = []
    if folder is not None and not is_named:
        more, lost = more_sources(folder, registry, [source.name for source in chosen])
        chosen += more
        if lost:
            checks.append(SourceCheck("recordings of no source", lost))
    for source in chosen:
        result = SourceCheck(source.name, replay_all(source, folder) if folder else [])
        if settings is not None:
            allowed = (
                settings.confirming_gates(source.name, source.info.family)
                if confirm_gates
                else settings
            )
            result.live = check_live(source, allowed, source.samples(), folder)
        # A family ships many sites; those without recordings and samples are not worth a line.
        if source.site is None or result.replays or (result.live and result.live.samples):
            checks.append(result)
    return checks
