"""The owners of leases: which process holds a job, and whether it is dead.

A lease that is not renewed ends, so the job of a process that died becomes free. The owner's name
contains machine and process: another process of the same machine does not wait for the lease of a
dead one. Nothing here depends on the system clock, which may be set at any time.
"""

from __future__ import annotations

import contextlib
import os
import socket
from pathlib import Path

import psutil

#: Where the fields after the command's name begin in /proc/PID/stat, and which of them is the
#: start.
_STARTED = 19


def _machine() -> str:
    """The name of this machine since its start.

    Containers may share a host name, so the pid namespace is part of it.
    """
    name = socket.gethostname()
    with contextlib.suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{name}:{Path('/proc/self/ns/pid').readlink()}:{boot}"
    return name


def _started(pid: int) -> str:
    """When a process started, on Linux in ticks since the machine's start.

    Raise psutil.NoSuchProcess where there is none.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        # Other systems store the time itself, which does not change with the clock.
        return f"{psutil.Process(pid).create_time():.2f}"
    return stat.rpartition(b")")[2].split()[_STARTED].decode()


def owner_name() -> str:
    """Return the name of this process as the owner of a lease: machine/pid/start."""
    return f"{_machine()}/{os.getpid()}/{_started(os.getpid())}"


def is_dead(owner: str) -> bool:
    """Whether the owner is a process of this machine that has ended."""
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
