"""The file of a backup: a ZIP archive with one zstd stream for each table, and the manifest as its
last part.

The archive's directory is at its end, so a file that was cut off is recognised at once.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, Self

import zstandard

from novel_core.backup.manifest import Manifest, TableEntry, member_of, read_manifest
from novel_core.errors import FileUnusable, UnreadableBackup

MANIFEST = "manifest.json"
LEVEL = 6
#: Upper limits for the manifest and for the memory of a zstd stream; no backup needs more.
MAX_MANIFEST, MAX_WINDOW = 4 * 2**20, 2**27
#: Errors of a damaged file: OSError for an offset outside the file, RuntimeError for a part that
#: seems encrypted.
_DAMAGE = (zipfile.BadZipFile, zstandard.ZstdError, EOFError, ValueError, OSError, RuntimeError)


class Sink:
    """The target of COPY for one table: counts and hashes the rows, and passes them on to be
    compressed.
    """

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self._hash = hashlib.sha256()
        self.rows = 0
        self.bytes = 0

    def write(self, data: bytes) -> int:
        self._target.write(data)
        self._hash.update(data)
        self.rows += data.count(b"\n")
        self.bytes += len(data)
        return len(data)

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


class BackupWriter:
    """Writes the parts of a backup. A file closed without `finish` has no manifest and is no
    backup.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True)

    @contextmanager
    def table(self, name: str) -> Iterator[Sink]:
        compressor = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True)
        with (
            self._zip.open(member_of(name), "w", force_zip64=True) as member,
            compressor.stream_writer(member, closefd=False) as stream,
        ):
            yield Sink(stream)

    def finish(self, manifest: Manifest) -> None:
        self._zip.writestr(MANIFEST, manifest.model_dump_json(indent=2))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._zip.close()


class Source:
    """The rows of one table for COPY; `check` compares them with the manifest."""

    def __init__(self, entry: TableEntry, stream: IO[bytes]) -> None:
        self._entry = entry
        self._stream = stream
        self._hash = hashlib.sha256()
        self._rows = 0
        self.bytes = 0
        self.error: UnreadableBackup | None = None

    def read(self, size: int = -1) -> bytes:
        try:
            data = self._stream.read(size)
        except _DAMAGE as error:
            self.error = UnreadableBackup(
                f"The backup's table {self._entry.name} is damaged: {error}"
            )
            raise self.error from error
        self._hash.update(data)
        self._rows += data.count(b"\n")
        self.bytes += len(data)
        if self.bytes > self._entry.bytes:
            self.error = UnreadableBackup(f"The backup's table {self._entry.name} is too long.")
            raise self.error
        return data

    def check(self) -> None:
        entry = self._entry
        found = (self._rows, self.bytes, self._hash.hexdigest())
        if found != (entry.rows, entry.bytes, entry.sha256):
            raise UnreadableBackup(f"The backup's table {entry.name} is not what was written.")


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

    @contextmanager
    def table(self, entry: TableEntry) -> Iterator[Source]:
        try:
            member = self._zip.open(entry.member)
        except KeyError as error:
            raise UnreadableBackup(f"The backup lacks the table {entry.name}.") from error
        except _DAMAGE as error:
            raise UnreadableBackup(
                f"The backup's table {entry.name} is damaged: {error}"
            ) from error
        decompressor = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW)
        with member, decompressor.stream_reader(member, closefd=False) as stream:
            yield Source(entry, stream)


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
