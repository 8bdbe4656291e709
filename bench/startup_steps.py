"""What `novel ingest` does before its crawl, step by step, once its modules are loaded; `startup.py` runs it."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from novel_core import intake
from novel_core.db import migrate
from novel_core.db.engine import open_database, session
from novel_core.ingest import runner
from novel_core.jobs import lifecycle
from novel_core.jobs.options import JobOptions
from novel_core.registry import load_registry
from novel_core.runtime import Runtime, open_servers
from novel_core.settings import load_settings

TAKEN: dict[str, float] = {}


@contextmanager
def timed(name: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    TAKEN[name] = time.perf_counter() - started


def main(url: str) -> None:
    assert runner  # loads the crawl
    with timed("reading plugins and the URL"):
        registry = load_registry()
        target = intake.resolve(registry, url)
    with timed("reading settings"):
        settings = load_settings()
    servers = open_servers(settings, queue=True)
    with timed("attaching to the servers"):
        opened_servers = servers.__enter__()
    with timed("connecting, check of the schema"):
        database = open_database(opened_servers.database_url)
        migrate.require_current(database)
    assert Runtime(settings, registry, database, opened_servers)
    with timed("submitting and claiming the job"), session(database) as opened:
        job_id = intake.submit(opened, settings, target, JobOptions()).job_id
        claim = lifecycle.claim(opened, job_id, lease=settings.lease, by_worker=False)
        assert claim
    with session(database) as opened:
        intake.cancel(opened, job_id)
    database.dispose()
    servers.__exit__(None, None, None)
    print(json.dumps(TAKEN))


if __name__ == "__main__":
    main(sys.argv[1])
