"""A process that must not outlive the one that started it."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def end_with_parent(parent: int | None = None, number: int = signal.SIGTERM) -> None:
    """Have the kernel send us `number` when our parent dies, however it dies; `parent` is who it should be.

    A worker that was killed leaves its work-horse behind, which would go on beside the next attempt. Linux only: elsewhere the
    lease is what keeps the two apart.
    """
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
    if parent is not None and os.getppid() != parent:  # it died before the kernel knew our wish
        os.kill(os.getpid(), number)
