"""An arena for chaos: real servers, workers and API over the look-alike, and everything that can go wrong with them.

Each misfortune tells how many requests it may cost: those on the wire at a kill have to be sent again.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from redis import Redis
from redis.exceptions import RedisError
from working import service_environment

from novel_core import services
from novel_core.queue.connection import connect
from novel_royalroad_lookalike import ChapterFault, LookalikeServer
from novel_royalroad_lookalike.switches import Times

CONCURRENCY = 4
SUPERVISORS = 2
WORKERS_EACH = 2
LEASE = 4.0
#: How long a stopped process sleeps: beyond the lease.
SLEEP = LEASE * 1.5
#: Seconds between two deaths of a server: its guard gives up on one that dies four times a minute.
REST = 20.5
SITE_FAULTS = (
    ChapterFault.LIMITED,
    ChapterFault.ERROR_500,
    ChapterFault.HANG,
    ChapterFault.RESET,
)


@dataclass
class Arena:
    """The processes, by role, and what was done to them."""

    folder: Path
    environment: dict[str, str]
    redis: Redis
    site: LookalikeServer
    random: random.Random
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    api: subprocess.Popen[bytes] | None = None
    port: int = 0
    done: Counter[str] = field(default_factory=Counter)
    allowance: int = 0
    injected: int = 0
    _sleepers: list[threading.Timer] = field(default_factory=list)
    _killed: dict[Path, float] = field(default_factory=dict)

    # Processes

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        log = (self.folder / f"{arguments[0]}.log").open("ab")
        with log:
            return subprocess.Popen(
                [sys.executable, "-m", *arguments],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def start_worker(self) -> None:
        self.workers.append(self.start("novel_worker", "--processes", str(WORKERS_EACH)))

    def start_api(self) -> None:
        self.api = self.start("novel_api", "--port", str(self.port))

    def rq_workers(self) -> list[psutil.Process]:
        found: list[psutil.Process] = []
        for supervisor in self.workers:
            with suppress(psutil.Error):
                found += psutil.Process(supervisor.pid).children()
        return found

    def horses(self) -> list[psutil.Process]:
        found: list[psutil.Process] = []
        for worker in self.rq_workers():
            with suppress(psutil.Error):
                found += worker.children()
        return found

    # Misfortunes

    def misfortune(self) -> None:
        """One at random."""
        chosen = self.random.choice(self.misfortunes())
        if chosen():
            self.done[chosen.__name__] += 1

    def misfortunes(self) -> list[Callable[[], bool]]:
        often = [self.kill_horse, self.kill_worker, self.kill_both, self.break_site]
        return [
            *often,
            *often,
            self.flush_redis,
            self.kill_redis,
            self.kill_postgres,
            self.terminate_worker,
            self.stop_horse,
            self.kill_api,
        ]

    def kill_horse(self) -> bool:
        return self._kill(self.horses()[:1])

    def kill_worker(self) -> bool:
        """Its horse hears of it from the kernel, and hands its job back."""
        workers = [worker for worker in self.rq_workers() if _has_children(worker)]
        if not workers:
            return False
        worker = self.random.choice(workers)
        self.allowance += CONCURRENCY
        with suppress(psutil.Error):
            worker.kill()
        return True

    def kill_both(self) -> bool:
        horses = self.horses()[:1]
        parents = []
        for horse in horses:
            with suppress(psutil.Error):
                parents.append(horse.parent())
        return self._kill([*[parent for parent in parents if parent], *horses])

    def terminate_worker(self) -> bool:
        """SIGTERM, as a deploy does; another takes its place."""
        supervisor = self.workers.pop(0)
        supervisor.send_signal(signal.SIGTERM)
        self.allowance += CONCURRENCY * WORKERS_EACH  # answers that take longer than the grace
        supervisor.wait(20)
        self.start_worker()
        return True

    def stop_horse(self) -> bool:
        """SIGSTOP beyond the lease: it wakes up when its job is somebody else's."""
        horses = self.horses()
        if not horses:
            return False
        horse = self.random.choice(horses)
        with suppress(psutil.Error):
            horse.suspend()
            self.allowance += 2 * CONCURRENCY
            timer = threading.Timer(SLEEP, _resume, [horse])
            timer.start()
            self._sleepers.append(timer)
        return True

    def flush_redis(self) -> bool:
        with suppress(RedisError):
            self.redis.flushall()
        return True

    def kill_redis(self) -> bool:
        """It comes back empty, started by its guard."""
        if not self._may_kill(self.folder / "queue"):
            return False
        self.flush_redis()
        return self._kill_server(self.folder / "queue", signal.SIGKILL)

    def kill_postgres(self, how: int | None = None) -> bool:
        """An immediate shutdown, or none at all: what was committed is recovered."""
        how = how or self.random.choice((signal.SIGQUIT, signal.SIGKILL))
        if not self._kill_server(self.folder / "database", how):
            return False
        self.allowance += CONCURRENCY * SUPERVISORS * WORKERS_EACH
        return True

    def kill_api(self) -> bool:
        if self.api is None or self.api.poll() is not None:
            return False
        self.api.kill()
        self.api.wait(10)
        self.start_api()
        return True

    def break_site(self) -> bool:
        """A page fails for one request."""
        fiction = self.random.choice(list(self.site.library.fictions.values()))
        place = self.random.choice(
            [f"fiction:{fiction.id}", *(f"chapter:{chapter.id}" for chapter in fiction.chapters)]
        )
        if place in self.site.switches.faults:
            return False
        self.site.switches.faults[place] = Times(self.random.choice(SITE_FAULTS), 1)
        return True

    def _kill(self, victims: list[psutil.Process]) -> bool:
        if victims:
            self.allowance += CONCURRENCY
        for victim in victims:
            with suppress(psutil.Error):
                victim.kill()
        return bool(victims)

    def _may_kill(self, home: Path) -> bool:
        return time.monotonic() - self._killed.get(home, -REST) >= REST

    def _kill_server(self, home: Path, number: int) -> bool:
        pids = [server.pid for server in services.status(home).servers if server.pid is not None]
        if not pids or not self._may_kill(home):
            return False
        self._killed[home] = time.monotonic()
        with suppress(ProcessLookupError):
            os.kill(pids[0], number)
        return True

    # The end

    def calm(self) -> None:
        """No more misfortunes: whoever sleeps is woken, faults not met are taken back."""
        for timer in self._sleepers:
            timer.join()
        faults = self.site.switches.faults
        self.injected += sum(
            1 for fault in faults.values() if isinstance(fault, Times) and fault.left == 0
        )
        faults.clear()

    def close(self) -> None:
        for timer in self._sleepers:
            timer.cancel()
        for process in [*self.workers, *([self.api] if self.api else [])]:
            family: list[Any] = []
            with suppress(psutil.Error):
                family = psutil.Process(process.pid).children(recursive=True)
            process.kill()
            process.wait(10)
            for member in family:
                with suppress(psutil.Error):
                    member.kill()


