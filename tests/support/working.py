"""Real `novel worker` processes over a test's database, a throw-away Valkey and the look-alike."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from polling import eventually
from redis import Redis

from novel_core.queue.connection import connect


def service_environment(**values: str) -> dict[str, str]:
    """This process' environment without settings of anybody, and with these."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("NOVEL_", "RQ_")) and name not in {"DATABASE_URL", "REDIS_URL"}
    }
    return kept | values


@dataclass
class WorkerProcess:
    """A `novel worker`, with the processes it has forked."""

    process: subprocess.Popen[bytes]
    log: Path
    redis: Redis = field(repr=False)

    @property
    def children(self) -> list[psutil.Process]:
        """The crawl processes and the housekeeper."""
        return psutil.Process(self.process.pid).children()

    @property
    def crawlers(self) -> list[psutil.Process]:
        """The crawl processes."""
        slots = (name.decode() for name in self.redis.smembers("rq:workers"))
        pids = {int(slot.rsplit(".", 2)[1]) for slot in slots}
        return [child for child in self.children if child.pid in pids]

    @property
    def alone(self) -> list[psutil.Process]:
        """The processes that run one job alone."""
        found: list[psutil.Process] = []
        for child in self.children:
            try:
                found += child.children()
            except psutil.NoSuchProcess:
                continue
        return found

    def stop(self, timeout: float = 15.0) -> int:
        """SIGTERM, and its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)


@contextmanager
def running_worker(
    environment: Mapping[str, str], folder: Path, *, processes: int = 1, crawls: int = 4
) -> Iterator[WorkerProcess]:
    """A worker that is ready to take jobs; killed with all its children at the end, if it still runs."""
    log = folder / f"worker-{len(list(folder.glob('worker-*.log')))}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "novel_worker"),
                *("--processes", str(processes), "--crawls", str(crawls)),
            ],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    redis = connect(environment["REDIS_URL"])
    before = set(redis.smembers("rq:workers"))
    worker = WorkerProcess(process, log, redis)
    try:
        eventually(
            lambda: (
                process.poll() is not None
                or len(set(redis.smembers("rq:workers")) - before) >= processes * crawls
            )
        )
        assert process.poll() is None, log.read_text(errors="replace")
        yield worker
    finally:
        family = [process.pid]
        if process.poll() is None:
            family += [child.pid for child in psutil.Process(process.pid).children(recursive=True)]
        for pid in reversed(family):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        process.wait(10)
        redis.close()
