"""The installed sources: found, checked, loaded apart from each other, and asked for the owner of a URL.

A `Registry` is made by a factory and passed to whoever needs it; there is no global one. Importing this
package, loading a registry and resolving a URL cost no Scrapy, database or settings.
"""

from novel_core.registry.entry import Distribution, SourceEntry, SourceState
from novel_core.registry.loaded import LoadedPlugin, LoadedSource
from novel_core.registry.registry import Registry, load_registry
from novel_core.registry.resolution import Resolved
from novel_core.registry.switches import PluginSwitches, read_switches

__all__ = [
    "Distribution",
    "LoadedPlugin",
    "LoadedSource",
    "PluginSwitches",
    "Registry",
    "Resolved",
    "SourceEntry",
    "SourceState",
    "load_registry",
    "read_switches",
]
