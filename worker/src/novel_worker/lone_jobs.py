"""The process that forks the processes of jobs that run alone.

It has loaded everything, has no threads and runs no job itself: a fork of it starts within
milliseconds, where a new process needs seconds of the processor. After the death of a process of
many jobs that counts.
"""

from __future__ import annotations

import logging
import os
import random
import select
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

from novel_core.processes.parent import end_with_parent

_MESSAGE = 64


class LoneJobs:
    """Made by the supervisor, whose forks then `start` jobs in the one that is in `serve`."""

    def __init__(self, run: Callable[[int], object]) -> None:
        self._run = run
        self._asking, self._asked = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)

    def start(self, job_id: int) -> LoneJob:
        """Start the process of a job; from any thread."""
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self._asking, [str(job_id).encode()], [theirs.fileno()])
        return LoneJob(ours)

    def serve(self) -> int:
        """Fork a process for each job that is asked for, until SIGTERM; the jobs then end in order."""
        return _Server(self._run, self._asked).serve()


class LoneJob:
    """The process of a job, as the one sees it that has asked for it."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._code: int | None = None

    def stop(self) -> None:
        """Send it SIGTERM. Thread-safe."""
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_WR)

    def wait(self) -> int | None:
        """Its exit code; None if the process that had forked it has ended before."""
        with self._connection as connection, suppress(OSError):
            if code := connection.recv(_MESSAGE):
                self._code = int(code)
        return self._code


class _Server:
    def __init__(self, run: Callable[[int], object], asked: socket.socket) -> None:
        self._run = run
        self._asked = asked
        self._jobs: dict[int, socket.socket] = {}
        self._stopped: set[int] = set()
        self._leaves = False

    def serve(self) -> int:
        woken, wakes = socket.socketpair()
        woken.setblocking(False)
        wakes.setblocking(False)
        signal.set_wakeup_fd(wakes.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, self._leave)
        while self._jobs or not self._leaves:
            for pid in self._jobs if self._leaves else ():
                self._stop(pid)
            jobs = {job: pid for pid, job in self._jobs.items() if pid not in self._stopped}
            asked = [] if self._leaves else [self._asked]
            ready, _, _ = select.select([woken, *asked, *jobs], [], [])
            if woken in ready:
                with suppress(BlockingIOError):
                    woken.recv(_MESSAGE)
            # The process that asked for it wants it to end, or has ended.
            for job in jobs.keys() & set(ready):
                self._stop(jobs[job])
            if self._asked in ready:
                self._start()
            self._bury()
        return 0

    def _leave(self, _number: int, _frame: object) -> None:
        self._leaves = True

    def _stop(self, pid: int) -> None:
        """End the job in order, once."""
        if pid not in self._stopped:
            self._stopped.add(pid)
            os.kill(pid, signal.SIGTERM)

    def _start(self) -> None:
        message, descriptors, _, _ = socket.recv_fds(self._asked, _MESSAGE, 1)
        connection = socket.socket(fileno=descriptors[0])
        server = os.getpid()
        pid = os.fork()
        self._jobs[pid] = connection
        if not pid:
            self._live(int(message), server)

    def _live(self, job_id: int, server: int) -> NoReturn:
        """The whole life of a job's process."""
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            end_with_parent(server)
            # The process that asked sees how these ended.
            for other in self._jobs.values():
                other.close()
            os.environ["RQ_WORKER_ID"] = "alone"
            random.seed()
            self._run(job_id)
            code = 0
        finally:
            logging.shutdown()
            os._exit(code)

    def _bury(self) -> None:
        for pid in list(self._jobs):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if not ended:
                continue
            self._stopped.discard(pid)
            with self._jobs.pop(pid) as connection, suppress(OSError):
                connection.send(str(os.waitstatus_to_exitcode(status)).encode())
