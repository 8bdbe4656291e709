"""The registry of plugins: finds them, loads each one separately, and tells which source owns a
URL.

There is no global `Registry`: a factory makes one, and it is passed on. This package imports no
Scrapy, database or settings.
"""

from novel_core.registry.discovery import Distribution
from novel_core.registry.entry import EntryKind, SourceEntry, SourceState
from novel_core.registry.loaded import LoadedPlugin, LoadedSource
from novel_core.registry.loaded_family import LoadedFamily
from novel_core.registry.own_frames import own_frames
from novel_core.registry.registry import Registry, load_registry
from novel_core.registry.resolution import Resolved, SiteStore
from novel_core.registry.switches import PluginSwitches, read_switches

__all__ = [
    "Distribution",
    "EntryKind",
    "LoadedFamily",
    "LoadedPlugin",
    "LoadedSource",
    "PluginSwitches",
    "Registry",
    "Resolved",
    "SiteStore",
    "SourceEntry",
    "SourceState",
    "load_registry",
    "own_frames",
    "read_switches",
]
