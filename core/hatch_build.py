"""Lays the template of `novel new` into the packages: from the repository, or from the source distribution it came with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

TEMPLATE = "template"


class TemplateHook(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":  # the repository is beside it
            return
        root = Path(self.root)
        places = (root / TEMPLATE, root.parent / "plugins" / "_template")
        source = next((place for place in places if (place / "cookiecutter.json").is_file()), None)
        if (
            source is None
        ):  # a part of the repository, as an image is built from: `novel new` says so
            self.app.display_warning("The template of `novel new` is not here and is left out.")
            return
        target = TEMPLATE if self.target_name == "sdist" else f"novel_core/{TEMPLATE}"
        build_data["force_include"][str(source)] = target
