"""Migrating a database to the newest schema.

The current revision is read with one statement: an up-to-date database needs no Alembic import.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, text

from novel_core.db.engine import lift_time_limit, translated_errors
from novel_core.db.trigrams import install_trigrams
from novel_core.errors import StorageError

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
#: The revisions of `migrations/versions`, oldest first; a test compares them with Alembic's.
REVISIONS = (
    "0001",
    "0002",
    "0003",
    "0004",
    "0006",
    "0008",
    "0009",
    "0010",
    "0012",
    "0013",
    "0015",
    "0016",
    "0017",
    "0018",
    "0019",
    "0020",
)
HEAD = REVISIONS[-1]
#: How this program writes a revision.
_NUMBER = re.compile(r"[0-9]{4}")
#: Serialises concurrent upgrades (an arbitrary number, the same in every process).
UPGRADE_LOCK = 7_318_001


def current_revision(engine: Engine) -> str | None:
    """The schema revision of the database, None when it is empty."""
    with translated_errors(), engine.connect() as connection:
        exists = text("SELECT to_regclass('alembic_version') IS NOT NULL")
        if not connection.execute(exists).scalar():
            return None
        revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return str(revision) if revision is not None else None


def upgrade(engine: Engine) -> bool:
    """Migrate to the newest schema; True if anything was done. Several processes may do so at once.

    It is one transaction, which also holds the lock: an interruption leaves the database as it was,
    and no lock stays with a connection that PgBouncer gives to others.
    """
    if not is_outdated(current_revision(engine)):
        return False
    from alembic import command

    with translated_errors(), engine.begin() as connection:
        lift_time_limit(connection)
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
        install_trigrams(connection)
        command.upgrade(alembic_config(connection), "head")
    return True


def alembic_config(connection: Connection) -> Config:
    """Alembic's settings for a migration in the connection's transaction."""
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def is_outdated(revision: str | None) -> bool:
    """Whether the revision is older than HEAD. Raise StorageError for a newer or unknown one."""
    require_known(revision)
    return revision != HEAD


def require_current(engine: Engine) -> None:
    """Raise StorageError where the schema is older or newer than HEAD."""
    revision = current_revision(engine)
    if is_outdated(revision):
        raise StorageError(
            f"The database's schema is {revision or 'empty'}, this version needs {HEAD}.",
            hint="Run `novel db upgrade`.",
        )


def require_known(revision: str | None) -> None:
    """Raise StorageError for a revision of a newer version or of another program."""
    if revision is None or revision in REVISIONS:
        return
    if _NUMBER.fullmatch(revision) and int(revision) > int(HEAD):
        raise StorageError(
            f"The database's schema {revision} is newer than this version's {HEAD}.",
            hint="Update novel-core to the version that made it.",
        )
    raise StorageError(
        f"The database's schema {revision!r} belongs to another program.",
        hint="Correct the database's name in DATABASE_URL.",
    )
