"""How the cost of something grows with its input: no time is asserted, only a ratio far from that of a square."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from itertools import pairwise

#: Four times the input may cost so many times as much: a line gives 4, a square 16, a cube 64.
MOST = 10
#: Costs below this, in seconds of CPU, tell nothing.
_NOISE = 0.02
_TRIES = 6


def too_steep(run: Callable[[int], object], sizes: Sequence[int]) -> str | None:
    """What is wrong with the growth of `run(size)` over sizes that are four times each other; None for nothing."""
    for smaller, larger in pairwise(sizes):
        if _cost(run, larger) <= _NOISE:
            continue
        for _ in range(_TRIES):
            small, large = _cost(run, smaller), _cost(run, larger)
            if large <= MOST * max(small, _NOISE / MOST):
                break
        else:
            return f"{small:.4f} s of CPU for {smaller}, and {large:.4f} s for {larger}"
    return None


def _cost(run: Callable[[int], object], size: int) -> float:
    start = time.process_time()
    run(size)
    return time.process_time() - start
