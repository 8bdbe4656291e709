"""Waiting for a condition instead of a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

STEP = 0.01


def eventually(condition: Callable[[], T | None], timeout: float = 60.0) -> T:
    """Return the condition's value as soon as it is true; fail when it never is."""
    deadline = time.monotonic() + timeout
    while not (value := condition()):
        assert time.monotonic() < deadline, "the condition never came true"
        time.sleep(STEP)
    return value
