"""Opening the database, and its failures as the project's errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    InterfaceError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.orm import Session

from novel_core.errors import InvalidSetting, StorageError, StorageFull

DISK_FULL = "53100"
#: PostgreSQL classes of errors where the server, not our statement, is at fault.
SERVER_FAULTS = ("08", "53", "57", "58")
#: A read-only server, and an account that lacks rights: not our statement's fault either.
REFUSALS = ("25006", "42501")


def open_database(url: str, *, pool_size: int = 5) -> Engine:
    """A connection pool for `url` (`postgresql://…`); connects on first use."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise InvalidSetting(f"DATABASE_URL is not a database URL: {error}") from error
    if parsed.get_backend_name() not in {"postgresql", "postgres"}:
        raise InvalidSetting(
            f"DATABASE_URL names {parsed.drivername}; only PostgreSQL is supported.",
            hint="Use postgresql://user:password@host/name, or unset it for the embedded server.",
        )
    return create_engine(
        parsed.set(drivername="postgresql+psycopg2"),
        pool_size=pool_size,
        pool_pre_ping=True,
        executemany_mode="values_plus_batch",
        use_native_hstore=False,  # asking for its type costs every new connection a query
        connect_args={
            "connect_timeout": 10,
            "application_name": "novel",
            # The second: how like a title must be to what is searched (two letters swapped in a word of five give 0.5).
            "options": "-c timezone=UTC -c pg_trgm.word_similarity_threshold=0.45",
        },
    )


@contextmanager
def session(engine: Engine) -> Iterator[Session]:
    """A session in one transaction: committed at the end, rolled back on any error."""
    with translated_errors(), Session(engine, expire_on_commit=False) as opened, opened.begin():
        yield opened


@contextmanager
def translated_errors() -> Iterator[None]:
    """Database failures as StorageFull or StorageError; a bug of ours (bad SQL, a broken constraint) stays what it is."""
    try:
        yield
    except DBAPIError as error:
        code = getattr(error.orig, "pgcode", None) or ""
        if code == DISK_FULL or "No space left on device" in str(error.orig):
            raise StorageFull("The database's disk is full.") from error
        if (
            isinstance(error, OperationalError | InterfaceError)
            or error.connection_invalidated
            or code[:2] in SERVER_FAULTS
            or code in REFUSALS
        ):
            reason = str(error.orig).strip().splitlines()[0] if error.orig else str(error)
            raise StorageError(f"The database cannot be used: {reason}") from error
        raise
    except SQLAlchemyError as error:
        if "QueuePool limit" in str(error):
            raise StorageError("The database gives no connection.") from error
        raise
