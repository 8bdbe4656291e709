"""What a process needs to run jobs: settings, plugins, servers and an open database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from novel_core.backup.upgrading import prepare_embedded
from novel_core.db import migrate
from novel_core.db.engine import open_database
from novel_core.registry import LoadedSource, Registry, load_registry
from novel_core.settings import Settings, load_settings, read_options
from novel_core.sites.store import SiteStore

if TYPE_CHECKING:
    from novel_core.services import Attachment


@dataclass(frozen=True, slots=True)
class Servers:
    """The servers' addresses. `attachment` is None without embedded servers."""

    database_url: str
    redis_url: str | None
    attachment: Attachment | None = None


@dataclass(frozen=True, slots=True)
class Runtime:
    """The registry of a runtime has the sites of its database and the options of its settings.

    InvalidSetting names an option of a plugin that is wrong.
    """

    settings: Settings
    registry: Registry
    database: Engine
    servers: Servers

    def __post_init__(self) -> None:
        self.registry.use(SiteStore(self.database), partial(set_options, self.settings))
        for name in self.registry.names():
            if self.settings.source(name).options:
                self.registry.get(name)

    @property
    def redis_url(self) -> str | None:
        return self.servers.redis_url


def set_options(settings: Settings, source: LoadedSource) -> None:
    """Give the source the options of the settings; those of a site are its defaults."""
    defaults = source.site.options if source.site else {}
    kind, family = source.source.Options, source.info.family
    source.set_options(read_options(settings, source.name, kind, defaults, family))


@contextmanager
def open_database_of(settings: Settings, *, migrating: bool = False) -> Iterator[Engine]:
    """The database of the settings, or the embedded one, kept running during the block.

    An empty embedded database gets its schema. With `migrating` an older one is upgraded, after a
    copy of it was made.
    """
    with (
        open_servers(settings, queue=False) as servers,
        _open_engine(settings, servers, migrating=migrating) as database,
    ):
        yield database


@contextmanager
def open_servers(settings: Settings, *, queue: bool) -> Iterator[Servers]:
    """The servers of the settings; the others are embedded ones, kept running during the block."""
    database_url, redis_url = settings.database_url, settings.redis_url
    embed_queue = queue and redis_url is None
    if database_url is not None and not embed_queue:
        yield Servers(database_url, redis_url)
        return
    from novel_core import services

    with services.attach(
        settings.data_dir, postgres=database_url is None, valkey=embed_queue
    ) as attachment:
        embedded = attachment.services
        url = database_url or embedded.database_url
        assert url is not None
        yield Servers(url, redis_url or embedded.redis_url, attachment)


@contextmanager
def _open_engine(
    settings: Settings, servers: Servers, *, migrating: bool, pool_size: int = 5
) -> Iterator[Engine]:
    # A job that waits longer is in danger to lose its lease, so there it is an error.
    database = open_database(servers.database_url, pool_size=pool_size, pool_wait=settings.lease)
    try:
        if settings.uses_embedded_postgres:
            prepare_embedded(database, settings.data_dir, migrating=migrating)
        yield database
    finally:
        database.dispose()


@contextmanager
def open_runtime(
    settings: Settings | None = None,
    registry: Registry | None = None,
    *,
    queue: bool = False,
    migrating: bool = False,
    pool_size: int = 5,
) -> Iterator[Runtime]:
    """The runtime of one process; embedded servers may stop when it is closed.

    With `queue` it has Redis too. `migrating` is for commands that write: an older embedded
    database is upgraded. `pool_size` connections to the database are kept open.
    """
    settings = settings or load_settings()
    registry = registry or load_registry()
    with (
        open_servers(settings, queue=queue) as servers,
        _open_engine(settings, servers, migrating=migrating, pool_size=pool_size) as database,
    ):
        migrate.require_current(database)
        yield Runtime(settings, registry, database, servers)
