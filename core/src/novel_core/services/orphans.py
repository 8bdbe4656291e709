"""The lock of a server's directory, and the servers a killed guard left behind.

The lock is a flock, which every process of the server inherits: it is free exactly when none of them lives.
After a guard was killed the kernel ends its servers where it can (Linux); where it cannot they are found by the
directory they work in, and ended here before the next start.
"""

from __future__ import annotations

import fcntl
import os
import signal
import time
from typing import TYPE_CHECKING

from novel_core.errors import ServiceError
from novel_core.services.start_errors import in_words

if TYPE_CHECKING:
    from pathlib import Path

# How long an earlier server may take to end by itself, when asked to, and when killed.
_PATIENCE = (1.0, 20.0, 5.0)
_POLL = 0.005


def claim(lock: Path, directory: Path, title: str, stop_signal: signal.Signals) -> int:
    """The locked descriptor, for the server about to start to inherit."""
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        for patience, then in zip(_PATIENCE, (stop_signal, signal.SIGKILL, None), strict=True):
            if _lock_within(descriptor, patience):
                return descriptor
            if then is not None:
                _signal_all(directory, then)
    except OSError as error:
        os.close(descriptor)
        raise ServiceError(f"{lock} cannot be locked: {in_words(error)}.") from error
    os.close(descriptor)
    raise ServiceError(
        f"An earlier {title} still runs on {directory} and does not end.",
        hint=f"End the processes that hold {lock}, then run again.",
    )


def working_in(directory: Path) -> dict[int, int]:
    """Process id to parent's, of those whose working directory this is, as is every server's its data directory."""
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
    """Ask the head of each family; kill everybody. A stopped process is woken to hear it."""
    found = working_in(directory)
    for pid, parent in found.items():
        if parent not in found or number is signal.SIGKILL:
            try:
                os.kill(pid, number)
                os.kill(pid, signal.SIGCONT)
            except ProcessLookupError:
                continue
