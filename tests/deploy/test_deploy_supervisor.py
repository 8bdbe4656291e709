"""supervisord really runs what deploy/supervisor says."""

from __future__ import annotations

import configparser
import io
import socket
import sys
import xmlrpc.client
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from polling import eventually
from programs import PROGRAMS, Program, answers, free_port, runs
from sqlalchemy import Engine
from supervisor.xmlrpc import SupervisorTransport
from tcp_valkey import TcpValkey
from workbench import Workbench

from novel_core.queue.connection import connect
from novel_core.queue.dispatch import dispatch
from novel_core.states import JobState
from novel_royalroad_lookalike import LookalikeServer

WORKERS = [f"novel:novel-worker-{number}" for number in range(2)]
SLOTS = 32
API = "novel:novel-api"
NOVEL = "https://www.royalroad.com/fiction/7"


class Supervisord:
    """The running daemon, asked as its own client does."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._transport = SupervisorTransport(None, None, serverurl=f"unix://{socket_of(port)}")
        proxy: Any = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=self._transport)
        self.calls = proxy.supervisor

    def close(self) -> None:
        self._transport.close()

    def state(self, name: str) -> str:
        return str(self.calls.getProcessInfo(name)["statename"])

    def pid(self, name: str) -> int:
        return int(self.calls.getProcessInfo(name)["pid"])

    def kill(self, name: str) -> None:
        """It must come back by itself."""
        before = self.pid(name)
        psutil.Process(before).kill()
        eventually(lambda: self.pid(name) not in {0, before})
        eventually(lambda: self.state(name) == "RUNNING")


def socket_of(port: int) -> str:
    return f"/tmp/novel-supervisor-{port}.sock"


def listens(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        return connection.connect_ex(path) == 0


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
    address = socket_of(port)
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
            "unix_http_server": {"file": address},
            "supervisorctl": {"serverurl": f"unix://{address}"},
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
        eventually(lambda: listens(socket_of(port)))
        running = Supervisord(port)
        eventually(lambda: all(running.state(name) == "RUNNING" for name in (API, *WORKERS)), 60)
        eventually(lambda: valkey.client.scard("rq:workers") == len(WORKERS) * SLOTS, 60)
        yield running
        running.close()
        below = daemon.family()
        assert daemon.end() == 0
    eventually(lambda: not any(runs(process.pid) for process in below))


def test_what_is_killed_comes_back_and_what_is_stopped_hands_its_job_back(
    supervisord: Supervisord,
    bench: Workbench,
    database: Engine,
    valkey: TcpValkey,
    site: LookalikeServer,
    tmp_path: Path,
) -> None:
    known = valkey.client.smembers("rq:workers")
    supervisord.kill(API)
    supervisord.kill(WORKERS[0])
    eventually(lambda: answers(supervisord.port))
    eventually(lambda: valkey.client.smembers("rq:workers") - known)

    for name in WORKERS[1:]:
        supervisord.calls.stopProcess(name)
    site.switches.latency = 2.0
    job_id = bench.submit(NOVEL)
    dispatch(database, connect(valkey.url), job_timeout=60)
    eventually(lambda: bench.job(job_id).status == JobState.CRAWLING)
    eventually(lambda: site.count("/fiction/7"))
    supervisord.calls.stopProcess(WORKERS[0])
    assert supervisord.state(WORKERS[0]) == "STOPPED"
    # In its own time, which is ten seconds: nobody had to be killed.
    said = (tmp_path / "novel-worker-0.log").read_text(encoding="utf-8")
    assert "Stopping." in said
    assert "killing" not in said
    assert bench.job(job_id).status == JobState.QUEUED

    site.switches.latency = 0.0
    supervisord.calls.startProcess(WORKERS[1])
    eventually(lambda: bench.job(job_id).status == JobState.DONE)


def test_a_wrong_setting_is_not_restarted(
    project_root: Path, tmp_path: Path, service: dict[str, str]
) -> None:
    port = free_port()
    config = tmp_path / "supervisord.conf"
    config.write_text(derived(project_root, tmp_path, port), encoding="utf-8")
    command = [sys.executable, "-m", "supervisor.supervisord", "-c", config]
    log = tmp_path / "supervisord.log"
    with Program(command, service | {"NOVEL_HTTP_TIMEOUT": "soon"}, tmp_path) as daemon:
        eventually(lambda: listens(socket_of(port)))
        for name in ("novel-api", "novel-worker-0", "novel-worker-1"):
            expected = f"exited: {name} (exit status 2; expected)"
            eventually(lambda: expected in log.read_text(encoding="utf-8"), 60)  # noqa: B023 - called at once
        assert daemon.end() == 0
    assert log.read_text(encoding="utf-8").count("spawned: ") == len((API, *WORKERS))
    assert "NOVEL_HTTP_TIMEOUT" in (tmp_path / "novel-api.log").read_text(encoding="utf-8")
