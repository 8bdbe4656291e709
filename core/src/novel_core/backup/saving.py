"""Writing a backup: all tables from one snapshot, into a file that appears only when it is
complete.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine

from novel_core.atomic_write import new_file
from novel_core.backup.container import BackupWriter, Sink
from novel_core.backup.copying import (
    LEFT_OUT,
    columns_of,
    copy_out,
    key_of,
    next_ids,
    settle,
    tables_of,
)
from novel_core.backup.manifest import Manifest, TableEntry
from novel_core.backup.progress import Progress, silent
from novel_core.db import migrate
from novel_core.db.engine import snapshot
from novel_core.errors import FileUnusable, StorageError

#: Bytes of rows between two calls of `progress`.
EVERY = 4 * 2**20


def write_backup(
    database: Engine, path: Path, *, force: bool = False, progress: Progress = silent
) -> Manifest:
    """Write the library to `path`, readable by its owner only, because it holds digests of API
    keys.

    The database may be in use; later commits are not in the file.
    """
    if path.is_dir():
        raise FileUnusable(f"{path} is a folder.", hint="Give the name of a file.")
    revision = migrate.current_revision(database)
    if revision is None:
        raise StorageError("The database is empty.", hint="Run `novel db upgrade`.")
    with (
        new_file(path, replace=force, private=True) as file,
        _snapshot(database) as connection,
        BackupWriter(file) as writer,
    ):
        entries = [
            _write_table(connection, writer, table, progress)
            for table in tables_of(connection)
            if table not in LEFT_OUT
        ]
        manifest = Manifest(revision=revision, created_at=datetime.now(UTC), tables=tuple(entries))
        writer.finish(manifest)
    return manifest


@contextmanager
def _snapshot(database: Engine) -> Iterator[Connection]:
    with snapshot(database) as opened:
        connection = opened.connection()
        settle(connection)
        yield connection


def _write_table(
    connection: Connection, writer: BackupWriter, table: str, progress: Progress
) -> TableEntry:
    columns, key = columns_of(connection, table), key_of(connection, table)
    progress("saving", table, 0, None)
    with writer.table(table) as sink:
        copy_out(connection, table, columns, key, _Told(sink, table, progress))
    return TableEntry(
        name=table,
        columns=columns,
        rows=sink.rows,
        bytes=sink.bytes,
        sha256=sink.sha256,
        next_ids=next_ids(connection, table),
    )


class _Told:
    """A target that reports its progress."""

    def __init__(self, sink: Sink, table: str, progress: Progress) -> None:
        self._sink = sink
        self._table = table
        self._progress = progress
        self._told = 0

    def write(self, data: bytes) -> int:
        written = self._sink.write(data)
        if self._sink.bytes - self._told >= EVERY:
            self._told = self._sink.bytes
            self._progress("saving", self._table, self._told, None)
        return written
