"""End with the parent: a process of the service does not outlive the one that started it.

As a script, `python parent.py PARENT PROGRAM ARGUMENT…` becomes that program under the same rule.
It imports the standard library only. The kernel keeps the request through exec; to make it between
fork and exec of a large process would not be safe.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time

_libc = ctypes.CDLL(None) if sys.platform.startswith("linux") else None
_PR_SET_PDEATHSIG = 1
#: Seconds between two checks of the parent, where the kernel sends no signal.
_INTERVAL = 0.2


def request_signal(number: int) -> bool:
    """Request the signal `number` from the kernel at the parent's death; False outside Linux.

    A change of the account cancels the request, exec does not.
    """
    if _libc is None:
        return False
    _libc.prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
    return True


def end_with_parent(parent: int | None = None, number: int = signal.SIGTERM) -> None:
    """Send this process the signal `number` when its parent dies, even by SIGKILL.

    `parent` is the process id the parent should have; by default the present parent.
    """
    parent = os.getppid() if parent is None else parent
    if not request_signal(number):
        threading.Thread(
            target=watch_parent, args=(parent, number), name="novel-parent", daemon=True
        ).start()
    elif os.getppid() != parent:  # it died before the request
        os.kill(os.getpid(), number)


def watch_parent(parent: int, number: int) -> None:
    """Wait until `parent` is the parent no longer, then send this process the signal."""
    while os.getppid() == parent:
        time.sleep(_INTERVAL)
    os.kill(os.getpid(), number)


def stay_between(parent: int, command: list[str]) -> int:
    """Run the command as a child that gets SIGTERM when this process does or when `parent` dies."""
    received: list[int] = []
    # Before the start: a signal that came in between would end this process and leave the command.
    signal.signal(signal.SIGTERM, lambda number, _frame: received.append(number))
    program = subprocess.Popen(command)  # noqa: S603 - our own command line
    while program.poll() is None:
        if os.getppid() != parent:
            program.terminate()
            return program.wait()
        if received:
            program.send_signal(received.pop())
        time.sleep(_INTERVAL)
    return program.returncode


def main() -> int:
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if not request_signal(signal.SIGTERM):
        return stay_between(parent, command)
    if os.getppid() == parent:  # else it died before the request
        os.execv(command[0], command)  # noqa: S606 - our own command line
    return 1


if __name__ == "__main__":
    sys.exit(main())
