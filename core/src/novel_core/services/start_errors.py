"""Why a server did not start, in words: from an OSError, or from the end of its log."""

from __future__ import annotations

import errno
import os
import re
from typing import TYPE_CHECKING

from novel_core.errors import ServiceError

if TYPE_CHECKING:
    from pathlib import Path

_TAIL_BYTES = 8192
_REASONS = {
    errno.ENOSPC: "no space is left on its disk",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "it is on a read-only file system",
    errno.EACCES: "you are not permitted to write there",
    errno.EPERM: "the operation is not permitted",
    errno.ENOTDIR: "a part of the path is a file",
    errno.EEXIST: "a file of that name is in the way",
    errno.EFBIG: "a file would become larger than permitted",
    errno.ENOLCK: "its file system has no locks",
}
# Hints for the messages of the servers that a person can act on.
_HINTS = {
    "No space left on device": "Free some disk space, then run again: nothing saved was changed.",
    "Disk quota exceeded": "Free some disk space, then run again: nothing saved was changed.",
    "Read-only file system": "Set NOVEL_DATA_DIR to a directory that can be written to.",
    "Permission denied": "Check who owns the data directory, or set NOVEL_DATA_DIR to another one.",
    "is another postmaster": "End the other server that uses this directory, then run again.",
}
_PREFIX = re.compile(r"^.*?\b(?:FATAL|PANIC|ERROR|error): +")
_MARKS = ("FATAL", "PANIC", "ERROR", "error:", "Fatal", "Can't", "Bad file", "denied", "No space")


def describe_os_error(error: OSError) -> str:
    """The reason of an OSError in words."""
    reason = _REASONS.get(error.errno or 0)
    return reason or (os.strerror(error.errno) if error.errno else str(error))


def failed_start(title: str, output: str, log: Path) -> ServiceError:
    """The error of a server that did not start, by the end of its output."""
    hint = next((hint for text, hint in _HINTS.items() if text in output), None)
    return ServiceError(
        f"{title} did not start: {last_complaint(output)}. Its log is {log}.", hint=hint
    )


def last_complaint(output: str) -> str:
    """The last line that reports an error; the last line of all where none does."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    complaints = [line for line in lines if any(mark in line for mark in _MARKS)]
    last = (complaints or lines or ["it printed nothing"])[-1]
    return _PREFIX.sub("", last).rstrip(".")


def tail(log: Path, since: int = 0) -> str:
    """The end of a log, at most from the byte `since` on."""
    try:
        with log.open("rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            # The log was cut meanwhile: all of it is new.
            start = since if since <= size else 0
            stream.seek(max(start, size - _TAIL_BYTES))
            return stream.read().decode("utf-8", "replace")
    except OSError:
        return ""
