"""A process of `--workers` ends with the one that started it, however that ends: nobody else would stop it, or hold its servers."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from multiprocessing.process import BaseProcess


def end_with_parent() -> None:
    """Watch the parent, if there is one that multiprocessing knows."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_wait, args=(parent,), name="novel-parent", daemon=True).start()


def _wait(parent: BaseProcess) -> None:
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
