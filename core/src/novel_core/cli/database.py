"""`novel db`: the schema, and upkeep."""

from __future__ import annotations

import click

from novel_core.archive import retention
from novel_core.backup.upgrading import prepare_embedded
from novel_core.cli.output import json_output, print_either, say
from novel_core.db import migrate
from novel_core.runtime import open_database_of
from novel_core.settings import load_settings


@click.group()
def db() -> None:
    """The database's schema and upkeep."""


@db.command()
def upgrade() -> None:
    """Bring the database to this version's schema.

    Of an embedded one a copy is kept first, in `backups` of the data folder. Commands that write
    upgrade an embedded database automatically.
    """
    settings = load_settings()
    with open_database_of(settings) as database:
        copy = None
        before = migrate.current_revision(database)
        if settings.uses_embedded_postgres:
            copy = prepare_embedded(database, settings.data_dir, migrating=True)
        done = migrate.upgrade(database) or before != migrate.HEAD
    if copy is not None:
        say(f"A copy of the library before the upgrade: {copy}")
    say(f"The schema is {migrate.HEAD}{', upgraded now' if done else ' already'}.")


@db.command()
@json_output()
def status(as_json: bool) -> None:
    """Show the schema's version."""
    with open_database_of(load_settings()) as database:
        revision = migrate.current_revision(database)
    advice = "" if revision == migrate.HEAD else ": run `novel db upgrade`"
    text = f"The schema is {revision or 'empty'}, this version's is {migrate.HEAD}{advice}."
    print_either({"revision": revision, "head": migrate.HEAD}, text, as_json=as_json)


@db.command()
def sweep() -> None:
    """Delete what the retention settings no longer keep.

    API and workers do so every ten minutes, `novel ingest` at its start.
    """
    settings = load_settings()
    with open_database_of(settings, migrating=True) as database:
        migrate.require_current(database)
        retention.sweep(database, settings)
    click.echo("Swept.")
