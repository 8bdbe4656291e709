"""The lock of a server's directory, and the servers that a killed guard has left behind.

The lock is a flock, inherited by every process of the server: it is free once none of them runs.
On Linux the kernel ends the servers of a killed guard. Elsewhere they are found by their working
directory and ended before the next start.
"""

from __future__ import annotations

import fcntl
import os
import signal
import time
from typing import TYPE_CHECKING

from novel_core.errors import ServiceError
from novel_core.services.start_errors import describe_os_error

if TYPE_CHECKING:
    from pathlib import Path

# Seconds an earlier server may take to end without a signal, after the first one, and when killed.
_PATIENCE = (1.0, 20.0, 5.0)
_POLL = 0.005


def lock_directory(lock: Path, directory: Path, title: str, stop_signal: signal.Signals) -> int:
    """The locked descriptor, which the server to start inherits."""
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        for patience, then in zip(_PATIENCE, (stop_signal, signal.SIGKILL, None), strict=True):
            if _lock_within(descriptor, patience):
                return descriptor
            if then is not None:
                _signal_all(directory, then)
    except OSError as error:
        os.close(descriptor)
        raise ServiceError(f"{lock} cannot be locked: {describe_os_error(error)}.") from error
    os.close(descriptor)
    raise ServiceError(
        f"An earlier {title} still runs on {directory} and does not stop.",
        hint=f"End the processes that hold {lock}, then run again.",
    )


def processes_in(directory: Path) -> dict[int, int]:
    """The processes with this working directory, each id with its parent's: a server's own ones."""
    import psutil

    found: dict[int, int] = {}
    for process in psutil.process_iter():
        try:
            if process.cwd() == str(directory):
                found[process.pid] = process.ppid()
        except psutil.Error:
            continue
    return found


def _lock_within(descriptor: int, patience: float) -> bool:
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(_POLL)
        else:
            return True


def _signal_all(directory: Path, number: signal.Signals) -> None:
    """Signal the topmost processes, or all with SIGKILL. SIGCONT wakes stopped ones."""
    found = processes_in(directory)
    for pid, parent in found.items():
        if parent not in found or number is signal.SIGKILL:
            try:
                os.kill(pid, number)
                os.kill(pid, signal.SIGCONT)
            except ProcessLookupError:
                continue
