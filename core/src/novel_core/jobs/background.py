"""A repeated action beside a running job, in its own thread."""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod
from contextvars import copy_context
from typing import Self

logger = logging.getLogger(__name__)

#: Seconds that a turn may take at the end.
_PATIENCE = 5.0


class Background(ABC):
    """A context manager that calls `turn` every `every` seconds.

    It ends with its block, or when `turn` returns False.
    """

    def __init__(self, name: str, every: float) -> None:
        self._every = every
        self._closed = threading.Event()
        self._thread = threading.Thread(
            target=copy_context().run, args=(self._run,), name=name, daemon=True
        )

    @abstractmethod
    def turn(self) -> bool:
        """Do it once; whether to go on."""

    def after_failure(self) -> bool:
        """Whether to go on after a turn that raised an error. The error is logged in any case."""
        return True

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._closed.set()
        # A server that does not answer must not hold the process up.
        self._thread.join(_PATIENCE)

    def _run(self) -> None:
        while not self._closed.wait(self._every):
            try:
                goes_on = self.turn()
            except Exception:
                logger.exception("%s failed", self._thread.name)
                goes_on = self.after_failure()
            if not goes_on:
                return
