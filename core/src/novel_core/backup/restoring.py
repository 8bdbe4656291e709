"""Restoring a backup: it is checked first, then restored in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from novel_core.backup.container import BackupReader, Progress, open_backup, silent
from novel_core.backup.copying import (
    LEFT_OUT,
    add_references,
    columns_of,
    copy_in,
    drop_references,
    restart_ids,
    settle,
    tables_of,
)
from novel_core.backup.manifest import Manifest
from novel_core.backup.replacing import make_room
from novel_core.db import migrate
from novel_core.db.engine import translated_errors
from novel_core.errors import BackupMismatch, StorageError, UnreadableBackup
from novel_core.states import ACTIVE, JobState

_CHUNK = 2**20
_LOCK_TIMEOUT = "55P03"
#: How long to wait for processes that use the library.
PATIENCE = "10s"


@dataclass(frozen=True, slots=True)
class Restored:
    """The `replaced` rows by table, and the number of running jobs that were `reopened`."""

    manifest: Manifest
    replaced: dict[str, int]
    reopened: int
    upgraded: bool


def restore_backup(
    database: Engine, path: Path, *, force: bool = False, progress: Progress = silent
) -> Restored:
    """Restore the library to the state of the backup; a backup of an older schema is migrated.

    The whole file is compared with its checksums before the database is changed. Without `force`, a
    library that holds any row is refused.
    """
    # Imported here: every command imports this module, and few restore.
    from alembic import command

    with open_backup(path) as backup:
        manifest = backup.manifest
        _require_known(manifest)
        for _, rows in backup.tables("checking", progress):
            while rows.read(_CHUNK):
                pass
        with _one_transaction(database) as connection:
            config = migrate.alembic_config(connection)
            replaced = make_room(connection, manifest, config, force=force)
            references = drop_references(connection)
            _fill(connection, backup, progress)
            add_references(connection, references)
            reopened = _reopen_jobs(connection)
            upgraded = manifest.revision != migrate.HEAD
            if upgraded:
                command.upgrade(config, "head")
            # Without statistics the first queries would be planned for empty tables.
            connection.exec_driver_sql("ANALYZE")
    return Restored(manifest, replaced, reopened, upgraded)


def _require_known(manifest: Manifest) -> None:
    if manifest.revision not in migrate.REVISIONS:
        raise BackupMismatch(
            f"The backup's schema is {manifest.revision}, made by novel-core {manifest.program};"
            f" this version knows those up to {migrate.HEAD}.",
            hint=f"Install novel-core {manifest.program} or newer, then restore.",
        )


@contextmanager
def _one_transaction(database: Engine) -> Iterator[Connection]:
    with translated_errors(), database.connect() as connection, connection.begin():
        settle(connection)
        connection.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE}'"))
        try:
            connection.execute(
                text("SELECT pg_advisory_xact_lock(:key)"), {"key": migrate.UPGRADE_LOCK}
            )
            yield connection
        except DBAPIError as error:
            code = getattr(error.orig, "pgcode", None) or ""
            if code == _LOCK_TIMEOUT:
                raise StorageError(
                    "The library is in use by other processes.",
                    hint="Stop `novel up`, the API and the workers, then restore.",
                ) from error
            reason = str(error.orig).strip().partition("\n")[0]
            # Rows that contradict each other or the schema, and an error of `Source.read`.
            if code.startswith(("22", "23", "54")) or " .read() call" in reason:
                raise UnreadableBackup(f"The backup's rows do not fit: {reason}") from error
            raise


def _fill(connection: Connection, backup: BackupReader, progress: Progress) -> None:
    manifest = backup.manifest
    wanted = [table for table in tables_of(connection) if table not in LEFT_OUT]
    if sorted(wanted) != sorted(entry.name for entry in manifest.tables):
        raise UnreadableBackup(f"The backup's tables are not those of schema {manifest.revision}.")
    for entry, rows in backup.tables("restoring", progress):
        if sorted(columns_of(connection, entry.name)) != sorted(entry.columns):
            raise UnreadableBackup(f"The backup's table {entry.name} has other columns.")
        copy_in(connection, entry.name, entry.columns, rows)
        restart_ids(connection, entry.name, entry.next_ids)


def _reopen_jobs(connection: Connection) -> int:
    """Queue the running jobs again, with a new fence; no queue has any of the jobs."""
    active = ", ".join(f"'{state}'" for state in sorted(ACTIVE))
    reopened = connection.execute(
        text(
            f"WITH reopened AS (UPDATE jobs SET status = '{JobState.QUEUED}', fence = fence + 1,"  # noqa: S608 - constants
            f" lease_owner = NULL, lease_until = NULL, updated_at = now() WHERE status IN ({active})"
            " RETURNING id)"
            " INSERT INTO job_events (job_id, kind, status, message)"
            f" SELECT id, 'state', '{JobState.QUEUED}', 'restored from a backup' FROM reopened"
        )
    ).rowcount
    connection.execute(
        text(f"UPDATE jobs SET enqueued_at = NULL WHERE status = '{JobState.QUEUED}'")  # noqa: S608 - a constant
    )
    return int(reopened)
