"""What the benchmarks share: the look-alike in another process, a library of their own, CPU told apart."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from novel_core import services

FICTION = 1
URL = f"https://www.royalroad.com/fiction/{FICTION}"
CONCURRENCY = 32


@dataclass(frozen=True, slots=True)
class Site:
    """A look-alike in a process of its own."""

    url: str

    @property
    def host_map(self) -> str:
        hosts = ("www.royalroad.com", "www.royalroadcdn.com", "i.imgur.com")
        return ",".join(f"{host}={self.url}" for host in hosts)


@contextmanager
def site(*options: str) -> Iterator[Site]:
    """The look-alike, for as long as the block runs."""
    command = [sys.executable, "-m", "novel_royalroad_lookalike", "--port", "0", "--with-parent"]
    with subprocess.Popen(
        [*command, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield Site(process.stdout.readline().split()[-1])
        process.terminate()


def requests_of(served: Site) -> list[tuple[float, str]]:
    """The time and the host of each request so far, in order."""
    request = urllib.request.Request(
        f"{served.url}/_control",
        data=json.dumps({"command": "requests"}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as response:
        seen = json.load(response)["requests"]
    return sorted(
        (entry["time"], entry["host"]) for entry in seen if not entry["path"].startswith("/_")
    )


@contextmanager
def library(served: Site) -> Iterator[dict[str, str]]:
    """An empty library on servers of its own; the environment that leads `novel` there."""
    with (
        tempfile.TemporaryDirectory(prefix="novel-bench-") as folder,
        services.attach(Path(folder)),
    ):
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("NOVEL_") and name not in {"DATABASE_URL", "REDIS_URL"}
        }
        yield kept | {
            "NOVEL_DATA_DIR": folder,
            "NOVEL_HOST_MAP": served.host_map,
            "NOVEL_SOURCES__ROYALROAD__REQUESTS_PER_SECOND": "0",
            "NOVEL_SOURCES__ROYALROAD__CONCURRENCY": str(CONCURRENCY),
        }


@dataclass(frozen=True, slots=True)
class Measured:
    """A command's result: seconds by the wall, CPU seconds of the process, and of PostgreSQL while it ran; peak RSS in MiB."""

    output: dict[str, Any]
    seconds: float
    cpu: float
    postgres_cpu: float
    peak: float


#: Runs a command in this process's place, and tells what it cost on the last line of standard error.
METER = """
import json, resource, subprocess, sys, time
started = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdout=sys.stdout)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"seconds": time.perf_counter() - started, "cpu": used.ru_utime + used.ru_stime,
                  "peak": used.ru_maxrss / 1024, "code": done.returncode}), file=sys.stderr)
"""


def postgres_cpu(data_dir: str) -> float:
    """CPU seconds of the library's PostgreSQL so far, processes that have ended included."""
    guard = services.status(Path(data_dir)).pid
    if guard is None:
        return 0.0
    total = 0.0
    for process in psutil.Process(guard).children(recursive=True):
        try:
            times = process.cpu_times()
        except psutil.Error:
            continue
        if "postgres" in process.name():
            total += times.user + times.system + times.children_user + times.children_system
    return total


def novel(*arguments: str, environment: dict[str, str]) -> Measured:
    """Run `novel … --json` and measure it."""
    script = str(Path(sys.executable).with_name("novel"))
    before = postgres_cpu(environment["NOVEL_DATA_DIR"])
    done = subprocess.run(
        [sys.executable, "-c", METER, script, *arguments, "--json"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    cost = json.loads(done.stderr.strip().splitlines()[-1])
    if cost["code"] != 0:
        raise SystemExit(f"novel {' '.join(arguments)} failed: {done.stdout}{done.stderr}")
    return Measured(
        json.loads(done.stdout),
        cost["seconds"],
        cost["cpu"],
        postgres_cpu(environment["NOVEL_DATA_DIR"]) - before,
        cost["peak"],
    )
