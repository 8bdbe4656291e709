"""What every job needs and no job changes, imported and built once before the fork."""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module

from novel_core.errors import NovelError, PluginError
from novel_core.processes.garbage import freeze_loaded
from novel_core.registry import Registry, load_registry
from novel_core.runtime import Runtime, open_runtime
from novel_core.settings import Settings, load_settings

logger = logging.getLogger(__name__)

#: What a job imports after its first request.
_LATE = ("novel_worker.job", "novel_core.ingest.saving", "novel_core.ingest.announcing")
#: The runtime for the children of this process: its engine has compiled statements, no connection.
_inherited: Runtime | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    settings: Settings
    registry: Registry


@lru_cache(maxsize=1)
def prepared() -> Prepared:
    """Settings and plugins of this process and its children."""
    return Prepared(load_settings(), load_registry())


@contextmanager
def runtime_of_job() -> Iterator[Runtime]:
    """The runtime made before the fork, or a new one where there is none."""
    if _inherited is not None:
        yield _inherited
        return
    with open_runtime(
        prepared().settings, prepared().registry, queue=True, migrating=True
    ) as runtime:
        yield runtime


def warm_up(runtime: Runtime, *, rehearsed: bool = False) -> None:
    """Import the engine and the plugins, and freeze all objects.

    A process forked afterwards starts within milliseconds and shares the memory. With `rehearsed` a
    whole job is run first, for a worker that forks for each job: compiled statements are then
    inherited too, which is nearly half of a small job's processor time. Call it in a process
    without threads. The servers of `runtime` must outlive the children.
    """
    global _inherited  # noqa: PLW0603 - inherited by the children
    for module in _LATE:
        import_module(module)
    for source in runtime.registry.loaded:
        # Its own jobs report it.
        with suppress(PluginError):
            source.parser()
            source.spider()
    if rehearsed:
        _rehearse(runtime)
    # Two processes must not share a connection.
    runtime.database.dispose()
    _inherited = runtime
    gc.collect()
    freeze_loaded()


def _rehearse(runtime: Runtime) -> None:
    from novel_worker.rehearsal import rehearse

    try:
        rehearse(runtime)
    except Exception as error:  # noqa: BLE001 - jobs only start slower
        reason = f"{error.message} {error.hint}" if isinstance(error, NovelError) else repr(error)
        logger.warning("the rehearsal failed, jobs start slower: %s", reason)
