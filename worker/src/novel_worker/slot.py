"""One of the jobs that a crawl process can run at once: to RQ, a worker of its own."""

from __future__ import annotations

import logging
import os
import socket
from contextlib import suppress

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.job import Job
from rq.timeouts import BaseDeathPenalty
from rq.version import VERSION
from rq.worker import BaseWorker, WorkerStatus

logger = logging.getLogger(__name__)

#: Seconds after which RQ counts a silent slot as dead, and between two signs of life of a busy one.
_TTL, _MONITORING = 60, 20
_IS_RQ_2 = VERSION.startswith("2.")


class _NoLimit(BaseDeathPenalty):
    """RQ's time limit works by signals, which reach the main thread only; jobs have their own."""

    def setup_death_penalty(self) -> None:
        """Set no alarm."""

    def cancel_death_penalty(self) -> None:
        """There is none."""


class Slot(SimpleWorker):
    """Registered in Redis like any RQ worker, so that RQ's tools show what runs where.

    It runs in a thread: without signal handlers, and without a channel for commands of its own.
    """

    death_penalty_class = _NoLimit
    # SimpleWorker assumes that a job sends no sign of life until its end.
    get_heartbeat_ttl = BaseWorker.get_heartbeat_ttl

    def __init__(self, queue: Queue, redis: Redis, number: int) -> None:
        super().__init__(
            [queue],
            name=f"{socket.gethostname()}.{os.getpid()}.{number}",
            connection=redis,
            worker_ttl=_TTL,
            job_monitoring_interval=_MONITORING,
        )
        self._job: Job | None = None

    def procline(self, message: str) -> None:
        """Leave the name of the process, which runs other jobs too."""

    def begin(self) -> None:
        """Register; also again, after a server has forgotten its workers."""
        # What a forgotten worker has written since is no registration.
        self.connection.delete(self.key)
        self.register_birth()  # type: ignore[no-untyped-call]
        self.set_state(WorkerStatus.BUSY if self._job else WorkerStatus.IDLE)

    def suspend(self, *, suspended: bool) -> None:
        """Show that the idle slot takes no job, or takes them again."""
        if self._job is None:
            self.set_state(WorkerStatus.SUSPENDED if suspended else WorkerStatus.IDLE)

    def work_on(self, job: Job, queue: Queue) -> None:
        """Run the job. RQ's record of it is lost with its server: the job's row is the truth."""
        self._job = job
        try:
            self.execute_job(job, queue)
        except (RedisError, OSError) as error:
            logger.warning("the queue's server does not know how job %s ended: %s", job.id, error)
        finally:
            self._job = None

    def show_life(self, registered: frozenset[str]) -> None:
        """Tell RQ that the slot and its job are alive; `registered` are the keys of its workers."""
        job = self._job
        if self.key not in registered:
            self.begin()
        if job is None:
            self.heartbeat()
            return
        # The job may end at this moment.
        with suppress(AttributeError):
            if _IS_RQ_2:
                self.maintain_heartbeats(job)  # type: ignore[call-arg]
            elif (execution := self.execution) is not None:
                self.maintain_heartbeats(job, execution)

    def end(self) -> None:
        """Deregister."""
        self.register_death()  # type: ignore[no-untyped-call]
