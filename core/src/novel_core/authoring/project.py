"""A plugin's project: its folder on this machine, and where its recordings are."""

from __future__ import annotations

import importlib.util
from importlib.metadata import entry_points
from pathlib import Path

from novel_core.hookspecs import ENTRY_POINT_GROUP
from novel_core.registry import LoadedPlugin

PROJECT = "pyproject.toml"


def recordings_folder(plugin: LoadedPlugin, target: str | None = None) -> Path | None:
    """The folder of a plugin's recordings: tests/recordings of its project; None without a project.

    `target` is the plugin's path if it is not installed.
    """
    if target is not None and Path(target).exists():
        path = Path(target).resolve()
        project = path if (path / PROJECT).is_file() else _project_above(path / "any")
    else:
        project = _project_of(plugin)
    return project / "tests" / "recordings" if project else None


def _project_of(plugin: LoadedPlugin) -> Path | None:
    """The project's folder of a plugin installed in editable mode; None for an installed wheel."""
    for point in entry_points(group=ENTRY_POINT_GROUP, name=plugin.name):
        spec = importlib.util.find_spec(point.module)
        if spec is not None and spec.origin is not None:
            return _project_above(Path(spec.origin))
    return None


def _project_above(path: Path) -> Path | None:
    """The nearest folder with a pyproject.toml; None for a file in site-packages."""
    for folder in path.resolve().parents:
        if folder.name == "site-packages":
            return None
        if (folder / PROJECT).is_file():
            return folder
    return None
