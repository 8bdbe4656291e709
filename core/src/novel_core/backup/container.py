"""The file of a backup: a ZIP archive with one zstd stream for each table, and the manifest as its
last part.

The archive's directory is at its end, so a file that was cut off is recognised at once.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, BinaryIO, Protocol

import zstandard

from novel_core.backup.manifest import Manifest, TableEntry, member_of, read_manifest
from novel_core.errors import FileUnusable, UnreadableBackup

MANIFEST = "manifest.json"
LEVEL = 6
#: Bytes of rows between two calls of `progress`.
EVERY = 4 * 2**20
#: Upper limits for the manifest and for the memory of a zstd stream; no backup needs more.
MAX_MANIFEST, MAX_WINDOW = 4 * 2**20, 2**27
#: Errors of a damaged file: OSError for an offset outside the file, RuntimeError for a part that
#: seems encrypted.
_DAMAGE = (zipfile.BadZipFile, zstandard.ZstdError, EOFError, ValueError, OSError, RuntimeError)


class Progress(Protocol):
    """How a backup or a restore reports how far it is."""

    def __call__(self, step: str, table: str, done: int, total: int | None) -> None:
        """Called every few MiB; both numbers are bytes of rows, `total` where known."""


def silent(step: str, table: str, done: int, total: int | None) -> None:
    """Report nothing."""


class _Rows:
    """One table's rows on their way through COPY: counted, hashed and reported."""

    def __init__(self, stream: IO[bytes] | BinaryIO, report: Callable[[int], object]) -> None:
        self._stream = stream
        self._report = report
        self._reported = 0
        self._hash = hashlib.sha256()
        self.rows = self.bytes = 0
        report(0)

    def _count(self, data: bytes) -> None:
        self._hash.update(data)
        self.rows += data.count(b"\n")
        self.bytes += len(data)
        if self.bytes - self._reported >= EVERY:
            self._reported = self.bytes
            self._report(self.bytes)

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


class Sink(_Rows):
    """The target of COPY for one table."""

    def write(self, data: bytes) -> int:
        self._stream.write(data)
        self._count(data)
        return len(data)


@contextmanager
def new_table(backup: zipfile.ZipFile, name: str, progress: Progress) -> Iterator[Sink]:
    """The part for the rows of one table."""
    compressor = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True)
    with (
        backup.open(member_of(name), "w", force_zip64=True) as member,
        compressor.stream_writer(member, closefd=False) as stream,
    ):
        yield Sink(stream, lambda done: progress("saving", name, done, None))


class Source(_Rows):
    """The rows of one table for COPY; UnreadableBackup if they are damaged or too many."""

    def __init__(
        self, entry: TableEntry, stream: IO[bytes], report: Callable[[int], object]
    ) -> None:
        super().__init__(stream, report)
        self._entry = entry

    def read(self, size: int = -1) -> bytes:
        try:
            data = self._stream.read(size)
        except _DAMAGE as error:
            raise _damaged(self._entry, error) from error
        self._count(data)
        if self.bytes > self._entry.bytes:
            raise UnreadableBackup(f"The backup's table {self._entry.name} is too long.")
        return data


class BackupReader:
    """An opened backup. Its parts are read in place; nothing is extracted to a file."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._zip = archive
        self.manifest = self._read_manifest()

    def _read_manifest(self) -> Manifest:
        try:
            info = self._zip.getinfo(MANIFEST)
            if info.file_size > MAX_MANIFEST:
                raise UnreadableBackup("The backup's manifest is absurdly large.")
            return read_manifest(self._zip.read(info))
        except KeyError as error:
            raise UnreadableBackup("The file is no backup: it has no manifest.") from error
        except _DAMAGE as error:
            raise UnreadableBackup(f"The backup's manifest is damaged: {error}") from error

    def tables(self, step: str, progress: Progress) -> Iterator[tuple[TableEntry, Source]]:
        """Each table with its rows; once they have been read, they are compared with the manifest."""
        before = 0
        for entry in self.manifest.tables:
            report = partial(self._report, progress, step, entry.name, before)
            decompressor = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW)
            with (
                self._open(entry) as member,
                decompressor.stream_reader(member, closefd=False) as stream,
            ):
                source = Source(entry, stream, report)
                yield entry, source
            if (source.rows, source.bytes, source.sha256) != (
                entry.rows,
                entry.bytes,
                entry.sha256,
            ):
                raise UnreadableBackup(f"The backup's table {entry.name} is not what was written.")
            before += entry.bytes

    def _report(self, progress: Progress, step: str, table: str, before: int, done: int) -> None:
        progress(step, table, before + done, self.manifest.bytes)

    def _open(self, entry: TableEntry) -> IO[bytes]:
        try:
            return self._zip.open(member_of(entry.name))
        except KeyError as error:
            raise UnreadableBackup(f"The backup lacks the table {entry.name}.") from error
        except _DAMAGE as error:
            raise _damaged(entry, error) from error


def _damaged(entry: TableEntry, error: Exception) -> UnreadableBackup:
    return UnreadableBackup(f"The backup's table {entry.name} is damaged: {error}")


@contextmanager
def open_backup(path: Path) -> Iterator[BackupReader]:
    try:
        archive = zipfile.ZipFile(path)
    except OSError as error:
        raise FileUnusable(f"{path} cannot be read: {error.strerror or error}") from error
    except _DAMAGE as error:
        raise UnreadableBackup(f"{path} is no backup, or not all of it: {error}") from error
    with archive:
        yield BackupReader(archive)
