"""An arena for chaos: real servers, workers and API over a look-alike that stands for many sites."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import troubles
from aiohttp import web
from programs import PROGRAMS, free_port
from redis import Redis
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url
from swallowing import SwallowingProxy
from working import service_environment

from novel_core import services
from novel_core.db import migrate
from novel_core.db.engine import open_database, session
from novel_core.errors import StorageError
from novel_core.queue.connection import connect
from novel_royalroad_lookalike import Library, LookalikeServer, mirrors

SITES = 12
CONCURRENCY = 4
CRAWLS = 32
LEASE = 4.0
#: A page that was sent so many seconds ago is archived.
ARCHIVED = 0.3


class ManySites(LookalikeServer):
    """The look-alike at every host. `in_flight` is what a kill at this moment may cost."""

    def __init__(self, library: Library) -> None:
        super().__init__(library)
        self._open = 0
        self._answered: deque[float] = deque(maxlen=10_000)

    def application(self) -> web.Application:
        app = super().application()

        @web.middleware
        async def count(request: web.Request, handler: Any) -> web.StreamResponse:
            self._open += 1
            try:
                return await handler(request)  # type: ignore[no-any-return]
            finally:
                self._open -= 1
                self._answered.append(time.monotonic())

        app.middlewares.append(count)
        return app

    @property
    def in_flight(self) -> int:
        since = time.monotonic() - ARCHIVED
        return self._open + sum(moment > since for moment in list(self._answered))


def url_of(fiction: int) -> str:
    """The fictions are spread over the sites."""
    return f"https://{mirrors.host(fiction % SITES)}/fiction/{fiction}"


@dataclass
class Arena:
    """The processes, and what was done to them."""

    folder: Path
    environment: dict[str, str]
    database: Engine
    redis: Redis
    proxy: SwallowingProxy
    site: ManySites
    random: random.Random
    port: int = field(default_factory=free_port)
    supervisors: list[subprocess.Popen[bytes]] = field(default_factory=list)
    stock: subprocess.Popen[bytes] | None = None
    api: subprocess.Popen[bytes] | None = None
    done: Counter[str] = field(default_factory=Counter)
    #: Requests that had to be sent again because of what was done.
    allowance: int = 0

    def start(self, name: str, *command: str | Path) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [str(part) for part in command],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def start_worker(self, crawls: int = CRAWLS) -> None:
        command = (sys.executable, "-m", "novel_worker", "--crawls", str(crawls))
        self.supervisors.append(self.start("worker", *command))

    def start_stock_worker(self) -> None:
        """RQ's own, which forks for each job."""
        config = ("--config", "novel_worker.rq_config")
        command = (PROGRAMS / "rq", "worker", "ingestion", "--quiet", *config)
        self.stock = self.start("stock", *command)

    def start_api(self) -> None:
        command = (sys.executable, "-m", "novel_api", "--port", str(self.port))
        self.api = self.start("api", *command)

    def tend(self) -> None:
        """Start again what has ended, as an init system does."""
        for supervisor in [one for one in self.supervisors if one.poll() is not None]:
            self.supervisors.remove(supervisor)
            self.start_worker()
        if self.stock is not None and self.stock.poll() is not None:
            self.start_stock_worker()
        if self.api is not None and self.api.poll() is not None:
            self.start_api()

    def rows(self, statement: str) -> list[Any]:
        with session(self.database) as opened:
            return list(opened.execute(text(statement)))

    def open_jobs(self) -> int:
        """Jobs that have not ended; -1 while the database is away."""
        try:
            return int(
                self.rows("SELECT count(*) FROM jobs WHERE status NOT IN ('done', 'error')")[0][0]
            )
        except StorageError:
            return -1

    def holders(self) -> list[psutil.Process]:
        """The processes that hold jobs now."""
        try:
            owners = self.rows(
                "SELECT DISTINCT lease_owner FROM jobs WHERE lease_owner IS NOT NULL"
            )
        except StorageError:
            return []
        found = []
        for (owner,) in owners:
            with suppress(psutil.Error, ValueError):
                found.append(psutil.Process(int(owner.split("/")[1])))
        return found

    def close(self) -> None:
        for process in [*self.supervisors, *filter(None, (self.stock, self.api))]:
            family: list[psutil.Process] = []
            with suppress(psutil.Error):
                family = psutil.Process(process.pid).children(recursive=True)
            process.kill()
            process.wait(10)
            for member in family:
                with suppress(psutil.Error):
                    member.kill()


@contextmanager
def arena(folder: Path, site: ManySites, seed: int, *, rate: float = 0) -> Iterator[Arena]:
    """Servers that run, behind a proxy, with a schema; no process of the service yet.

    `rate` is that of each site, in requests a second; 0 for as fast as can be.
    """
    (folder / "troubles").mkdir()
    mirrors.install(folder / "plugins", troubles.__name__)
    with (
        services.attach(folder / "database", valkey=False) as servers,
        services.attach(folder / "queue", postgres=False) as queue,
    ):
        direct, redis_url = servers.services.database_url, queue.services.redis_url
        assert direct is not None
        assert redis_url is not None
        place = make_url(direct)
        database = open_database(direct)
        migrate.upgrade(database)
        with SwallowingProxy(f"{place.query['host']}/.s.PGSQL.5432") as proxy:
            environment = service_environment(
                DATABASE_URL=f"postgresql://{place.username}@127.0.0.1:{proxy.port}/{place.database}"
                "?options=-cstatement_timeout%3D3s",
                REDIS_URL=redis_url,
                PYTHONPATH=f"{folder / 'plugins'}:{Path(troubles.__file__).parent}",
                NOVEL_DATA_DIR=str(folder / "data"),
                NOVEL_HOST_MAP=",".join(
                    f"{mirrors.host(number)}={site.url}" for number in range(SITES)
                ),
                NOVEL_SOURCES__MIRRORS__REQUESTS_PER_SECOND=str(rate),
                NOVEL_SOURCES__MIRRORS__CONCURRENCY=str(CONCURRENCY),
                NOVEL_RETRY_BACKOFF="0.05",
                NOVEL_HTTP_TIMEOUT="3",
                NOVEL_JOB_BACKOFF="0.2",
                NOVEL_MAX_FAILURES="100",
                NOVEL_LEASE=str(LEASE),
                # Code that stands still is given five times as long.
                NOVEL_PAGE_TIMEOUT="4",
                CHAOS_BYTES=str(10**9),
                CHAOS_TROUBLES=str(folder / "troubles"),
            )
            made = Arena(
                folder,
                environment,
                database,
                connect(redis_url),
                proxy,
                site,
                random.Random(seed),
            )
            try:
                yield made
            finally:
                made.close()
                made.redis.close()
                database.dispose()
