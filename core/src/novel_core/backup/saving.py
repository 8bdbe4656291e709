"""Writing a backup: all tables from one snapshot, into a file that is complete or absent."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine

from novel_core.atomic_write import new_file
from novel_core.backup.container import MANIFEST, Progress, new_table, silent
from novel_core.backup.copying import LEFT_OUT, columns_of, copy_out, next_ids, settle, tables_of
from novel_core.backup.manifest import Manifest, TableEntry
from novel_core.db import migrate
from novel_core.db.engine import snapshot
from novel_core.errors import FileUnusable, StorageError


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
        snapshot(database) as opened,
        zipfile.ZipFile(file, "w") as backup,
    ):
        connection = opened.connection()
        settle(connection)
        entries = [
            _write_table(connection, backup, table, progress)
            for table in tables_of(connection)
            if table not in LEFT_OUT
        ]
        manifest = Manifest(revision=revision, created_at=datetime.now(UTC), tables=tuple(entries))
        # A file without the manifest is no backup.
        backup.writestr(MANIFEST, manifest.model_dump_json(indent=2))
    return manifest


def _write_table(
    connection: Connection, backup: zipfile.ZipFile, table: str, progress: Progress
) -> TableEntry:
    columns = columns_of(connection, table)
    with new_table(backup, table, progress) as sink:
        copy_out(connection, table, columns, sink)
    return TableEntry(
        name=table,
        columns=columns,
        rows=sink.rows,
        bytes=sink.bytes,
        sha256=sink.sha256,
        next_ids=next_ids(connection, table),
    )
