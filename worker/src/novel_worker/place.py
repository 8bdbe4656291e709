"""Where a job runs: in a process of its own, or in one that runs many."""

from __future__ import annotations

import logging
import os
import signal
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

from redis import Redis
from redis.exceptions import RedisError
from rq import Worker

from novel_core.errors import JobStopped, NovelError
from novel_core.jobs.guard import Check, JobGuard
from novel_core.jobs.stop_switch import StopSwitch
from novel_core.processes.parent import end_with_parent
from novel_core.settings import Settings
from novel_worker.memory import job_memory


class Place(ABC):
    """What the place of a job gives to it.

    `guard` guards all jobs of the place; None where each has one of its own. `can_leave` is true
    where `leave` can end the place.
    """

    guard: JobGuard | None = None
    can_leave = True

    @property
    def is_shared(self) -> bool:
        """Whether it runs several jobs."""
        return self.guard is not None

    @abstractmethod
    def stopping(self, switch: StopSwitch) -> AbstractContextManager[None]:
        """Throw the switch when the place is to end, during the block."""

    @abstractmethod
    def leave(self) -> None:
        """End the place, because the thread of a job hangs."""

    def checks(self, settings: Settings, redis: Redis) -> Sequence[Check]:  # noqa: ARG002 - for those that need it
        """Return the place's reasons to stop a job."""
        return ()

    @staticmethod
    def leaving() -> JobStopped:
        return JobStopped("The worker is shutting down.")


class OwnProcess(Place):
    """A work-horse of a stock worker, or the process of a job that runs alone."""

    def __init__(self) -> None:
        # A worker that does not fork must outlive its job.
        self.can_leave = "RQ_WORKER_ID" in os.environ
        if self.can_leave:
            end_with_parent()

    @contextmanager
    def stopping(self, switch: StopSwitch) -> Iterator[None]:
        """Stop on SIGTERM, from an operator or, when the worker died, the kernel."""
        previous = signal.signal(signal.SIGTERM, lambda *_: switch.stop(self.leaving()))
        try:
            yield
        finally:
            signal.signal(signal.SIGTERM, previous)

    def leave(self) -> None:
        logging.shutdown()
        os._exit(1)

    def checks(self, settings: Settings, redis: Redis) -> Sequence[Check]:
        key = Worker.redis_worker_namespace_prefix + os.environ.get("RQ_WORKER_ID", "")

        def shutdown() -> NovelError | None:
            """RQ's worker notes in its hash that it is shutting down."""
            try:
                requested = redis.hget(key, "shutdown_requested_date")
            except (RedisError, OSError):
                return None
            return self.leaving() if requested else None

        return (shutdown, job_memory(settings.job_memory)) if self.can_leave else (shutdown,)


_place: Place | None = None


def set_place(place: Place) -> None:
    """Run the jobs of this process in `place`."""
    global _place  # noqa: PLW0603 - RQ calls a function by its name, and gives it the job's id only
    _place = place


def place_of_job() -> Place:
    """The place of the job that begins now."""
    return _place or OwnProcess()
