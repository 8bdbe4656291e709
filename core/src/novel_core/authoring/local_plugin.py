"""A plugin under development: loaded from a folder or a module, without an installation."""

from __future__ import annotations

import importlib
import sys
import tomllib
from collections.abc import Iterator
from functools import partial
from importlib.metadata import EntryPoint
from pathlib import Path

from novel_core.authoring.project import PROJECT
from novel_core.errors import PluginError, UnsupportedUrl, UsageError
from novel_core.hookspecs import ENTRY_POINT_GROUP
from novel_core.registry import LoadedSource, Registry, Resolved, load_registry, own_frames
from novel_core.registry.loaded import FAULTS, describe
from novel_core.registry.resolution import NoSites
from novel_core.runtime import set_options
from novel_core.settings import Settings


def load_sources(target: str | None, settings: Settings) -> Registry:
    """The plugin at `target`, or else the installed ones, with the options of the settings."""
    registry = load_local_plugin(target) if target else load_registry()
    registry.use(NoSites(), partial(set_options, settings))
    return registry


def load_local_plugin(target: str) -> Registry:
    """The sources and families at `target`: a project's or package's folder, a `.py` file, or a
    module's name.

    Its folder goes first on the import path, so its own modules are the copy under development.
    UsageError if there is no plugin at `target`, PluginError if none of it loads.
    """
    path = Path(target)
    points = list(_entry_points_at(path)) if path.exists() else [_entry_point_of(target)]
    registry = Registry.load(entry_points=points)
    if not registry.loaded and not registry.families:
        lines = [f"{entry.error}.\n{entry.details or ''}".rstrip() for entry in registry.sources]
        raise PluginError(
            f"The plugin at {target} does not load: {' '.join(lines)}",
            hint="Correct the line above; docs/plugins/source.md has what a plugin must give.",
        )
    return registry


def resolve(registry: Registry, url: str, name: str | None) -> Resolved:
    """The source of `url` and its match; of several sources the one called `name`, if given."""
    if name is None:
        return registry.resolve(url)
    source = registry.get(name)
    match = source.match(url)
    if match is None:
        raise UnsupportedUrl(
            f"{name} does not match {url}.",
            hint="Give the address of one of its novels or chapters, or leave out --source.",
        )
    return Resolved(source, match)


def all_sources(registry: Registry, plugin: str | None = None) -> Iterator[LoadedSource]:
    """The loaded sources, and those of the sites that their packages ship; of one `plugin` only."""
    for source in registry.loaded:
        if plugin in {None, source.plugin.name}:
            yield source
    for family in registry.families.values():
        if plugin in {None, family.plugin.name}:
            yield from map(family.load, family.sites)


def _entry_points_at(path: Path) -> Iterator[EntryPoint]:
    path = path.resolve()
    project = path / PROJECT if path.is_dir() else path
    if project.name == PROJECT and project.is_file():
        yield from _declared(project)
    elif path.is_dir() and (path / "__init__.py").is_file():
        yield _importable(path.parent, path.name)
    elif path.suffix == ".py" and path.is_file():
        yield _importable(path.parent, path.stem)
    else:
        raise UsageError(
            f"{path} is not a plugin: it has neither pyproject.toml nor __init__.py.",
            hint="Give the folder of a project or a package, or a module's name.",
        )


def _declared(project: Path) -> Iterator[EntryPoint]:
    """The entry points that `pyproject.toml` declares."""
    try:
        with project.open("rb") as opened:
            content = tomllib.load(opened)
    except (OSError, ValueError) as error:
        raise UsageError(f"{project} cannot be read: {error}") from error
    points = content.get("project", {}).get("entry-points", {}).get(ENTRY_POINT_GROUP, {})
    if not points:
        raise UsageError(
            f"{project} declares no plugin.",
            hint=f'Add [project.entry-points."{ENTRY_POINT_GROUP}"] with the line: name = "module"',
        )
    _import_first(project.parent / "src" if (project.parent / "src").is_dir() else project.parent)
    for name, module in points.items():
        yield EntryPoint(str(name), str(module), ENTRY_POINT_GROUP)


def _importable(folder: Path, module: str) -> EntryPoint:
    _import_first(folder)
    return _entry_point_of(module)


def _entry_point_of(module: str) -> EntryPoint:
    """The entry point of a module."""
    try:
        importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.partition(".")[0]:
            raise _not_imported(module, error) from error
        raise UsageError(
            f"There is no folder and no module {module}.",
            hint="Give the folder of the plugin's project, or a module's name.",
        ) from error
    except FAULTS as error:
        raise _not_imported(module, error) from error
    return EntryPoint(module.rpartition(".")[2].lower(), module, ENTRY_POINT_GROUP)


def _not_imported(module: str, error: BaseException) -> PluginError:
    return PluginError(
        f"The plugin {module} cannot be imported: {describe(error)}.\n{own_frames(error)}"
    )


def _import_first(folder: Path) -> None:
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
