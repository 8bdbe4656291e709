"""Become another program, and end with the process that started us: `python launch.py PARENT PROGRAM ARGUMENT…`.

A script of its own that imports nothing of ours: the wish for a signal at the parent's death is the kernel's, it lasts through
exec, and to ask for it between fork and exec of a big process is not safe.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

_PR_SET_PDEATHSIG = 1
#: Seconds between two looks at the parent, where the kernel does not tell.
_LOOK = 0.2


def main() -> int:
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform.startswith("linux"):
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:  # it died before the kernel knew our wish
            return 1
        os.execv(command[0], command)  # noqa: S606 - our own command line
    return stay(parent, command)


def stay(parent: int, command: list[str]) -> int:
    """Stay between the two: pass on signals, and look whether the parent lives."""
    program = subprocess.Popen(command)  # noqa: S603 - our own command line
    signal.signal(signal.SIGTERM, lambda number, _frame: program.send_signal(number))
    while program.poll() is None:
        if os.getppid() != parent:
            program.terminate()
            return program.wait()
        time.sleep(_LOOK)
    return program.returncode


if __name__ == "__main__":
    sys.exit(main())
