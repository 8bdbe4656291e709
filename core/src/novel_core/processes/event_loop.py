"""The event loop of the engine's own threads and processes."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

T = TypeVar("T")


def run_async(main: Coroutine[object, object, T]) -> T:
    """Run a coroutine on uvloop, or on asyncio's own loop where there is no uvloop (Windows)."""
    with asyncio.Runner(loop_factory=_new_event_loop) as runner:
        return runner.run(main)


def _new_event_loop() -> asyncio.AbstractEventLoop:
    try:
        import uvloop
    except ImportError:  # pragma: no cover - the platform decides
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()
