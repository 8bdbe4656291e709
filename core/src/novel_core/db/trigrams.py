"""The extension pg_trgm, which search needs: installing it, and using it in any schema."""

from __future__ import annotations

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from novel_core.errors import StorageError

#: The least similarity of a title: two letters swapped in a word of five give 0.5.
_LIKENESS = "0.45"
#: For this transaction only: another one may get another connection of PgBouncer's.
_USE = text(
    "SELECT set_config('pg_trgm.word_similarity_threshold', :likeness, true),"
    " set_config('search_path',"
    " current_setting('search_path') || ', ' || quote_ident(n.nspname), true)"
    " FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_trgm'"
)
_NOT_PERMITTED, _NO_FILE, _NOT_AVAILABLE = "42501", "58P01", "0A000"


def use_trigrams(connection: Connection | Session) -> None:
    """Let the rest of the transaction use pg_trgm's operators by their bare names."""
    if not is_installed(connection):
        raise _missing("it is not installed", _who_installs(connection))


def is_installed(connection: Connection | Session) -> bool:
    """Whether the database has the extension; the transaction can use it then."""
    return connection.execute(_USE, {"likeness": _LIKENESS}).first() is not None


def install_trigrams(connection: Connection) -> None:
    """Create the extension where it is missing. It is a trusted one: the database's owner may."""
    if is_installed(connection):
        return
    hint = _who_installs(connection)
    try:
        connection.execute(text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
    except DBAPIError as error:
        code = getattr(error.orig, "pgcode", None)
        if code not in {_NOT_PERMITTED, _NO_FILE, _NOT_AVAILABLE}:
            raise
        if code != _NOT_PERMITTED:
            hint = (
                "Install PostgreSQL's contrib modules on the server"
                f" (Debian: postgresql-contrib). {hint}"
            )
        reason = str(error.orig).strip().partition("\n")[0]
        raise _missing(reason, hint) from error
    is_installed(connection)


def _who_installs(connection: Connection | Session) -> str:
    name = connection.scalar(text("SELECT quote_ident(current_database())"))
    return (
        f"Let the owner of the database {name}, or a superuser, run there:"
        " CREATE EXTENSION pg_trgm; then `novel db upgrade`."
    )


def _missing(reason: str, hint: str) -> StorageError:
    return StorageError(f"The database lacks the extension pg_trgm: {reason}.", hint=hint)
