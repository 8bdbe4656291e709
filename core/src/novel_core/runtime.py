"""What a process needs to run jobs: settings, plugins and an open database, with embedded servers when none are named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine

from novel_core.db import migrate
from novel_core.db.engine import open_database
from novel_core.registry import Registry, load_registry
from novel_core.settings import Settings, load_settings


@dataclass(frozen=True, slots=True)
class Runtime:
    settings: Settings
    registry: Registry
    database: Engine


@contextmanager
def open_database_of(settings: Settings) -> Iterator[Engine]:
    """The database the settings name, or the embedded one: started, migrated and held for as long as it is used."""
    with ExitStack() as stack:
        url = settings.database_url
        if url is None:
            from novel_core import services

            attachment = stack.enter_context(services.attach(settings.data_dir, valkey=False))
            url = attachment.services.database_url
            assert url is not None
        database = open_database(url)
        stack.callback(database.dispose)
        if settings.uses_embedded_postgres:
            migrate.upgrade(database)
        yield database


@contextmanager
def open_runtime(
    settings: Settings | None = None, registry: Registry | None = None
) -> Iterator[Runtime]:
    """A runtime for one process; close it to let the embedded servers stop."""
    settings = settings or load_settings()
    registry = registry or load_registry()
    with open_database_of(settings) as database:
        if not settings.uses_embedded_postgres:
            migrate.require_current(database)
        yield Runtime(settings, registry, database)
