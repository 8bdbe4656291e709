"""An entry of the list of plugins: one for each installed plugin, loaded or not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from novel_core.registry.discovery import Distribution
from novel_core.registry.loaded import LoadedPlugin, LoadedSource


class SourceState(StrEnum):
    """The state of a plugin.

    DISABLED: by name, not imported. FAILED: cannot be imported, or breaks the plugin contract.
    INCOMPATIBLE: made for another version of novel-core, not imported. DUPLICATE: two distributions
    use its name; neither is imported.
    """

    LOADED = "loaded"
    DISABLED = "disabled"
    FAILED = "failed"
    INCOMPATIBLE = "incompatible"
    DUPLICATE = "duplicate"

    @property
    def is_problem(self) -> bool:
        return self not in (SourceState.LOADED, SourceState.DISABLED)


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """An installed plugin. `error` is one line; `details` is the traceback of a plugin that raised.

    `source` is set for a loaded source only, `listener` for a loaded plugin that is no source.
    """

    name: str
    state: SourceState
    package: Distribution
    error: str | None = None
    details: str | None = None
    source: LoadedSource | None = None
    listener: LoadedPlugin | None = None

    @property
    def domains(self) -> tuple[str, ...]:
        return self.source.info.domains if self.source else ()

    @property
    def hooks(self) -> tuple[str, ...]:
        plugin = self.source or self.listener
        return plugin.hooks if plugin else ()

    def __str__(self) -> str:
        return f"{self.name} ({self.package})"
