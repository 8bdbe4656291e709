"""The memory of this process, and its limits."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import psutil

from novel_core.errors import NovelError, OutOfMemory, RunsAlone
from novel_core.jobs.guard import Check

try:
    import resource
except ImportError:  # pragma: no cover - Windows
    resource = None  # type: ignore[assignment]

_STATUS = Path("/proc/self/status")


def used_memory() -> int:
    """Return the bytes in memory, with what is shared with other processes."""
    return int(psutil.Process().memory_info().rss)


def in_megabytes(size: int) -> str:
    """Return a size for a person.

    >>> in_megabytes(3 * 2**20 + 9)
    '3 MiB'
    """
    return f"{size // 2**20} MiB"


def job_memory(limit: int) -> Check:
    """Return the check that this process, which runs one job, uses at most `limit` bytes.

    Where the system can, more than twice that is refused at once: code that allocates very fast is
    noticed in time.
    """
    _refuse_beyond(2 * limit)

    def check() -> NovelError | None:
        used = used_memory()
        if used <= limit:
            return None
        return OutOfMemory(
            f"The job used {in_megabytes(used)} of memory; {in_megabytes(limit)} are allowed."
        )

    return check


def shared_problem(limit: int) -> RunsAlone | None:
    """Return why this process, which runs several jobs, has to end; None if it need not."""
    used = used_memory()
    if used <= limit:
        return None
    return RunsAlone(
        f"The worker process used {in_megabytes(used)} of memory;"
        f" {in_megabytes(limit)} are allowed."
    )


def _refuse_beyond(more: int) -> None:
    """Let an allocation fail that takes `more` bytes beyond what this process has now (Linux)."""
    with suppress(OSError, ValueError):
        lines = _STATUS.read_text().splitlines()
        [data] = [line.split()[1] for line in lines if line.startswith("VmData:")]
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (int(data) * 1024 + more, hard))
