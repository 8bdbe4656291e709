"""Temporary files of books until they are sent, bounded in number, total size and age."""

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
#: Books written at once; each holds a database connection and a thread meanwhile.
_MAKING = 4
#: Books being sent: number, and bytes in total.
_SENDING, _BYTES = 24, 512 << 20
#: Seconds to send one book.
_LONGEST = 1800.0
#: Seconds until a refused client should try again.
_PAUSE = 2.0


class BookFile:
    """A book in a temporary file. It counts against the limits until it is closed."""

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
    """The books of a process that are being written or sent.

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
        """Write a book to a file. TooBusy if too many books are being written or sent."""
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
            raise TooBusy("Too many books are being written.", retry_after=_PAUSE)
        try:
            yield
        finally:
            self._making.release()

    def _require_room(self, size: int) -> None:
        """Raise TooBusy over the limits; a single book of any size is allowed."""
        if self.number >= self._most or (self.number and self.size + size > self._most_bytes):
            raise TooBusy(
                f"{self.number} books of {self.size >> 20} MiB are being sent.",
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
    """A response that sends a book and always closes it; a client that is too slow is cut off."""

    def __init__(self, book: BookFile, media_type: str, headers: dict[str, str]) -> None:
        super().__init__(book.pieces(), media_type=media_type, headers=headers)
        self._book = book

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            with anyio.fail_after(_LONGEST):
                await super().__call__(scope, receive, send)
        finally:
            self._book.close()
