"""How many event streams one process serves at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from novel_api.errors import TooBusy

#: Seconds after which a place may have become free.
_PAUSE = 10.0


class Streams:
    """Places for streams; to be used from the event loop only.

    >>> with Streams(1).place():
    ...     pass
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self.open = 0

    @contextmanager
    def place(self) -> Iterator[None]:
        if self.open >= self._most:
            raise TooBusy(f"{self._most} event streams are open already.", retry_after=_PAUSE)
        self.open += 1
        try:
            yield
        finally:
            self.open -= 1
