"""A plugin under development: taken from a folder or a module, without being installed."""

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

_PROJECT = "pyproject.toml"


def load_development(target: str) -> SourceEntry:
    """The source at `target`: a project's folder, a package's folder, a `.py` file, or a module's name.

    Its folder goes first on the import path, so what it imports is the copy under development. UsageError says that there is
    nothing to load, PluginError what is wrong with what there is.
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
        f"{path} is no plugin: it holds neither pyproject.toml nor __init__.py.",
        hint="Give the folder of the project, of the package, or a module's name.",
    )


def _declared(project: Path) -> EntryPoint:
    """What `pyproject.toml` declares as the source."""
    try:
        with project.open("rb") as opened:
            content = tomllib.load(opened)
    except (OSError, ValueError) as error:
        raise UsageError(f"{project} cannot be read: {error}") from error
    points = content.get("project", {}).get("entry-points", {}).get(ENTRY_POINT_GROUP, {})
    if len(points) != 1:
        raise UsageError(
            f"{project} declares {len(points)} sources, not one.",
            hint=f'Write [project.entry-points."{ENTRY_POINT_GROUP}"] and under it: name = "module"',
        )
    [(name, module)] = points.items()
    _import_first(project.parent / "src" if (project.parent / "src").is_dir() else project.parent)
    return EntryPoint(str(name), str(module), ENTRY_POINT_GROUP)


def _importable(folder: Path, module: str) -> EntryPoint:
    _import_first(folder)
    return _entry_point_of(module)


def _entry_point_of(module: str) -> EntryPoint:
    """The name is the one its card gives: nothing else tells it."""
    try:
        plugin = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.partition(".")[0]:
            raise PluginError(f"The plugin {module} cannot be imported: {error}.") from error
        raise UsageError(
            f"There is neither a folder nor a module {module}.",
            hint="Give the folder of the plugin's project, or a module's name.",
        ) from error
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise PluginError(f"The plugin {module} cannot be imported: {reason}.") from error
    try:
        name = plugin.novel_source_info().name
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise PluginError(f"The module {module} has no name card: {reason}.") from error
    return EntryPoint(str(name), module, ENTRY_POINT_GROUP)


def _import_first(folder: Path) -> None:
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))


def project_of(source: LoadedSource) -> Path | None:
    """The folder of the project an installed source is developed in; None for one installed from a wheel."""
    for point in entry_points(group=ENTRY_POINT_GROUP, name=source.name):
        spec = importlib.util.find_spec(point.module)
        if spec is not None and spec.origin is not None:
            return _project_above(Path(spec.origin))
    return None


def _project_above(path: Path) -> Path | None:
    """Not beyond the environment: what lies in one is installed, whatever folder the environment lies in."""
    for folder in path.resolve().parents:
        if folder.name == "site-packages":
            return None
        if (folder / _PROJECT).is_file():
            return folder
    return None


def recordings_of(source: LoadedSource, target: str | None = None) -> Path | None:
    """Where the recordings of a source lie: beside its tests, if its project is here; in a folder of the source's name there, if
    the project has one."""
    if target is not None and Path(target).exists():
        path = Path(target).resolve()
        project = path if (path / _PROJECT).is_file() else _project_above(path / "any")
    else:
        project = project_of(source)
    return recordings_in(project / "tests" / "recordings", source) if project else None


def recordings_in(folder: Path, source: LoadedSource) -> Path:
    """The source's own folder in one of several sources, else the folder itself."""
    own = folder / source.name
    return own if own.is_dir() and not (own / PAGE).exists() else folder
