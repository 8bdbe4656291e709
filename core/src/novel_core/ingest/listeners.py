"""Calling the listeners of plugins: each call in its own thread, with a time limit."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from novel_core.errors import PluginError
from novel_core.registry import Registry
from novel_core.registry.loaded import LoadedPlugin

#: Seconds that one call may take.
CALL_LIMIT = 60.0
#: Seconds that all calls of one plugin about one job may take.
JOB_LIMIT = 300.0
#: Seconds between two calls of `alive` while a listener runs.
STEP = 5.0


class ListenerCalls:
    """Calls the listeners about one job; `alive` is called every few seconds meanwhile.

    A plugin that does not return is not called again about this job; the others are.
    """

    def __init__(self, registry: Registry, alive: Callable[[], None]) -> None:
        self._registry = registry
        self._alive = alive
        self._spent: dict[str, float] = {}
        self.problems: list[PluginError] = []

    def call(self, hook: str, **arguments: Any) -> None:
        for plugin in self._registry.listening(hook):
            left = JOB_LIMIT - self._spent.get(plugin.name, 0.0)
            if left > 0:
                self._call(plugin, hook, min(CALL_LIMIT, left), arguments)

    def _call(
        self, plugin: LoadedPlugin, hook: str, limit: float, arguments: dict[str, Any]
    ) -> None:
        failures: list[PluginError] = []

        def run() -> None:
            try:
                plugin.call(hook, **arguments)
            except PluginError as error:
                failures.append(error)

        # A daemon: a listener that hangs does not keep the process from ending.
        thread = threading.Thread(target=run, name=f"novel-{hook}", daemon=True)
        started = time.monotonic()
        thread.start()
        while thread.is_alive() and (left := started + limit - time.monotonic()) > 0:
            thread.join(min(STEP, left))
            self._alive()
        took = time.monotonic() - started
        self._spent[plugin.name] = self._spent.get(plugin.name, 0.0) + took
        if thread.is_alive():
            self._spent[plugin.name] = JOB_LIMIT
            failures = [
                plugin.broke(hook, f"did not return within {limit:.0f} s: not called again")
            ]
        elif self._spent[plugin.name] >= JOB_LIMIT:
            failures.append(
                plugin.broke(hook, f"took {JOB_LIMIT:.0f} s of this job: not called again")
            )
        self.problems += failures
