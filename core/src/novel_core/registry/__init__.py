"""The installed source plugins: which are there, in what state, and which of them owns a URL.

`loading` finds and loads them, `checking` holds each to the contract, `source` is one that was loaded, `directory` resolves URLs. A
registry is an object made by `Registry.load` (or `load_registry`, from the environment), never a module global.
"""

from novel_core.registry.directory import Registry, Resolved, load_registry
from novel_core.registry.source import LoadedSource, SourceEntry, SourceState

__all__ = ["LoadedSource", "Registry", "Resolved", "SourceEntry", "SourceState", "load_registry"]