def _resume(process: psutil.Process) -> None:
    with suppress(psutil.Error):
        process.resume()


def _has_children(process: psutil.Process) -> bool:
    try:
        return bool(process.children())
    except psutil.Error:
        return False


@contextmanager
def arena(
    folder: Path, site: LookalikeServer, seed: int, port: int, *, rate: float = 0
) -> Iterator[Arena]:
    """Servers that run; no worker yet. `rate` is the site's requests per second, 0 for as fast as can be."""
    with (
        services.attach(folder / "database", valkey=False) as database,
        services.attach(folder / "queue", postgres=False) as queue,
    ):
        database_url, redis_url = database.services.database_url, queue.services.redis_url
        assert database_url is not None
        assert redis_url is not None
        environment = service_environment(
            DATABASE_URL=database_url,
            REDIS_URL=redis_url,
            NOVEL_HOST_MAP=site.host_map,
            NOVEL_SOURCES__ROYALROAD__REQUESTS_PER_SECOND=str(rate),
            NOVEL_SOURCES__ROYALROAD__CONCURRENCY=str(CONCURRENCY),
            NOVEL_RETRY_BACKOFF="0.05",
            NOVEL_RETRY_TIMES="3",
            NOVEL_HTTP_TIMEOUT="3",
            NOVEL_JOB_BACKOFF="0.2",
            NOVEL_MAX_FAILURES="100",
            NOVEL_LEASE=str(LEASE),
        )
        redis = connect(redis_url)
        made = Arena(folder, environment, redis, site, random.Random(seed), port=port)
        try:
            yield made
        finally:
            made.close()
