"""Who holds a job, and keeping hold of it.

A lease is a promise to renew; it runs out by itself when its owner dies. The owner's name tells machine and process, so
that another process on the same machine need not wait for a lease whose owner is known to be dead. Nothing in it depends on
the clock on the wall, which may be set at any time.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from novel_core.errors import LeaseLost, NovelError, StorageError
from novel_core.jobs.background import Background

#: Where the fields after the command's name begin in /proc/PID/stat, and which of them is the start.
_STARTED = 19


def _machine() -> str:
    """This machine since its start. Containers may share a host name: process ids mean something within one pid namespace only."""
    name = socket.gethostname()
    with contextlib.suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{name}:{Path('/proc/self/ns/pid').readlink()}:{boot}"
    return name


def _started(pid: int) -> str:
    """When a process has started: on Linux in ticks since the machine's start, psutil.NoSuchProcess where there is none."""
    try:
        told = Path(f"/proc/{pid}/stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        # On other systems the kernel keeps the time itself, and does not count it anew from its clock.
        return f"{psutil.Process(pid).create_time():.2f}"
    return told.rpartition(b")")[2].split()[_STARTED].decode()


def owner_name() -> str:
    """This process, as a lease's owner: machine/pid/start."""
    return f"{_machine()}/{os.getpid()}/{_started(os.getpid())}"


def is_dead(owner: str) -> bool:
    """Whether the owner is a process of this machine that no longer lives."""
    try:
        machine, pid, started = owner.rsplit("/", 2)
        if machine != _machine():
            return False
        if _started(int(pid)) != started:
            return True
        return psutil.Process(int(pid)).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
    except (ValueError, psutil.Error):
        return False


class Heartbeat(Background):
    """Renews a lease every quarter of its time, until closed.

    `renew` returns False when the lease has gone to somebody else. Then, or when a whole lease has passed without a
    renewal, `lost` is called once with the error that ends the job.
    """

    def __init__(
        self, renew: Callable[[], bool], lease: float, lost: Callable[[NovelError], None]
    ) -> None:
        super().__init__("novel-heartbeat", lease / 4)
        self._renew = renew
        self._lease = lease
        self._lost = lost
        self._renewed = time.monotonic()

    def turn(self) -> bool:
        try:
            held = self._renew()
        except StorageError:
            return self.after_failure()
        self._renewed = time.monotonic()
        return self._goes_on(held=held)

    def after_failure(self) -> bool:
        return self._goes_on(held=time.monotonic() - self._renewed < self._lease)

    def _goes_on(self, *, held: bool) -> bool:
        if not held:
            self._lost(LeaseLost("The job's lease was lost to another process."))
        return held
