"""supervisord really runs what deploy/supervisor says."""

from __future__ import annotations

import configparser
import io
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from polling import eventually
from programs import PROGRAMS, Program, answers, free_port, runs
from sqlalchemy import Engine
from tcp_valkey import TcpValkey
from workbench import Workbench

from novel_core.queue.connection import connect
from novel_core.queue.dispatch import dispatch
from novel_core.states import JobState
from novel_royalroad.lookalike import LookalikeServer

WORKERS = [f"novel:novel-worker-{number}" for number in range(3)]
API = "novel:novel-api"


class Supervisord:
    """The running daemon, asked by its own client."""

    def __init__(self, config: Path, port: int) -> None:
        self._config = config
        self.port = port

    def ctl(self, *arguments: str) -> str:
        return subprocess.run(
            [PROGRAMS / "supervisorctl", "-c", self._config, *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        ).stdout

    def state(self, name: str) -> str:
        return self.ctl("status", name).split()[1]

    def pid(self, name: str) -> int:
        return int(self.ctl("pid", name))


def derived(project_root: Path, folder: Path, port: int) -> str:
    """The shipped file with this environment's program, a free port and folders of the test; and a daemon around it."""
    shipped = configparser.RawConfigParser(strict=True)
    shipped.read(project_root / "deploy" / "supervisor" / "novel.conf", encoding="utf-8")
    for section in ("program:novel-api", "program:novel-worker"):
        options = shipped[section]
        command = options["command"]
        assert command.startswith("/opt/novel/bin/novel ")
        command = command.replace("/opt/novel/bin/novel", str(PROGRAMS / "novel"))
        options["command"] = command.replace("--port 8000", f"--port {port}")
        del options["user"]
        options["directory"] = str(folder)
        options["stdout_logfile"] = options["stdout_logfile"].replace("/var/log/novel", str(folder))
    socket = f"/tmp/novel-supervisor-{port}.sock"
    shipped.read_dict(
        {
            "supervisord": {
                "nodaemon": "true",
                "silent": "true",
                "logfile": str(folder / "supervisord.log"),
                "pidfile": str(folder / "supervisord.pid"),
                "childlogdir": str(folder),
                **({"user": "root"} if psutil.Process().uids().effective == 0 else {}),
            },
            "unix_http_server": {"file": socket},
            "supervisorctl": {"serverurl": f"unix://{socket}"},
            "rpcinterface:supervisor": {
                "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
            },
        }
    )
    text = io.StringIO()
    shipped.write(text)
    return text.getvalue()


@pytest.fixture
def supervisord(
    project_root: Path, tmp_path: Path, service: dict[str, str], valkey: TcpValkey
) -> Iterator[Supervisord]:
    port = free_port()
    config = tmp_path / "supervisord.conf"
    config.write_text(derived(project_root, tmp_path, port), encoding="utf-8")
    command = [sys.executable, "-m", "supervisor.supervisord", "-c", config]
    with Program(command, service, tmp_path) as daemon:
        running = Supervisord(config, port)
        eventually(lambda: "STARTING" not in running.ctl("status"), 60)
        eventually(lambda: all(running.state(name) == "RUNNING" for name in WORKERS), 60)
        eventually(lambda: valkey.client.scard("rq:workers") == len(WORKERS), 60)
        yield running
        below = daemon.family()
        assert daemon.end() == 0
    eventually(lambda: not any(runs(process.pid) for process in below))


def kill(supervisord: Supervisord, name: str) -> None:
    """It must come back by itself."""
    before = supervisord.pid(name)
    psutil.Process(before).kill()
    eventually(lambda: supervisord.pid(name) not in {0, before})
    eventually(lambda: supervisord.state(name) == "RUNNING")


def test_the_api_answers_and_comes_back_when_killed(supervisord: Supervisord) -> None:
    eventually(lambda: answers(supervisord.port))
    kill(supervisord, API)
    eventually(lambda: answers(supervisord.port))


def test_a_killed_worker_comes_back(supervisord: Supervisord, valkey: TcpValkey) -> None:
    known = valkey.client.smembers("rq:workers")
    kill(supervisord, WORKERS[0])
    eventually(lambda: valkey.client.smembers("rq:workers") - known)


def test_a_busy_worker_stops_within_ten_seconds_and_hands_its_job_back(
    supervisord: Supervisord,
    bench: Workbench,
    database: Engine,
    valkey: TcpValkey,
    site: LookalikeServer,
) -> None:
    supervisord.ctl("stop", *WORKERS[1:])
    site.switches.latency = 2.0
    job_id = bench.submit("https://www.royalroad.com/fiction/7")
    dispatch(database, connect(valkey.url), job_timeout=60)
    eventually(lambda: bench.job(job_id).status == JobState.CRAWLING)
    eventually(lambda: site.count("/fiction/7"))
    started = time.monotonic()
    supervisord.ctl("stop", WORKERS[0])
    assert time.monotonic() - started < 10
    assert supervisord.state(WORKERS[0]) == "STOPPED"
    assert bench.job(job_id).status == JobState.QUEUED
    site.switches.latency = 0.0
    supervisord.ctl("start", WORKERS[1])
    eventually(lambda: bench.job(job_id).status == JobState.DONE)
