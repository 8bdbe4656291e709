"""A plugin under development: loaded from a folder or a module, without an installation."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import tomllib
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from novel_core.errors import PluginError, UsageError
from novel_core.hookspecs import ENTRY_POINT_GROUP
from novel_core.recording.files import PAGE
from novel_core.registry import LoadedSource, Registry, SourceEntry
from novel_core.registry.loaded import describe

_PROJECT = "pyproject.toml"


def load_local_plugin(target: str) -> SourceEntry:
    """The source at `target`: a project's or package's folder, a `.py` file, or a module's name.

    Its folder goes first on the import path, so its own modules are the copy under development.
    UsageError if there is no plugin at `target`, PluginError if it does not load.
    """
    path = Path(target)
    point = _entry_point_at(path) if path.exists() else _entry_point_of(target)
    [entry] = Registry.load(entry_points=[point]).sources
    if entry.source is None:
        details = f"\n{entry.details}" if entry.details else ""
        raise PluginError(f"The plugin at {target} does not load: {entry.error}.{details}")
    return entry


def _entry_point_at(path: Path) -> EntryPoint:
    path = path.resolve()
    project = path / _PROJECT if path.is_dir() else path
    if project.name == _PROJECT and project.is_file():
        return _declared(project)
    if path.is_dir() and (path / "__init__.py").is_file():
        return _importable(path.parent, path.name)
    if path.suffix == ".py" and path.is_file():
        return _importable(path.parent, path.stem)
    raise UsageError(
        f"{path} is not a plugin: it has neither pyproject.toml nor __init__.py.",
        hint="Give the folder of a project or a package, or a module's name.",
    )


def _declared(project: Path) -> EntryPoint:
    """The entry point of the one source that `pyproject.toml` declares."""
    try:
        with project.open("rb") as opened:
            content = tomllib.load(opened)
    except (OSError, ValueError) as error:
        raise UsageError(f"{project} cannot be read: {error}") from error
    points = content.get("project", {}).get("entry-points", {}).get(ENTRY_POINT_GROUP, {})
    if len(points) != 1:
        raise UsageError(
            f"{project} declares {len(points)} sources; it must declare one.",
            hint=f'Add [project.entry-points."{ENTRY_POINT_GROUP}"] with the line: name = "module"',
        )
    [(name, module)] = points.items()
    _import_first(project.parent / "src" if (project.parent / "src").is_dir() else project.parent)
    return EntryPoint(str(name), str(module), ENTRY_POINT_GROUP)


def _importable(folder: Path, module: str) -> EntryPoint:
    _import_first(folder)
    return _entry_point_of(module)


def _entry_point_of(module: str) -> EntryPoint:
    """The entry point of a module."""
    try:
        importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.partition(".")[0]:
            raise PluginError(f"The plugin {module} cannot be imported: {error}.") from error
        raise UsageError(
            f"There is no folder and no module {module}.",
            hint="Give the folder of the plugin's project, or a module's name.",
        ) from error
    except Exception as error:
        raise PluginError(f"The plugin {module} cannot be imported: {describe(error)}.") from error
    return EntryPoint(module.rpartition(".")[2].lower(), module, ENTRY_POINT_GROUP)


def _import_first(folder: Path) -> None:
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))


def project_of(source: LoadedSource) -> Path | None:
    """The project's folder of a source installed in editable mode; None for an installed wheel."""
    for point in entry_points(group=ENTRY_POINT_GROUP, name=source.plugin.name):
        spec = importlib.util.find_spec(point.module)
        if spec is not None and spec.origin is not None:
            return _project_above(Path(spec.origin))
    return None


def _project_above(path: Path) -> Path | None:
    """The nearest folder with a pyproject.toml; None for a file in site-packages."""
    for folder in path.resolve().parents:
        if folder.name == "site-packages":
            return None
        if (folder / _PROJECT).is_file():
            return folder
    return None


def recordings_folder(source: LoadedSource, target: str | None = None) -> Path | None:
    """The folder of a source's recordings: tests/recordings of its project; None without a project.

    `target` is the plugin's path if it is not installed.
    """
    if target is not None and Path(target).exists():
        path = Path(target).resolve()
        project = path if (path / _PROJECT).is_file() else _project_above(path / "any")
    else:
        project = project_of(source)
    return source_folder(project / "tests" / "recordings", source) if project else None


def source_folder(folder: Path, source: LoadedSource) -> Path:
    """The folder of the source's name in `folder`, if there is one, else `folder`."""
    own = folder / source.name
    return own if own.is_dir() and not (own / PAGE).exists() else folder
