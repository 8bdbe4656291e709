"""Books that are made and not yet sent whole: files without a name, bounded in number, size and age."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from novel_api.errors import TooBusy

_PIECE = 1 << 16
#: Books that are made at the same time; each holds a connection to the database and a thread until it is made.
_MAKING = 4
#: Books being sent, by number and by bytes altogether.
_SENDING, _BYTES = 24, 512 << 20
#: Seconds that one may take to be sent.
_LONGEST = 1800.0
#: Seconds after which a book that could not be made is worth another try.
_PAUSE = 2.0


class BookFile:
    """A book in a file. It counts until it is closed."""

    def __init__(self, file: BinaryIO, size: int, on_close: Callable[[], None]) -> None:
        self.file = file
        self.size = size
        self._on_close = on_close

    def close(self) -> None:
        if not self.file.closed:
            self.file.close()
            self._on_close()

    async def pieces(self) -> AsyncIterator[bytes]:
        while piece := await run_in_threadpool(self.file.read, _PIECE):
            yield piece


class BookFiles:
    """All books of a process that are being made or sent.

    >>> books = BookFiles()
    >>> book = books.make(lambda file: file.write(b"a book"))
    >>> book.size, books.size
    (6, 6)
    >>> book.close()
    >>> books.size
    0
    """

    def __init__(self, *, number: int = _SENDING, size: int = _BYTES) -> None:
        self._most, self._most_bytes = number, size
        self._making = threading.BoundedSemaphore(_MAKING)
        self._lock = threading.Lock()
        self.number = 0
        self.size = 0

    def make(self, write: Callable[[BinaryIO], object]) -> BookFile:
        """What `write` has written; TooBusy where too many books are made, or too much waits for slow readers."""
        with self._place():
            file = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115 - closed with the book
            try:
                write(file)
                size = file.seek(0, os.SEEK_END)
                file.seek(0)
                self._count(size)
            except BaseException:
                file.close()
                raise
        return BookFile(file, size, lambda: self._discount(size))

    @contextmanager
    def _place(self) -> Iterator[None]:
        self._require_room(0)
        if not self._making.acquire(blocking=False):
            raise TooBusy("Other books are being made at this moment.", retry_after=_PAUSE)
        try:
            yield
        finally:
            self._making.release()

    def _require_room(self, size: int) -> None:
        """One book of any size may be sent, but not beside others."""
        if self.number >= self._most or (self.number and self.size + size > self._most_bytes):
            raise TooBusy(
                f"{self.number} books of {self.size >> 20} MiB wait for their readers.",
                retry_after=_PAUSE,
            )

    def _count(self, size: int) -> None:
        with self._lock:
            self._require_room(size)
            self.number += 1
            self.size += size

    def _discount(self, size: int) -> None:
        with self._lock:
            self.number -= 1
            self.size -= size


class BookResponse(StreamingResponse):
    """Sends a book and closes it, however that ends; a reader who takes too long is cut off."""

    def __init__(self, book: BookFile, media_type: str, headers: dict[str, str]) -> None:
        super().__init__(book.pieces(), media_type=media_type, headers=headers)
        self._book = book

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            with anyio.fail_after(_LONGEST):
                await super().__call__(scope, receive, send)
        finally:
            self._book.close()
