"""What the benchmarks of the service share: throw-away servers, and processes that end with the block."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from common import Site
from redis import Redis

from novel_core import services
from novel_core.db import migrate
from novel_core.db.engine import open_database
from novel_core.queue.names import QUEUE

PATIENCE = 120.0


@contextmanager
def servers() -> Iterator[dict[str, str]]:
    """A migrated PostgreSQL and a Valkey; the environment that leads the service there."""
    with (
        tempfile.TemporaryDirectory(prefix="novel-bench-") as folder,
        services.attach(Path(folder)) as attached,
    ):
        running = attached.services
        assert running.database_url is not None
        assert running.redis_url is not None
        engine = open_database(running.database_url)
        migrate.upgrade(engine)
        engine.dispose()
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("NOVEL_", "RQ_"))
        }
        yield kept | {
            "NOVEL_DATA_DIR": folder,
            "DATABASE_URL": running.database_url,
            "REDIS_URL": running.redis_url,
        }


def served_by(site: Site, **more: str) -> dict[str, str]:
    """Settings for a look-alike without a rate."""
    return {
        "NOVEL_HOST_MAP": site.host_map,
        "NOVEL_SOURCES__ROYALROAD__REQUESTS_PER_SECOND": "0",
        **more,
    }


@contextmanager
def process(*arguments: str, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m …`, told to end at the end."""
    with subprocess.Popen(
        [sys.executable, *arguments], env=dict(environment), stderr=subprocess.DEVNULL
    ) as started:
        try:
            yield started
        finally:
            started.terminate()


def wait_for(condition: Callable[[], object], step: float = 0.005) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit("the benchmark's processes do not get ready")
        time.sleep(step)


@contextmanager
def workers(
    environment: Mapping[str, str], processes: int, *, crawls: int = 1
) -> Iterator[subprocess.Popen[bytes]]:
    """`novel worker`, ready to take jobs: in each process `crawls` at once."""
    options = ("--processes", str(processes), "--crawls", str(crawls))
    with _ready(environment, processes * crawls, "novel_worker", *options) as started:
        yield started


@contextmanager
def stock_workers(
    environment: Mapping[str, str], count: int, *, configured: str = "novel_worker.rq_config"
) -> Iterator[subprocess.Popen[bytes]]:
    """RQ's own workers, which fork for each job, warmed up and ready to take jobs."""
    options = ("worker-pool", QUEUE, "--num-workers", str(count), "--quiet")
    config = ("--config", configured)
    with _ready(environment, count, "rq.cli", *options, *config) as started:
        yield started


@contextmanager
def _ready(
    environment: Mapping[str, str], count: int, *command: str
) -> Iterator[subprocess.Popen[bytes]]:
    with Redis.from_url(environment["REDIS_URL"]) as redis:
        redis.delete("rq:workers")
        with process("-m", *command, environment=environment) as started:
            wait_for(lambda: redis.scard("rq:workers") >= count)
            yield started
