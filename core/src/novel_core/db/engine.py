"""Opening the database, and its failures as the project's errors."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import cast

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from novel_core.db.answers import WaitingConnection
from novel_core.errors import InvalidSetting, StorageError, StorageFull
from novel_core.settings.server_urls import checked_database_url

#: Where a connection keeps the lock of the threads that share it.
_TURN = "novel_turn"
DISK_FULL = "53100"
#: A lost connection is noticed after about 30 seconds, while waiting and while sending.
_CONNECTION: dict[str, str | int] = {
    "application_name": "novel",
    "connect_timeout": 10,
    "keepalives": 1,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
_SETTLING = 10.0
#: Statements are short; those that are not (backup, migration) lift it in their transaction.
_SESSION = {"timezone": "UTC", "statement_timeout": "300s"}
_LIMIT = "SELECT extract(epoch FROM current_setting('statement_timeout')::interval)::float8"
#: PostgreSQL classes of errors where the server, not our statement, is at fault.
SERVER_FAULTS = ("08", "53", "57", "58")
#: A read-only server, missing rights, a `search_path` without a schema: the server's fault too.
REFUSALS = ("25006", "42501", "3F000")
#: What the server or its client library says -> who has to do what.
_HINTS = {
    "unsupported startup parameter": "PgBouncer refuses a parameter of DATABASE_URL: leave out"
    " `options` and run `ALTER ROLE … SET search_path` in the database, or list it in PgBouncer's"
    " ignore_startup_parameters.",
    "password authentication failed": "Correct the user and the password in DATABASE_URL.",
    "could not translate host name": "Correct the host in DATABASE_URL.",
    "Connection refused": "Start PostgreSQL, or correct the host and the port in DATABASE_URL.",
    "does not exist": "Create it in PostgreSQL, or correct DATABASE_URL;"
    " then run `novel db upgrade`.",
    "no schema has been selected": "Create the schema that search_path names;"
    " then run `novel db upgrade`.",
    "permission denied": "Connect as the owner of the tables,"
    " or let the owner GRANT the rights on them to this user.",
    "read-only": "Name the primary server in DATABASE_URL, not a replica of it.",
}


def open_database(url: str, *, pool_size: int = 5, pool_wait: float = 30.0) -> Engine:
    """Return a connection pool for `url` (`postgresql://…`); it connects on first use.

    It keeps `pool_size` connections open and opens ten more where all are in use; then a thread
    waits for one up to `pool_wait` seconds.

    Parameters of the URL take precedence over the defaults here.
    """
    parsed = make_url(checked_database_url(url))
    engine = create_engine(
        parsed.set(drivername="postgresql+psycopg2"),
        pool_size=pool_size,
        pool_timeout=pool_wait,
        pool_pre_ping=True,
        executemany_mode="values_plus_batch",
        # The lookup of its type would cost every new connection a query.
        use_native_hstore=False,
        connect_args={
            name: value for name, value in _CONNECTION.items() if name not in parsed.query
        }
        | {"connection_factory": WaitingConnection},
    )
    wanted = str(parsed.query.get("options", ""))
    statement = "; ".join(
        f"SET {name} = '{value}'"
        for name, value in _SESSION.items()
        if name == "timezone" or name not in wanted
    )

    # By a statement and not by the startup parameter `options`, which PgBouncer refuses.
    @event.listens_for(engine, "connect")
    def settle(connection: WaitingConnection, _record: object) -> None:
        connection.limit = _SETTLING
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"{statement}; {_LIMIT}")
            connection.limit = cursor.fetchone()[0] or math.inf  # type: ignore[index]
        connection.autocommit = False

    return engine


@contextmanager
def session(engine: Engine | Connection) -> Iterator[Session]:
    """A session in one transaction: committed at the end, rolled back on any error.

    On a connection that threads share (`shared_by_threads`) they take turns.
    """
    turn = engine.info.get(_TURN) if isinstance(engine, Connection) else None
    with (
        turn or nullcontext(),
        translated_errors(),
        Session(engine, expire_on_commit=False) as opened,
        opened.begin(),
    ):
        yield opened


def lift_time_limit(connection: Connection) -> None:
    """Let statements take any time, to the end of the transaction."""
    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    cast(WaitingConnection, connection.connection.dbapi_connection).lift()


@contextmanager
def snapshot(engine: Engine) -> Iterator[Session]:
    """A read-only session that sees the database as it is now, without later commits."""
    options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with session(engine.execution_options(**options)) as opened:
        yield opened


def shared_by_threads(connection: Connection) -> Engine:
    """Return the connection in the place of an engine: all is done in its own transaction."""
    connection.info[_TURN] = threading.RLock()
    return cast(Engine, connection)


@contextmanager
def translated_errors() -> Iterator[None]:
    """Raise database failures as StorageFull or StorageError; bugs (bad SQL) stay what they are."""
    try:
        yield
    except DBAPIError as error:
        code = getattr(error.orig, "pgcode", None) or ""
        reason = _reason(error)
        if "invalid dsn" in reason:  # a parameter in the URL that PostgreSQL does not have
            problem = reason.partition(":")[2].strip()
            raise InvalidSetting(f"DATABASE_URL: {problem}.") from error
        if code == DISK_FULL or "No space left on device" in str(error.orig):
            raise StorageFull("The database's disk is full.") from error
        if (
            isinstance(error, OperationalError | InterfaceError)
            or error.connection_invalidated
            or code[:2] in SERVER_FAULTS
            or code in REFUSALS
        ):
            hint = next((hint for words, hint in _HINTS.items() if words in reason), None)
            raise StorageError(f"The database cannot be used: {reason}", hint=hint) from error
        raise
    except SQLAlchemyError as error:
        if "QueuePool limit" in str(error):
            raise StorageError("The database gives no connection.") from error
        raise


def _reason(error: DBAPIError) -> str:
    """The first line of the server's message, or the kind of error where there is none."""
    said = str(error.orig).strip() if error.orig else str(error)
    return said.partition("\n")[0] or type(error.orig).__name__
