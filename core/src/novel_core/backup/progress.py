"""How a backup or a restore tells how far it is."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    def __call__(self, step: str, table: str, done: int, total: int | None) -> None:
        """Called at each table's start, and again every few mebibytes; both numbers are bytes of
        rows, `total` where known.
        """


def silent(step: str, table: str, done: int, total: int | None) -> None:
    """Tell nobody."""
