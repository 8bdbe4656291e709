"""`novel up` with real processes: the whole service in one command, over the look-alike."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from polling import eventually
from programs import PROGRAMS, Program, free_port, runs

from novel_core import services
from novel_core.processes import parent
from novel_royalroad_lookalike import LookalikeServer

NOVEL = "https://www.royalroad.com/fiction/7"


class Service:
    """`novel up`, and its API."""

    def __init__(self, program: Program, port: int) -> None:
        self.program = program
        self._url = f"http://127.0.0.1:{port}"

    def call(self, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(
            self._url + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read())

    def answers(self) -> bool:
        try:
            self.call("/health")
        except OSError:
            return False
        return True

    def ingest(self) -> int:
        job_id: int = self.call("/ingest", {"url": NOVEL})["job_id"]
        return job_id

    def becomes(self, job_id: int, status: str) -> None:
        eventually(lambda: self.call(f"/jobs/{job_id}")["status"] == status)

    def part(self, module: str) -> psutil.Process:
        """The process that `novel up` itself has started."""
        for process in psutil.Process(self.program.pid).children():
            if module in " ".join(process.cmdline()):
                return process
        raise AssertionError(f"{module} does not run: {self.program.said}")

    def replaced(self, module: str, pid: int) -> bool:
        try:
            return self.part(module).pid != pid
        except (AssertionError, psutil.Error):
            return False


@pytest.fixture
def environment(tmp_path: Path, site: LookalikeServer) -> dict[str, str]:
    return {
        "NOVEL_DATA_DIR": str(tmp_path / "data"),
        "NOVEL_HOST_MAP": site.host_map,
        "NOVEL_SOURCES__ROYALROAD__REQUESTS_PER_SECOND": "0",
    }


@pytest.fixture
def up(tmp_path: Path, environment: dict[str, str]) -> Iterator[Service]:
    port = free_port()
    command = [PROGRAMS / "novel", "up", "--port", str(port), "--crawls", "2"]
    try:
        with Program(command, environment, tmp_path) as program:
            service = Service(program, port)
            eventually(lambda: "logs " in program.said or program.process.poll() is not None, 60)
            assert f"API        http://127.0.0.1:{port}\n" in program.said, program.said
            assert f"docs       http://127.0.0.1:{port}/docs\n" in program.said
            eventually(service.answers)
            yield service
    finally:
        services.stop(tmp_path / "data", force=True)


def test_a_submitted_novel_is_fetched_and_ctrl_c_ends_everything(
    up: Service, tmp_path: Path
) -> None:
    up.becomes(up.ingest(), "done")
    family = up.program.family()
    assert len(family) >= 4  # the API, the worker's supervisor, a worker and a housekeeper
    assert up.program.end(signal.SIGINT) == 0
    assert not [process for process in family if runs(process.pid)]
    eventually(lambda: not services.status(tmp_path / "data").running)
    assert up.program.said.endswith("Stopped.\n")


def test_a_killed_part_is_started_again(up: Service) -> None:
    parts = {"API": up.part("novel_api"), "worker": up.part("novel_worker")}
    for part in parts.values():
        part.kill()
    eventually(lambda: up.replaced("novel_api", parts["API"].pid))
    eventually(lambda: up.replaced("novel_worker", parts["worker"].pid))
    for name in parts:
        assert f"{name} exited (SIGKILL); restarting in 1 s.\n" in up.program.said
    eventually(up.answers)
    up.becomes(up.ingest(), "done")


def test_a_busy_worker_does_not_keep_it_from_ending(up: Service, site: LookalikeServer) -> None:
    site.switches.latency = 3.0
    up.becomes(up.ingest(), "crawling")
    family = up.program.family()
    assert up.program.end(signal.SIGTERM) == 0
    eventually(lambda: not [process for process in family if runs(process.pid)])


def test_nothing_outlives_it_when_it_is_killed(up: Service) -> None:
    family = up.program.family()
    up.program.end(signal.SIGKILL)
    eventually(lambda: not [process for process in family if runs(process.pid)])


def test_a_taken_port_is_said_at_once(tmp_path: Path, environment: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with Program([PROGRAMS / "novel", "up", "--port", port], environment, tmp_path) as program:
            assert program.process.wait(30) == 2
            assert f"The API cannot listen at 127.0.0.1 port {port}" in program.said
            assert "--port" in program.said


def test_an_api_that_refuses_to_start_ends_it(tmp_path: Path, environment: dict[str, str]) -> None:
    """Open to others without a key, as it happens."""
    place = ["--host", "0.0.0.0", "--port", str(free_port())]
    try:
        with Program([PROGRAMS / "novel", "up", *place], environment, tmp_path) as program:
            assert program.process.wait(60) == 2
            assert "Without API keys the API serves this machine only" in program.said
            assert "API cannot run with these settings" in program.said
    finally:
        services.stop(tmp_path / "data", force=True)


@pytest.mark.parametrize(
    ("package", "distribution"), [("novel_api", "novel-api"), ("novel_worker", "novel-worker")]
)
def test_a_missing_package_is_named(
    tmp_path: Path, environment: dict[str, str], package: str, distribution: str
) -> None:
    hidden = tmp_path / "hidden" / package
    hidden.mkdir(parents=True)
    (hidden / "__init__.py").touch()
    path = {"PYTHONPATH": str(tmp_path / "hidden")}
    with Program([PROGRAMS / "novel", "up"], environment | path, tmp_path) as program:
        assert program.process.wait(30) == 2
        assert f"needs the package {distribution}" in program.said
        assert f"pip install {distribution}" in program.said


_ONLY_CORE = """
import importlib.metadata as metadata, sys
found = metadata.entry_points
metadata.entry_points = lambda **of: [
    point for point in found(**of) if point.dist.name not in ("novel-api", "novel-worker")
]
from novel_core.cli.main import main
main()
"""


@pytest.mark.parametrize(
    ("command", "distribution"),
    [("api", "novel-api"), ("keys", "novel-api"), ("worker", "novel-worker")],
)
def test_a_command_whose_package_is_missing_names_it(
    tmp_path: Path, environment: dict[str, str], command: str, distribution: str
) -> None:
    program = [sys.executable, "-c", _ONLY_CORE, command, "--help"]
    with Program(program, environment, tmp_path) as ran:
        assert ran.process.wait(30) == 2
        assert f"`novel {command}` needs the package {distribution}" in ran.said
        assert f"pip install {distribution}" in ran.said


def test_where_the_kernel_does_not_tell_the_launcher_stays_and_looks(tmp_path: Path) -> None:
    """As on macOS: it passes the signal on, and ends what it runs when the parent dies."""
    stay = _stay_between(tmp_path)
    with Program([*stay, str(os.getpid()), "/bin/sleep", "60"], {}, tmp_path) as told:
        eventually(lambda: told.family("sleep"))
        sleeping = told.family("sleep")[0]
        assert told.end(signal.SIGTERM) in {-signal.SIGTERM, 256 - signal.SIGTERM}
        assert not runs(sleeping.pid)
    with Program([*stay, "1", "/bin/sleep", "60"], {}, tmp_path) as orphan:
        assert orphan.process.wait(10) in {-signal.SIGTERM, 256 - signal.SIGTERM}


def test_a_signal_that_comes_while_the_launcher_starts_the_program_ends_both(
    tmp_path: Path,
) -> None:
    at_once = """
