"""Embedded servers for a process that runs on and on: started again when their guard has gone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from novel_core.errors import ServiceError
from novel_core.processes.restarts import RestartBackoff

if TYPE_CHECKING:
    from novel_core.services.client import Attachment

#: Seconds between two looks of a thread.
_EVERY = 1.0


class Keeper:
    """`look` starts the servers of an attachment again where they have gone; what fails is tried again, and told once.

    ```python
    keeper = Keeper(attachment, print)
    while running:
        keeper.look()
    ```
    """

    def __init__(self, attachment: Attachment | None, tell: Callable[[str], object]) -> None:
        self._attachment = attachment
        self._tell = tell
        self._backoff = RestartBackoff()
        self._failing = False

    def look(self) -> None:
        """Costs next to nothing while all is well; may take seconds where the servers have to be started."""
        now = time.monotonic()
        attachment = self._attachment
        if attachment is None or not attachment.is_lost() or not self._backoff.is_due(now):
            return
        self._backoff.started(now)
        try:
            attachment.renew()
        except ServiceError as error:
            self._backoff.exited(time.monotonic())
            if not self._failing:
                self._tell(
                    f"The embedded servers have ended and do not start: {error.message} Trying again."
                )
            self._failing = True
        else:
            self._failing = False
            self._tell("The embedded servers had ended and are started again.")


@contextmanager
def kept(attachment: Attachment | None, tell: Callable[[str], object]) -> Iterator[None]:
    """Look again and again, in a thread, while the block runs."""
    closed = threading.Event()
    keeper = Keeper(attachment, tell)

    def run() -> None:
        while not closed.wait(_EVERY):
            keeper.look()

    if attachment is not None:
        threading.Thread(target=run, name="novel-servers", daemon=True).start()
    try:
        yield
    finally:
        closed.set()
