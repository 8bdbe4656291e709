"""The regular maintenance of the service, in every API process and beside every worker.

Any number of housekeepers may run at once.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from novel_core.archive.retention import sweep
from novel_core.db.answers import close_lost_connections
from novel_core.errors import NovelError, QueueError
from novel_core.ingest.announcing import announce_pending
from novel_core.queue.connection import connect
from novel_core.queue.dispatch import dispatch
from novel_core.queue.reconcile import mark_lost, release_abandoned
from novel_core.queue.watch_updates import submit_due
from novel_core.runtime import Runtime
from novel_core.webhooks import deliver_due

logger = logging.getLogger(__name__)

#: Seconds between two pushes of due jobs; a submission in the same process wakes it at once.
DISPATCH_EVERY = 1.0
#: Seconds between two repairs.
REPAIR_EVERY = 5.0
#: Seconds between two rounds of watched novels to update, and of webhooks to deliver.
WATCH_EVERY, DELIVER_EVERY = 30.0, 2.0
#: Seconds between two sweeps of what the retention settings no longer keep.
SWEEP_EVERY = 600.0
#: Seconds between two checks of the other threads whether to stop.
STEP = 0.2
#: Seconds that a delivery or an announcement may take at the end; one cut off is repeated later.
PATIENCE = 3.0
#: Seconds after which chores that do not return are a problem; a statement may take five minutes.
STANDSTILL = 120.0
#: Seconds until a chore that failed is tried again; its failure is logged once.
PAUSE_AFTER_FAILURE = 2.0


@dataclass(slots=True)
class Chore:
    """A function called every `every` seconds. A failure is logged when it begins and ends."""

    name: str
    do: Callable[[], object]
    every: float
    due: float = 0.0
    failing: str | None = None
    problem: str = ""

    def run_if_due(self, now: float) -> None:
        if now < self.due:
            return
        self.due = now + self.every
        try:
            self.do()
        except NovelError as error:
            self.due = now + max(min(self.every, REPAIR_EVERY), PAUSE_AFTER_FAILURE)
            if self.failing != error.code:
                logger.warning("%s: %s %s", self.name, error.message, error.hint)
            self.failing, self.problem = error.code, error.message
        except Exception:
            self.due = now + max(min(self.every, REPAIR_EVERY), PAUSE_AFTER_FAILURE)
            if self.failing is None:
                logger.exception("%s failed", self.name)
            self.failing, self.problem = "bug", "failed, see the log"
        else:
            if self.failing is not None:
                logger.info("%s: works again", self.name)
            self.failing = None


class Housekeeper:
    """Does the chores in the calling thread until it is stopped.

    Webhooks and announcements have threads of their own, since receivers and plugins may be slow. So
    has what closes the connections that the others wait for in vain.

    ```python
    housekeeper = Housekeeper(runtime)
    threading.Thread(target=housekeeper.run, daemon=True).start()
    housekeeper.wake()
    housekeeper.stop()
    ```
    """

    def __init__(self, runtime: Runtime) -> None:
        assert runtime.redis_url is not None
        redis = connect(runtime.redis_url)
        database, settings = runtime.database, runtime.settings
        self._wake = threading.Event()
        self._turned: float | None = None
        self._stopped = False
        self._dispatch = Chore(
            "dispatch",
            lambda: dispatch(database, redis, job_timeout=settings.job_timeout),
            DISPATCH_EVERY,
        )
        self._chores = [
            # What needs only the database comes first: it works while Redis is away.
            Chore("leases", lambda: release_abandoned(database, settings), REPAIR_EVERY),
            Chore(
                "watches",
                lambda: submit_due(database, runtime.registry, settings),
                WATCH_EVERY,
            ),
            Chore("sweeping", lambda: sweep(database, settings), SWEEP_EVERY),
            Chore("lost messages", lambda: mark_lost(database, redis), REPAIR_EVERY),
            self._dispatch,
        ]
        self._aside = [
            Chore("webhooks", lambda: deliver_due(database, settings), DELIVER_EVERY),
            Chore("announcing", lambda: announce_pending(runtime), REPAIR_EVERY),
            Chore("lost connections", close_lost_connections, DISPATCH_EVERY),
        ]

    def wake(self) -> None:
        """A job was submitted: push it now. Thread-safe; never waits."""
        self._wake.set()

    def problem(self) -> str | None:
        """What is wrong with the chores, in words; None if nothing is."""
        if self._turned is not None and time.monotonic() - self._turned > STANDSTILL:
            return f"has stood still for {time.monotonic() - self._turned:.0f} s"
        # A problem of Redis is reported elsewhere.
        chores = (*self._chores, *self._aside)
        failing = [chore for chore in chores if chore.failing not in {None, QueueError.code}]
        return "; ".join(f"{chore.name}: {chore.problem}" for chore in failing) or None

    def stop(self) -> None:
        """Let `run` return after its current chore. Thread-safe."""
        self._stopped = True
        self._wake.set()

    def run(self) -> None:
        aside = [
            threading.Thread(
                target=self._run_aside, args=(chore,), name=f"novel-{chore.name}", daemon=True
            )
            for chore in self._aside
        ]
        for thread in aside:
            thread.start()
        try:
            self._run_chores()
        finally:
            self._stopped = True
            until = time.monotonic() + PATIENCE
            for thread in aside:
                thread.join(max(0.0, until - time.monotonic()))

    def _run_aside(self, chore: Chore) -> None:
        while not self._stopped:
            chore.run_if_due(time.monotonic())
            time.sleep(STEP)

    def _run_chores(self) -> None:
        while not self._stopped:
            if self._wake.wait(DISPATCH_EVERY):
                self._wake.clear()
                if self._dispatch.failing is None:
                    self._dispatch.due = 0.0
            self._turned = time.monotonic()
            for chore in self._chores:
                if self._stopped:
                    return
                chore.run_if_due(time.monotonic())
