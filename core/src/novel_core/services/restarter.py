"""Restart the embedded servers of a long-running process when their guard has died."""

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

#: Seconds between two checks of the thread.
_INTERVAL = 1.0


class ServerRestarter:
    """Restarts the servers of an attachment when they have gone; a failure is reported once.

    ```python
    restarter = ServerRestarter(attachment, print)
    while running:
        restarter.check()
    ```

    Without an attachment, the servers are not embedded ones, and nothing is done.
    """

    def __init__(self, attachment: Attachment | None, report: Callable[[str], object]) -> None:
        self._attachment = attachment
        self._report = report
        self._backoff = RestartBackoff()
        self._failing = False

    def check(self) -> None:
        """Cheap while the servers run; may take seconds to start them."""
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
                self._report(
                    f"The embedded servers have stopped and do not start: {error.message}"
                    " Trying again."
                )
            self._failing = True
        else:
            self._failing = False
            self._report("The embedded servers had stopped and were restarted.")


@contextmanager
def restarting(attachment: Attachment | None, report: Callable[[str], object]) -> Iterator[None]:
    """Check regularly, in a thread, while the block runs."""
    closed = threading.Event()
    restarter = ServerRestarter(attachment, report)

    def run() -> None:
        while not closed.wait(_INTERVAL):
            restarter.check()

    if attachment is not None:
        threading.Thread(target=run, name="novel-servers", daemon=True).start()
    try:
        yield
    finally:
        closed.set()
