"""One line of the list of plugins, whatever became of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from novel_core.registry.loaded import LoadedPlugin, LoadedSource


class SourceState(StrEnum):
    LOADED = "loaded"
    DISABLED = "disabled"  # by name, before anything of it was imported
    FAILED = "failed"  # it cannot be imported, or breaks the plugin contract
    INCOMPATIBLE = "incompatible"  # made for another novel-core; not imported
    DUPLICATE = "duplicate"  # two distributions use its name; neither is imported

    @property
    def is_problem(self) -> bool:
        return self not in (SourceState.LOADED, SourceState.DISABLED)


@dataclass(frozen=True, slots=True)
class Distribution:
    """What the installed package says of itself. `requires` are its raw `Requires-Dist` lines."""

    name: str
    version: str
    requires: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.name} {self.version}".strip()


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """A source as found. `error` is one line; `details` is the traceback of a plugin that raised.

    `source` is there when it is loaded, and only then; `listener` in its place for a plugin that is no source.
    """

    name: str
    state: SourceState
    package: Distribution
    error: str | None = None
    details: str | None = None
    source: LoadedSource | None = None
    listener: LoadedPlugin | None = None

    @property
    def distribution(self) -> str:
        return self.package.name

    @property
    def version(self) -> str:
        return self.package.version

    @property
    def domains(self) -> tuple[str, ...]:
        return self.source.info.domains if self.source else ()

    @property
    def hooks(self) -> tuple[str, ...]:
        plugin = self.source or self.listener
        return plugin.hooks if plugin else ()

    def __str__(self) -> str:
        return f"{self.name} ({self.package})"
