"""Telling the plugins of a registry as a job's end does."""

from __future__ import annotations

from typing import Any

from novel_core.errors import PluginError
from novel_core.ingest.listeners import Teller
from novel_core.registry import Registry


def tell(registry: Registry, hook: str, **arguments: Any) -> list[PluginError]:
    """What went wrong."""
    teller = Teller(registry, lambda: None)
    teller.tell(hook, **arguments)
    return teller.problems
