"""rq-dashboard, as the documents start it, shows the queue."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path

from polling import eventually
from programs import PROGRAMS, Program, answers, free_port
from sqlalchemy import Engine
from tcp_valkey import TcpValkey
from workbench import Workbench

from novel_core.queue.connection import connect
from novel_core.queue.dispatch import dispatch


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        assert answer.status == 200
        return str(answer.read().decode())


def test_the_dashboard_shows_the_queue(
    bench: Workbench, database: Engine, valkey: TcpValkey, tmp_path: Path
) -> None:
    bench.submit("https://www.royalroad.com/fiction/7")
    dispatch(database, connect(valkey.url), job_timeout=60)
    port = free_port()
    place = ["--bind", "127.0.0.1", "--port", str(port)]
    command = [PROGRAMS / "rq-dashboard", *place, "--redis-url", valkey.url]
    with Program(command, {}, tmp_path):
        eventually(lambda: answers(port))
        assert "rq" in get(f"http://127.0.0.1:{port}/").lower()
        queues = json.loads(get(f"http://127.0.0.1:{port}/0/data/queues.json"))["queues"]
    assert [(queue["name"], queue["count"]) for queue in queues] == [("ingestion", 1)]
