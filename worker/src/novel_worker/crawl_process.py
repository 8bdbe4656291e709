"""A process that runs many jobs at once: one thread, with an event loop of its own, for each."""

from __future__ import annotations

import logging
import queue as queues
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress

from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.exceptions import DequeueTimeout
from rq.job import Job
from rq.suspension import is_suspended

from novel_core.db.engine import open_database
from novel_core.errors import JobStopped
from novel_core.jobs.guard import JobGuard
from novel_core.jobs.stop_switch import StopSwitch
from novel_core.queue.connection import connect
from novel_core.queue.names import QUEUE
from novel_core.runtime import Runtime
from novel_worker.memory import shared_problem
from novel_worker.place import Place, set_place
from novel_worker.slot import Slot

logger = logging.getLogger(__name__)

#: Seconds that waiting for a free slot, or for a job, takes at most.
_WAIT = 1
#: Seconds between two signs of life to RQ.
_LIFE = 15.0
#: Seconds that the jobs have to end in order.
_PATIENCE = 8.0
#: Seconds to wait for a server that is away.
_PAUSE = 1.0


class CrawlProcess(Place):
    """Takes jobs from the queue while it has a free slot, until SIGTERM.

    Its jobs are then handed back. It also ends when the thread of a job hangs.
    """

    def __init__(self, runtime: Runtime, crawls: int) -> None:
        assert runtime.redis_url is not None
        lease = runtime.settings.lease
        # With a connection of its own, since a renewal must not wait behind the jobs. Code that
        # lets no other thread run holds up all jobs: it may do so for less than a lease.
        leases = open_database(runtime.servers.database_url, pool_size=1)
        self.guard: JobGuard = JobGuard(leases, lease, patience=lease / 4)
        self._redis = connect(runtime.redis_url, patience=5.0)
        self._queue = Queue(QUEUE, connection=self._redis)
        self._slots = [Slot(self._queue, self._redis, number + 1) for number in range(crawls)]
        self._free: queues.SimpleQueue[Slot] = queues.SimpleQueue()
        self._switches: dict[StopSwitch, None] = {}
        self._memory = runtime.settings.process_memory
        self._reason: JobStopped | None = None
        self._leaves = threading.Event()
        self._hangs = self._suspended = False
        self._shown = 0.0

    def run(self) -> int:
        """Work, in the main thread; the exit code."""
        set_place(self)
        signal.signal(signal.SIGTERM, lambda *_: self._stop())
        for slot in self._slots:
            slot.begin()
            self._free.put(slot)
        threads = ThreadPoolExecutor(len(self._slots), thread_name_prefix="novel-crawl")
        running: set[Future[None]] = set()
        with self.guard:
            try:
                while not self._leaves.is_set():
                    self._watch_memory()
                    self._show_life()
                    if (taken := self._take()) is not None:
                        running = {work for work in running if not work.done()}
                        running.add(threads.submit(self._work, *taken))
            finally:
                wait(running, _PATIENCE)
                threads.shutdown(wait=False)
        # Where the server is away, RQ forgets the slots by itself.
        with suppress(RedisError, OSError):
            for slot in self._slots:
                slot.end()
        return int(self._hangs)

    @contextmanager
    def stopping(self, switch: StopSwitch) -> Iterator[None]:
        self._switches[switch] = None
        try:
            if self._leaves.is_set():
                switch.stop(self._reason or self.leaving())
            yield
        finally:
            del self._switches[switch]

    def leave(self) -> None:
        if not self._hangs:
            logger.warning("A job hangs and cannot be stopped: this process hands the others back.")
        self._hangs = True
        self._stop()

    def _stop(self, reason: JobStopped | None = None) -> None:
        self._reason = self._reason or reason or self.leaving()
        self._leaves.set()
        for switch in list(self._switches):
            switch.stop(self._reason)

    def _watch_memory(self) -> None:
        problem = shared_problem(self._memory)
        if problem is not None:
            logger.warning("%s It hands its jobs back and is started again.", problem.message)
            self._hangs = True
            self._stop(problem)

    def _take(self) -> tuple[Slot, Job] | None:
        """A free slot and a job for it; None if there was neither for a moment."""
        try:
            slot = self._free.get(timeout=_WAIT)
        except queues.Empty:
            return None
        job = None
        try:
            job = self._dequeue()
        finally:
            if job is None:
                self._free.put(slot)
        return None if job is None else (slot, job)

    def _dequeue(self) -> Job | None:
        try:
            if self._is_suspended():
                return None
            found = Queue.dequeue_any([self._queue], _WAIT, connection=self._redis)
        except DequeueTimeout:
            return None
        except (RedisError, OSError) as error:
            logger.warning("the queue cannot be reached: %s", error)
            self._leaves.wait(_PAUSE)
            return None
        if found is not None and self._leaves.is_set():
            self._give_back(found[0])
            return None
        return None if found is None else found[0]

    def _give_back(self, job: Job) -> None:
        """Put a job that was taken while the process began to end at the front of the queue."""
        with suppress(RedisError, OSError), self._redis.pipeline() as together:
            self._queue.push_job_id(job.id, pipeline=together, at_front=True)
            together.lrem(self._queue.intermediate_queue_key, 1, job.id)
            together.execute()

    def _is_suspended(self) -> bool:
        """Whether `rq suspend` has stopped all workers; then this waits a moment."""
        suspended = bool(is_suspended(self._redis))
        if suspended is not self._suspended:
            self._suspended = suspended
            for slot in self._slots:
                slot.suspend(suspended=suspended)
        if suspended:
            self._leaves.wait(_PAUSE)
        return suspended

    def _work(self, slot: Slot, job: Job) -> None:
        try:
            slot.work_on(job, self._queue)
        except BaseException:
            logger.exception("job %s", job.id)
        finally:
            self._free.put(slot)

    def _show_life(self) -> None:
        if time.monotonic() - self._shown < _LIFE:
            return
        self._shown = time.monotonic()
        with suppress(RedisError, OSError):
            if self._slots[0].should_run_maintenance_tasks:
                self._slots[0].run_maintenance_tasks()  # type: ignore[no-untyped-call]
            registered = frozenset(Worker.all_keys(queue=self._queue))
            for slot in self._slots:
                slot.show_life(registered)
