"""Another machine's database, for what leaves one library and arrives at another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url

from novel_core.db.engine import open_database

_NUMBERS = count()


@contextmanager
def other_database(postgres: str, template: str = "template1") -> Iterator[str]:
    """The URL of a fresh database: without any schema, or with that of `template`."""
    name = f"elsewhere_{next(_NUMBERS)}"
    _administer(postgres, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    yield make_url(postgres).set(database=name).render_as_string(hide_password=False)
    _administer(postgres, f'DROP DATABASE "{name}" WITH (FORCE)')


def _administer(url: str, statement: str) -> None:
    engine = open_database(url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(statement))
    engine.dispose()


def rows_of(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, in an order that is the same everywhere."""
    with engine.connect() as connection:
        tables = connection.scalars(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        ).all()
        return {
            table: sorted(
                (
                    tuple(map(_plain, row))
                    for row in connection.execute(text(f'SELECT * FROM "{table}"'))
                ),
                key=repr,
            )
            for table in tables
        }


def _plain(value: object) -> object:
    return bytes(value) if isinstance(value, memoryview) else value
