"""Calling the listeners of a registry as the end of a job does."""

from __future__ import annotations

from typing import Any

from novel_core.errors import PluginError
from novel_core.ingest.listeners import ListenerCalls
from novel_core.registry import Registry


def call_listeners(registry: Registry, hook: str, **arguments: Any) -> list[PluginError]:
    """The listeners' errors."""
    listeners = ListenerCalls(registry, lambda: None)
    listeners.call(hook, **arguments)
    return listeners.problems
