"""The embedded database's schema: made where there is none, and migrated by commands that write, never without a copy of the library."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from novel_core.db import migrate

#: Copies kept: this one, and those of earlier migrations.
KEPT = 3


def prepare_embedded(database: Engine, data_dir: Path, *, migrating: bool) -> Path | None:
    """Make the schema in an empty database; with `migrating` bring an older one up to date. The copy that was kept, if one was.

    What only reads leaves an older library to `require_current`, which says what to do.
    """
    revision = migrate.current_revision(database)
    copy = None
    if revision is not None:
        if not migrating or not migrate.is_outdated(revision):
            return None
        copy = _keep_copy(database, data_dir / "backups", revision)
    migrate.upgrade(database)
    return copy


def _keep_copy(database: Engine, folder: Path, revision: str) -> Path:
    """A backup that `novel restore` of this version, or of the one before, can put back."""
    from novel_core.backup import write_backup

    folder.mkdir(mode=0o700, exist_ok=True)
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%f")
    copy = folder / f"schema-{revision}-{moment}.backup"
    write_backup(database, copy)
    for outdated in sorted(folder.glob("schema-*.backup"), key=_age)[:-KEPT]:
        outdated.unlink(missing_ok=True)
    return copy


def _age(copy: Path) -> str:
    return copy.name.rpartition("-")[2]
