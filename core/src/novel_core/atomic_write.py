"""Writing a file atomically: it appears complete or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from novel_core.errors import FileTaken, FileUnusable


@contextmanager
def new_file(path: Path, *, replace: bool = False, private: bool = False) -> Iterator[BinaryIO]:
    """Write `path` from the block: it appears when the block ends, and not if the block raises.

    An existing file is replaced only with `replace`, even if it appears while the block runs. A
    `private` file is readable by its owner only. A pipe or a terminal is written to directly.
    """
    if _is_stream(path):
        with _told(path), path.open("wb") as stream:
            yield stream
        return
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise FileUnusable(f"{path} is no file.", hint="Give the name of a file.")
    if not replace and path.exists():
        raise _in_the_way(path)
    with _told(path):
        handle, name = tempfile.mkstemp(
            prefix=f".{path.name[:40]}-", suffix=".part", dir=path.parent
        )
        part = Path(name)
        try:
            with os.fdopen(handle, "wb") as target:
                yield target
                target.flush()
                os.fsync(target.fileno())
            if not private:
                _open_to_others(part)
            _put(part, path, replace=replace)
        finally:
            part.unlink(missing_ok=True)


def _is_stream(path: Path) -> bool:
    return path.is_char_device() or path.is_fifo()


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FileUnusable(f"{path} cannot be written: {error.strerror or error}.") from error


def _open_to_others(part: Path) -> None:
    """Give the file the usual rights; `mkstemp` makes it readable by its owner only."""
    mask = os.umask(0)
    os.umask(mask)
    part.chmod(0o666 & ~mask)


def _put(part: Path, path: Path, *, replace: bool) -> None:
    if replace:
        part.replace(path)
        return
    try:
        # Unlike a rename, a link fails if a file has appeared meanwhile.
        path.hardlink_to(part)
    except FileExistsError as error:
        raise _in_the_way(path) from error
    # A file system without links.
    except OSError:
        part.replace(path)


def _in_the_way(path: Path) -> FileTaken:
    return FileTaken(f"There is a file {path} already.")
