"""Waiting for a condition instead of a time."""

from __future__ import annotations

import time
from collections.abc import Callable

STEP = 0.01


def eventually(condition: Callable[[], object], timeout: float = 30.0) -> None:
    """Return as soon as the condition holds; fail when it never does."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "the condition never came true"
        time.sleep(STEP)
