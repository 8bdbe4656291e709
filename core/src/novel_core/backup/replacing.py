"""Replacing a library: counting its rows, and emptying its tables within the restore."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine

from novel_core.backup.copying import LEFT_OUT, tables_of
from novel_core.backup.manifest import Manifest
from novel_core.db import migrate
from novel_core.db.engine import translated_errors
from novel_core.errors import LibraryNotEmpty, StorageError
from novel_core.plurals import several

if TYPE_CHECKING:
    from alembic.config import Config

#: The tables that a message names first.
_NAMED = ("novels", "chapters", "pages", "jobs")


def rows_held(database: Engine) -> dict[str, int]:
    """The number of rows of each table that has any, which a restore would replace."""
    with translated_errors(), database.connect() as connection:
        return _rows_held(connection)


def make_room(
    connection: Connection, manifest: Manifest, config: Config, *, force: bool
) -> dict[str, int]:
    """Make an empty, locked schema of the backup's revision. Return the deleted rows."""
    from alembic import command
    from alembic.runtime.migration import MigrationContext

    tables = tables_of(connection)
    if tables:
        connection.exec_driver_sql(f"LOCK TABLE {_quoted(tables)} IN ACCESS EXCLUSIVE MODE")
    revision = MigrationContext.configure(connection).get_current_revision()
    kept = [table for table in tables if table != "alembic_version"]
    if revision is None and kept:
        raise StorageError(
            "The database belongs to another program.", hint="Give DATABASE_URL one of its own."
        )
    migrate.require_known(revision)
    held = _rows_held(connection)
    if held and not force:
        raise LibraryNotEmpty(f"The library is not empty: {described(held)}.")
    if revision == manifest.revision:
        connection.exec_driver_sql(f"TRUNCATE {_quoted(kept)}")
        return held
    if revision is not None:
        command.downgrade(config, "base")
    command.upgrade(config, manifest.revision)
    return held


def _quoted(tables: Sequence[str]) -> str:
    return ", ".join(f'"{table}"' for table in tables)


def _rows_held(connection: Connection) -> dict[str, int]:
    counts = {
        table: int(connection.exec_driver_sql(f'SELECT count(*) FROM "{table}"').scalar_one())  # noqa: S608 - the schema's own names
        for table in tables_of(connection)
        if table not in LEFT_OUT
    }
    return {table: count for table, count in counts.items() if count}


def described(rows: dict[str, int]) -> str:
    """A description of `rows` for a person.

    >>> described({"novels": 2, "chapters": 40, "pages": 90, "tags": 7, "jobs": 1})
    '2 novels, 40 chapters, 90 pages, 1 job and 7 other rows'
    """
    named = [several(rows[table], table[:-1]) for table in _NAMED if table in rows]
    others = sum(rows.values()) - sum(rows.get(table, 0) for table in _NAMED)
    if others:
        named.append(several(others, "other row"))
    return " and ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)
