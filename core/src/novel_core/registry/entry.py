"""An entry of the list of sources: one for each source, family and plugin, loaded or not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from novel_core.plugin import Site
from novel_core.registry.discovery import Distribution
from novel_core.registry.loaded import LoadedPlugin, LoadedSource
from novel_core.registry.loaded_family import LoadedFamily


class SourceState(StrEnum):
    """The state of a plugin, source, family or site.

    DISABLED: by name; a plugin is not imported. FAILED: cannot be imported, or breaks the plugin
    contract. INCOMPATIBLE: made for another version of novel-core, not imported. DUPLICATE: two
    have its name, or two sites its address; neither is loaded.
    """

    LOADED = "loaded"
    DISABLED = "disabled"
    FAILED = "failed"
    INCOMPATIBLE = "incompatible"
    DUPLICATE = "duplicate"

    @property
    def is_problem(self) -> bool:
        return self not in (SourceState.LOADED, SourceState.DISABLED)


class EntryKind(StrEnum):
    """The kind of an entry. PLUGIN: an entry point of which no more is known."""

    PLUGIN = "plugin"
    SOURCE = "source"
    FAMILY = "family"
    SITE = "site"
    LISTENER = "listener"


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """A source, family or listener; also a plugin or site that is not loaded.

    `plugin` is the name of its entry point. `error` is one line; `details` are the plugin's own
    frames of what it raised. One of `source`, `family` and `listener` is set for what is loaded;
    `contender` is the source or site of a duplicate.
    """

    name: str
    state: SourceState
    package: Distribution
    plugin: str = ""
    kind: EntryKind = EntryKind.PLUGIN
    error: str | None = None
    details: str | None = None
    source: LoadedSource | None = None
    family: LoadedFamily | None = None
    listener: LoadedPlugin | None = None
    contender: LoadedSource | Site | None = None

    @property
    def title(self) -> str | None:
        loaded = self.source or self.family
        return loaded.title if loaded else None

    @property
    def sites(self) -> tuple[Site, ...] | None:
        """The sites of a family that its package ships; None for all others."""
        return self.family.sites if self.family else None

    @property
    def domains(self) -> tuple[str, ...]:
        if self.family is not None:
            return self.family.host_patterns
        return self.source.info.domains if self.source else ()

    @property
    def hooks(self) -> tuple[str, ...]:
        """The hooks of the plugin."""
        loaded = self.source or self.family
        plugin = loaded.plugin if loaded else self.listener
        return plugin.hooks if plugin else ()

    def __str__(self) -> str:
        return f"{self.name} ({self.package})"
