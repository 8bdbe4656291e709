"""`novel api` as people run it: a process of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from polling import eventually
from pooler import in_front_of
from redis import Redis

from novel_api.keys import create_key
from novel_core.cli.network import urls_of
from novel_core.db.engine import open_database, session

SERVING = re.compile(r"serving at (http://\S+?)[\s\"]")


@dataclass
class Running:
    process: subprocess.Popen[bytes]
    log: Path
    url: str

    def stop(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, float]:
        """The exit code, and the seconds it took."""
        started = time.monotonic()
        self.process.send_signal(number)
        return self.process.wait(20), time.monotonic() - started

    @property
    def said(self) -> str:
        return self.log.read_text()


@contextmanager
def run(
    log: Path, environment: dict[str, str], *arguments: str, files: int = 1024
) -> Iterator[Running]:
    """`files` is how many the process may have open."""
    limited = ["sh", "-c", f'ulimit -n {files} && exec "$@"', "sh"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*limited, sys.executable, "-m", "novel_api", "--port", "0", *arguments],
            stdout=output,
            stderr=output,
            env=environment,
        )
    running = Running(process, log, "")

    def answers() -> bool:
        assert process.poll() is None, running.said
        found = SERVING.search(running.said)
        if found is None:
            return False
        running.url = found[1]
        try:
            return httpx.get(f"{running.url}/health", verify=False).status_code == 200
        except httpx.HTTPError:
            return False

    try:
        eventually(answers)
        yield running
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(20)


Start = Callable[..., Running]


@pytest.fixture
def environment(database_url: str, valkey: str, redis: Redis) -> dict[str, str]:
    kept = {"PATH": os.environ["PATH"], "PYTHONWARNINGS": "error"}
    return kept | {"DATABASE_URL": database_url, "REDIS_URL": valkey}


@pytest.fixture
def start(environment: dict[str, str], tmp_path: Path) -> Iterator[Start]:
    with ExitStack() as stack:

        def started(*arguments: str, files: int = 1024, **more: str) -> Running:
            log = tmp_path / "api.log"
            return stack.enter_context(run(log, environment | more, *arguments, files=files))

        yield started


def refused(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "novel_api", *arguments]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


INGEST = {"url": "https://www.royalroad.com/fiction/7"}


def test_it_serves_and_ends_in_good_order(start: Start) -> None:
    api = start(NOVEL_LOG_FORMAT="json")
    assert httpx.post(f"{api.url}/ingest", json=INGEST).status_code == 202
    code, took = api.stop()
    assert code == 0
    assert took < 5
    lines = [json.loads(line) for line in api.said.splitlines()]
    submitted = [line for line in lines if line["message"] == "POST /ingest: job 1"]
    assert [line["job_id"] for line in submitted] == [1]
    assert any('"POST /ingest HTTP/1.1" 202' in line["message"] for line in lines)
    assert not any("color_message" in line for line in lines)
    assert "Traceback" not in api.said


def test_open_streams_do_not_keep_it(start: Start) -> None:
    api = start()
    httpx.post(f"{api.url}/ingest", json=INGEST)
    with httpx.stream("GET", f"{api.url}/jobs/1/events") as stream:
        lines = stream.iter_lines()
        assert next(lines).startswith("retry")
        code, took = api.stop(signal.SIGINT)
        # The stream is ended, not cut off.
        assert [line for line in lines if line.startswith("event: state")]
    assert code == 0
    assert took < 5
    assert "Traceback" not in api.said


def test_several_processes(start: Start) -> None:
    api = start("--workers", "2")
    for _ in range(5):
        assert httpx.get(f"{api.url}/jobs").status_code == 200
    httpx.post(f"{api.url}/ingest", json=INGEST)
    with httpx.stream("GET", f"{api.url}/jobs/1/events") as stream:
        assert next(stream.iter_lines())
        code, took = api.stop()
    assert code == 0
    assert took < 5
    assert len(set(re.findall(r"Started server process \[(\d+)\]", api.said))) == 2


def test_processes_end_with_the_one_that_started_them(start: Start) -> None:
    api = start("--workers", "2")
    api.process.kill()
    api.process.wait(20)

    def gone() -> bool:
        try:
            httpx.get(f"{api.url}/health", timeout=1)
        except httpx.HTTPError:
            return True
        return False

    eventually(gone)


def test_connections_that_say_nothing_do_not_take_it_down(start: Start) -> None:
    api = start(files=128)
    port = int(api.url.rpartition(":")[2])
    with ExitStack() as stack:
        for number in range(200):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", port), 20))
            client.sendall((b"", b"GET /he", b"POST /ingest HTTP/1.1\r\n\r\n")[number % 3])
        assert httpx.get(f"{api.url}/jobs").status_code == 200
    assert api.stop()[0] == 0
    assert "Too many open files" not in api.said


def test_a_taken_port(environment: dict[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ran = refused(environment, "--port", str(port))
    assert ran.returncode == 1
    assert f"cannot listen at 127.0.0.1 port {port}: Address already in use" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_without_keys_it_is_not_opened_to_others(environment: dict[str, str]) -> None:
    for host in ("0.0.0.0", "::"):
        ran = refused(environment, "--host", host, "--port", "0")
        assert ran.returncode == 2
        assert "novel keys create" in ran.stderr
        assert "Traceback" not in ran.stderr
    ran = refused(environment | {"NOVEL_API_HOSTS": "novels.example"}, "--port", "0")
    assert ran.returncode == 2
    assert "NOVEL_API_HOSTS opens it to others" in ran.stderr


def test_with_keys_it_is(start: Start, environment: dict[str, str]) -> None:
    database = open_database(environment["DATABASE_URL"])
    with session(database) as opened:
        made = create_key(opened, "reader", ["read"])
    database.dispose()
    assert made is not None
    api = start("--host", "0.0.0.0")
    url = api.url.replace("0.0.0.0", "127.0.0.1")
    assert httpx.get(f"{url}/jobs").status_code == 401
    key = {"X-API-Key": made[1]}
    assert httpx.get(f"{url}/jobs", headers=key).status_code == 200
    # Whatever address of this machine it is asked at: those of other interfaces are told at the start.
    port = int(url.rpartition(":")[2])
    for other in ["http://192.0.2.7:8000", *urls_of("0.0.0.0", port)]:
        host = other.removeprefix("http://")
        assert httpx.get(f"{url}/jobs", headers=key | {"Host": host}).status_code == 200
    for told in urls_of("0.0.0.0", port):
        assert f"reachable at {told}, for e-reader apps at {told}/opds" in api.said


def test_a_database_of_another_version(environment: dict[str, str]) -> None:
    database = open_database(environment["DATABASE_URL"])
    with session(database) as opened:
        opened.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    database.dispose()
    ran = refused(environment, "--port", "0")
    assert (ran.returncode, "Traceback" in ran.stderr) == (1, False)
    assert "novel db upgrade" in ran.stderr


def test_it_does_without_scrapy(environment: dict[str, str]) -> None:
    script = """
