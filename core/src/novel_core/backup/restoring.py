"""Restoring a backup: it is checked first, then restored in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from novel_core.backup.container import BackupReader, open_backup
from novel_core.backup.copying import (
    LEFT_OUT,
    LOCK_TIMEOUT,
    add_references,
    columns_of,
    copy_in,
    drop_references,
    restart_ids,
    settle,
    tables_of,
)
from novel_core.backup.manifest import Manifest
from novel_core.backup.progress import Progress, silent
from novel_core.backup.replacing import make_room
from novel_core.db import migrate
from novel_core.db.engine import translated_errors
from novel_core.errors import BackupMismatch, StorageError, UnreadableBackup
from novel_core.states import ACTIVE, JobState

if TYPE_CHECKING:
    from alembic.config import Config

_CHUNK = 2**20
#: Bytes of rows between two calls of `progress`.
EVERY = 4 * 2**20
#: How long to wait for processes that use the library.
PATIENCE = "10s"


@dataclass(frozen=True, slots=True)
class Restored:
    """The result of a restore: `replaced` rows by table, and the number of running jobs that were
    `reopened`.
    """

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
    # Imported here and below: every command imports this module, and few restore.
    from alembic import command

    config = _alembic()
    with open_backup(path) as backup:
        manifest = backup.manifest
        _require_known(manifest)
        _verify(backup, progress)
        with _one_transaction(database) as connection:
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


def _alembic() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrate.MIGRATIONS).replace("%", "%%"))
    return config


def _require_known(manifest: Manifest) -> None:
    if manifest.revision not in migrate.REVISIONS:
        raise BackupMismatch(
            f"The backup's schema is {manifest.revision}, made by novel-core {manifest.program};"
            f" this version knows those up to {migrate.HEAD}.",
            hint=f"Install novel-core {manifest.program} or newer, then restore.",
        )


def _verify(backup: BackupReader, progress: Progress) -> None:
    total, done = backup.manifest.bytes, 0
    for entry in backup.manifest.tables:
        progress("checking", entry.name, done, total)
        with backup.table(entry) as source:
            told = 0
            while source.read(_CHUNK):
                if source.bytes - told >= EVERY:
                    told = source.bytes
                    progress("checking", entry.name, done + told, total)
            source.check()
        done += entry.bytes


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
            if code == LOCK_TIMEOUT:
                raise StorageError(
                    "The library is in use by other processes.",
                    hint="Stop `novel up`, the API and the workers, then restore.",
                ) from error
            # Rows that contradict each other or the schema.
            if code.startswith(("22", "23")):
                reason = str(error.orig).strip().partition("\n")[0]
                raise UnreadableBackup(f"The backup's rows do not fit: {reason}") from error
            raise


def _fill(connection: Connection, backup: BackupReader, progress: Progress) -> None:
    manifest = backup.manifest
    wanted = [table for table in tables_of(connection) if table not in LEFT_OUT]
    if sorted(wanted) != sorted(entry.name for entry in manifest.tables):
        raise UnreadableBackup(f"The backup's tables are not those of schema {manifest.revision}.")
    done = 0
    for entry in manifest.tables:
        if sorted(columns_of(connection, entry.name)) != sorted(entry.columns):
            raise UnreadableBackup(f"The backup's table {entry.name} has other columns.")
        progress("restoring", entry.name, done, manifest.bytes)
        with backup.table(entry) as source:
            copy_in(connection, entry.name, entry.columns, source)
            source.check()
        restart_ids(connection, entry.name, entry.next_ids)
        done += entry.bytes


def _reopen_jobs(connection: Connection) -> int:
    """Queue the jobs that were running again, with a new fence; no queue has any of the waiting
    ones.
    """
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
