"""The embedded database's schema: created if empty, migrated only after a backup."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from novel_core.db import migrate

#: Backups kept, the newest included.
KEPT = 3


def prepare_embedded(database: Engine, data_dir: Path, *, migrating: bool) -> Path | None:
    """Create the schema in an empty database; with `migrating`, upgrade an older one. Return the
    backup made before, if any.

    Commands that only read leave an older schema to `require_current`, which reports it.
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
    """Write a backup that `novel restore` of this version, or of the one before, can restore."""
    from novel_core.backup import write_backup

    folder.mkdir(mode=0o700, exist_ok=True)
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%f")
    copy = folder / f"schema-{revision}-{moment}.backup"
    write_backup(database, copy)
    by_age = sorted(folder.glob("schema-*.backup"), key=lambda one: one.name.rpartition("-")[2])
    for outdated in by_age[:-KEPT]:
        outdated.unlink(missing_ok=True)
    return copy