import asyncio, sys
from novel_api.app import create
app = create()
async def live():
    async with app.router.lifespan_context(app):
        await asyncio.sleep(0)
asyncio.run(live())
assert not {"scrapy", "twisted", "alembic"} & sys.modules.keys(), "too much is imported"
"""
    subprocess.run([sys.executable, "-c", script], env=environment, check=True, timeout=60)


def test_where_keys_are_demanded_it_does_not_start_without_one(
    start: Start, environment: dict[str, str]
) -> None:
    environment["NOVEL_API_REQUIRE_KEYS"] = "1"
    ran = refused(environment, "--port", "0")
    assert ran.returncode == 2
    assert "novel keys create" in ran.stderr
    database = open_database(environment["DATABASE_URL"])
    with session(database) as opened:
        create_key(opened, "first", ["read"])
    database.dispose()
    api = start()
    assert httpx.get(f"{api.url}/jobs").status_code == 401


def test_a_database_that_answers_no_more_is_told_and_does_not_keep_the_process(
    start: Start, environment: dict[str, str], database_url: str
) -> None:
    with in_front_of(database_url) as pooler:
        environment["DATABASE_URL"] = pooler.url
        api = start()
        assert httpx.get(f"{api.url}/health/ready").status_code == 200
        pooler.silence()
        with ThreadPoolExecutor(8) as pool:
            for _ in range(8):  # requests that wait for it
                pool.submit(httpx.get, f"{api.url}/jobs", timeout=60)
            told = ""

            def is_unready() -> bool:
                nonlocal told
                answer = httpx.get(f"{api.url}/health/ready", timeout=30)
                told = answer.text
                return answer.status_code == 503

            eventually(is_unready)
            assert "has not responded" in told
            assert api.stop()[0] == 0
