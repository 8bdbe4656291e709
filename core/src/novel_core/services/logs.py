"""The logs of a data directory, limited in size from outside the servers."""

from __future__ import annotations

import contextlib
import os
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from novel_core.services.layout import Layout

LIMIT = 4 * 2**20


def open_log(path: Path) -> int:
    """A descriptor for a process to append to; after a `cut` it writes at the file's start."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)


def cut(layout: Layout, limit: int = LIMIT) -> None:
    """Move every log over the limit to `<name>.log.1`, over the older part."""
    for log in layout.logs.glob("*.log"):
        try:
            if log.stat().st_size > limit:
                shutil.copyfile(log, log.with_name(f"{log.name}.1"))
                os.truncate(log, 0)
        except OSError:
            # A full disk must not end the guard: lose the log instead.
            with contextlib.suppress(OSError):
                os.truncate(log, 0)
