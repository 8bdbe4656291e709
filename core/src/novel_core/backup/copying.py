"""Copying rows with PostgreSQL's COPY, and the facts about the schema that this needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import psycopg2
from psycopg2 import sql
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from novel_core.db.engine import lift_time_limit

if TYPE_CHECKING:
    from _typeshed import SupportsRead, SupportsWrite

#: Tables not in a backup: Alembic's row is the manifest's `revision`; staged items are parsed again
#: from the archive.
LEFT_OUT = ("alembic_version", "staged_items")
_CHUNK = 256 * 1024


def settle(connection: Connection) -> None:
    """Set the session so that values have one text form on every server, and without a time limit."""
    for setting in (
        "client_encoding = 'UTF8'",
        "datestyle = 'ISO, YMD'",
        "timezone = 'UTC'",
        "bytea_output = 'hex'",
        "extra_float_digits = 1",
        "idle_in_transaction_session_timeout = 0",
    ):
        connection.exec_driver_sql(f"SET LOCAL {setting}")
    lift_time_limit(connection)


def tables_of(connection: Connection) -> list[str]:
    """All tables of the schema, also those that this version does not know."""
    schema = inspect(connection)
    return sorted(schema.get_table_names(schema.default_schema_name))


def columns_of(connection: Connection, table: str) -> tuple[str, ...]:
    """The table's columns without the generated ones, in order."""
    columns = inspect(connection).get_columns(table)
    return tuple(column["name"] for column in columns if "computed" not in column)


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
        column: connection.execute(
            text(f"SELECT last_value + is_called::int FROM {sequence}")  # noqa: S608 - the server quoted it
        ).scalar_one()
        for column, sequence in found
    }


def copy_out(
    connection: Connection, table: str, columns: Sequence[str], target: SupportsWrite[bytes]
) -> None:
    """Write the table's rows in the order of its key, so that the same rows give the same text."""
    key = inspect(connection).get_pk_constraint(table)["constrained_columns"]
    order = sql.SQL(" ORDER BY {}").format(_names(key)) if key else sql.SQL("")
    statement = sql.SQL("COPY (SELECT {} FROM {}{}) TO STDOUT").format(
        _names(columns), sql.Identifier(table), order
    )
    _copy(connection, statement, target)


def copy_in(
    connection: Connection, table: str, columns: Sequence[str], source: SupportsRead[bytes]
) -> None:
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), _names(columns))
    _copy(connection, statement, source)


def drop_references(connection: Connection) -> list[tuple[str, str, str]]:
    """Drop the foreign keys. Return (table, name, definition) of each, to add them again."""
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
        start = max(held, promised.get(column, 1), 1)
        connection.exec_driver_sql(
            f'ALTER TABLE "{table}" ALTER COLUMN "{column}" RESTART WITH {start}'
        )


def _names(columns: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def _copy(connection: Connection, statement: sql.Composed, file: Any) -> None:
    raw = connection.connection.driver_connection
    assert raw is not None
    try:
        with raw.cursor() as cursor:
            cursor.copy_expert(statement, file, _CHUNK)
    except psycopg2.Error as error:
        # The driver's own error as that of any other statement of SQLAlchemy.
        raise DBAPIError("COPY", None, error, connection_invalidated=raw.closed != 0) from error