import os, signal, subprocess
class Signalled(subprocess.Popen):
    def __init__(self, command):
        super().__init__(command)
        print(self.pid, flush=True)
        os.kill(os.getpid(), signal.SIGTERM)
subprocess.Popen = Signalled
"""
    stay = _stay_between(tmp_path, at_once)
    with Program([*stay, str(os.getpid()), "/bin/sleep", "60"], {}, tmp_path) as told:
        assert told.process.wait(20) in {-signal.SIGTERM, 256 - signal.SIGTERM}
        assert not runs(int(told.said))


def _stay_between(folder: Path, before: str = "") -> list[str | Path]:
    """The launcher's command where the kernel does not tell; `before` is run in it first."""
    script = folder / "stay.py"
    script.write_text(
        f"{before}\nimport sys; sys.path.insert(0, {str(Path(parent.__file__).parent)!r})\n"
        "import parent; sys.exit(parent.stay_between(int(sys.argv[1]), sys.argv[2:]))\n"
    )
    return [PROGRAMS / "python", script]


def test_servers_whose_guard_was_killed_are_started_again(up: Service, tmp_path: Path) -> None:
    guard = services.status(tmp_path / "data").pid
    assert guard is not None
    os.kill(guard, signal.SIGKILL)
    eventually(lambda: "were restarted" in up.program.said, 60)
    eventually(lambda: services.status(tmp_path / "data").running)
    eventually(lambda: up.call("/health/ready")["status"] == "ready", 60)
    up.becomes(up.ingest(), "done")
