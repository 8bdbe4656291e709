"""Batches bounded in number and in bytes: what is in memory at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")

#: Bytes of one batch; a single entry may be larger, and is a batch of its own.
BYTES = 8 * 2**20


def in_batches(
    sized: Iterable[tuple[T, int]], *, count: int, size: int = BYTES
) -> Iterator[list[T]]:
    """The entries, each given with its bytes, in order: up to `count` of them and up to `size` bytes at a time.

    >>> list(in_batches([("a", 3), ("b", 3), ("c", 9), ("d", 1)], count=2, size=6))
    [['a', 'b'], ['c'], ['d']]
    """
    batch: list[T] = []
    held = 0
    for entry, weight in sized:
        if batch and (len(batch) >= count or held + weight > size):
            yield batch
            batch, held = [], 0
        batch.append(entry)
        held += weight
    if batch:
        yield batch
