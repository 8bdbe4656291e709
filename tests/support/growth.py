"""How the cost of something grows with its input: whatever the machine does, no time is asserted."""

from __future__ import annotations

import time
from collections.abc import Callable

_FACTOR = 8
_ROUNDS = 3


def growth(work: Callable[[str], object], piece: Callable[[int], str], size: int) -> float:
    """By how much more than its input the CPU time of `work` grows, from `size` to eight times as much: 1 is linear."""
    small, large = (_cpu(work, piece(count)) for count in (size, size * _FACTOR))
    return large / small / _FACTOR


def _cpu(work: Callable[[str], object], text: str) -> float:
    costs = []
    for _ in range(_ROUNDS):
        start = time.process_time()
        work(text)
        costs.append(time.process_time() - start)
    return max(min(costs), 1e-4)
