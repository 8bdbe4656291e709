"""Copying rows with PostgreSQL's COPY, and the facts about the schema that this needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import psycopg2
from psycopg2 import sql
from sqlalchemy import Connection, text

from novel_core.db.engine import DISK_FULL, REFUSALS, SERVER_FAULTS
from novel_core.errors import NovelError, StorageError, StorageFull, UnreadableBackup

#: Tables not in a backup: Alembic's row is the manifest's `revision`; staged items are parsed again
#: from the archive.
LEFT_OUT = ("alembic_version", "staged_items")
LOCK_TIMEOUT = "55P03"
_CHUNK = 256 * 1024


class _Writer(Protocol):
    def write(self, data: bytes, /) -> object: ...


class _Reader(Protocol):
    error: UnreadableBackup | None

    def read(self, size: int = -1, /) -> bytes: ...


def settle(connection: Connection) -> None:
    """Set the session so that values have one text form on every server, and without a time limit."""
    for setting in (
        "client_encoding = 'UTF8'",
        "datestyle = 'ISO, YMD'",
        "timezone = 'UTC'",
        "bytea_output = 'hex'",
        "extra_float_digits = 1",
        "statement_timeout = 0",
        "idle_in_transaction_session_timeout = 0",
    ):
        connection.exec_driver_sql(f"SET LOCAL {setting}")


def tables_of(connection: Connection) -> list[str]:
    """All tables of the schema, also those that this version does not know."""
    return list(
        connection.scalars(
            text(
                "SELECT relname FROM pg_class WHERE relkind = 'r'"
                " AND relnamespace = current_schema()::regnamespace ORDER BY relname"
            )
        )
    )


def columns_of(connection: Connection, table: str) -> tuple[str, ...]:
    """The table's columns without the generated ones, in order."""
    return tuple(
        connection.scalars(
            text(
                "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(quote_ident(:table))"
                " AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum"
            ),
            {"table": table},
        )
    )


def key_of(connection: Connection, table: str) -> tuple[str, ...]:
    """The primary key's columns."""
    return tuple(
        connection.scalars(
            text(
                "SELECT a.attname FROM pg_index i, unnest(i.indkey) WITH ORDINALITY AS k(attnum, place)"
                " JOIN pg_attribute a ON a.attnum = k.attnum"
                " WHERE i.indrelid = to_regclass(quote_ident(:table)) AND i.indisprimary"
                " AND a.attrelid = i.indrelid ORDER BY k.place"
            ),
            {"table": table},
        )
    )


def next_ids(connection: Connection, table: str) -> dict[str, int]:
    """The next number of each identity column."""
    found = connection.execute(
        text(
            "SELECT attname, pg_get_serial_sequence(quote_ident(:table), attname) FROM pg_attribute"
            " WHERE attrelid = to_regclass(quote_ident(:table)) AND attidentity <> ''"
        ),
        {"table": table},
    ).all()
    return {
        column: int(
            connection.execute(
                text(f"SELECT last_value + is_called::int FROM {sequence}")  # noqa: S608 - the server quoted it
            ).scalar_one()
        )
        for column, sequence in found
    }


def copy_out(
    connection: Connection, table: str, columns: Sequence[str], key: Sequence[str], target: _Writer
) -> None:
    """Write the table's rows in the order of its key, so that the same rows give the same text."""
    order = sql.SQL(" ORDER BY {}").format(_names(key)) if key else sql.SQL("")
    statement = sql.SQL("COPY (SELECT {} FROM {}{}) TO STDOUT").format(
        _names(columns), sql.Identifier(table), order
    )
    _copy(connection, statement, target)


def copy_in(connection: Connection, table: str, columns: Sequence[str], source: _Reader) -> None:
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), _names(columns))
    try:
        _copy(connection, statement, source)
    except NovelError:
        # PostgreSQL reports an error of the source as a cancelled statement.
        if source.error is not None:
            raise source.error from None
        raise


def drop_references(connection: Connection) -> list[tuple[str, str, str]]:
    """Drop the foreign keys, so that rows may come in any order. Return (table, name, definition)
    of each.
    """
    found = connection.execute(
        text(
            "SELECT c.conrelid::regclass::text, quote_ident(c.conname), pg_get_constraintdef(c.oid)"
            " FROM pg_constraint c WHERE c.contype = 'f'"
            " AND c.connamespace = current_schema()::regnamespace ORDER BY 1, 2"
        )
    ).all()
    for table, name, _ in found:
        connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    return [(row[0], row[1], row[2]) for row in found]


def add_references(connection: Connection, references: Sequence[tuple[str, str, str]]) -> None:
    """Create the foreign keys again; PostgreSQL checks every row."""
    for table, name, definition in references:
        connection.exec_driver_sql(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


def restart_ids(connection: Connection, table: str, promised: Mapping[str, int]) -> None:
    """Restart each identity column after all ids that are or were in use.

    RESTART is undone by a rollback, `setval` is not.
    """
    for column in next_ids(connection, table):
        held = connection.execute(
            text(f'SELECT coalesce(max("{column}"), 0) + 1 FROM "{table}"')  # noqa: S608 - the schema's own names
        ).scalar_one()
        start = max(int(held), promised.get(column, 1), 1)
        connection.exec_driver_sql(
            f'ALTER TABLE "{table}" ALTER COLUMN "{column}" RESTART WITH {start}'
        )


def _names(columns: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def _copy(connection: Connection, statement: sql.Composed, file: Any) -> None:
    raw = connection.connection.driver_connection
    assert raw is not None
    with driver_errors(), raw.cursor() as cursor:
        cursor.copy_expert(statement, file, _CHUNK)


@contextmanager
def driver_errors() -> Iterator[None]:
    """Translate the driver's own errors, which SQLAlchemy does not see, into the project's."""
    try:
        yield
    except psycopg2.Error as error:
        code = error.pgcode or ""
        reason = str(error).strip().partition("\n")[0]
        if code == DISK_FULL or "No space left on device" in reason:
            raise StorageFull("The database's disk is full.") from error
        if not code or code[:2] in SERVER_FAULTS or code in REFUSALS:
            raise StorageError(f"The database cannot be used: {reason}") from error
        raise UnreadableBackup(f"The backup's rows do not fit: {reason}") from error
