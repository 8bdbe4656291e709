"""What every job needs and no job changes: imported and built once, before the fork."""

from __future__ import annotations

import gc
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from novel_core.errors import PluginError
from novel_core.registry import Registry, SourceState, load_registry
from novel_core.settings import Settings, load_settings


@dataclass(frozen=True, slots=True)
class Prepared:
    settings: Settings
    registry: Registry


@lru_cache(maxsize=1)
def prepared() -> Prepared:
    """Settings and plugins of this process and its children."""
    return Prepared(load_settings(), load_registry())


def warm_up() -> None:
    """Import the engine and the plugins, crawl once where nothing answers, and keep all of it out of the collector's way.

    A work-horse forked afterwards starts within milliseconds, and shares the memory.
    """
    ready = prepared()
    from sqlalchemy.orm import configure_mappers

    from novel_core.db import tables
    from novel_core.pipeline.run import run_async
    from novel_worker.rehearsal import rehearse

    assert tables.METADATA
    configure_mappers()
    for entry in ready.registry.sources:
        if entry.state is SourceState.LOADED:
            with suppress(PluginError):  # its own jobs say so
                run_async(rehearse(ready.registry.get(entry.name), ready.settings))
    gc.collect()
    gc.freeze()
