"""RQ's own worker and RQ's own words about the queue, over the look-alike."""

from __future__ import annotations

import signal
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from polling import eventually
from programs import PROGRAMS, Program, ask
from rq.registry import FailedJobRegistry
from sqlalchemy import Engine, text
from tcp_valkey import TcpValkey
from workbench import Workbench

from novel_core.queue.connection import connect
from novel_core.queue.dispatch import dispatch
from novel_core.queue.names import QUEUE
from novel_core.states import JobState

NOVEL = "https://www.royalroad.com/fiction/7"
NOTHING = "https://www.royalroad.com/fiction/404"
CONFIG = {"RQ_CONFIG": "novel_worker.rq_config"}


@pytest.fixture
def queued(bench: Workbench, database: Engine, valkey: TcpValkey) -> int:
    job_id = bench.submit(NOVEL)
    assert dispatch(database, connect(valkey.url), job_timeout=60) == 1
    return job_id


def waiting(valkey: TcpValkey) -> int:
    """What `redis-cli LLEN rq:queue:ingestion` prints."""
    return int(valkey.client.llen(f"rq:queue:{QUEUE}"))


def info(valkey: TcpValkey, *options: str) -> str:
    return ask(["rq", "info", "--url", valkey.url, "--raw", *options])


def burst(service: Mapping[str, str], *options: str) -> str:
    return ask(["rq", "worker", QUEUE, "--burst", *options], service)


@pytest.mark.parametrize("warmed_up", [False, True])
def test_a_stock_worker_ingests(
    bench: Workbench,
    valkey: TcpValkey,
    service: dict[str, str],
    queued: int,
    *,
    warmed_up: bool,
) -> None:
    """Warmed up, it finds the address in REDIS_URL as well."""
    assert waiting(valkey) == 1
    assert f"queue {QUEUE} 1" in info(valkey)
    if warmed_up:
        burst(service | CONFIG)
    else:
        burst(service, "--url", valkey.url)
    assert bench.job(queued).status == JobState.DONE
    assert len(bench.chapters(NOVEL)) == 8
    assert waiting(valkey) == 0
    assert f"queue {QUEUE} 0" in info(valkey)


def test_rq_info_names_the_workers(
    valkey: TcpValkey, service: dict[str, str], tmp_path: Path
) -> None:
    assert "worker " not in info(valkey, "-W")
    command = [PROGRAMS / "rq", "worker", QUEUE, "--name", "stocky", "--url", valkey.url]
    with Program(command, service | CONFIG, tmp_path) as worker:
        eventually(lambda: valkey.client.hget("rq:worker:stocky", "state") == b"idle")
        said = info(valkey, "-W")
        assert "worker stocky" in said
        assert " idle ingestion. jobs: 0 finished, 0 failed" in said
        assert worker.end(signal.SIGTERM) == 0
    assert "stocky" not in info(valkey, "-W")


def test_a_final_error_is_in_the_registry_of_failed_jobs(
    bench: Workbench, database: Engine, valkey: TcpValkey, service: dict[str, str]
) -> None:
    job_id = bench.submit(NOTHING)
    dispatch(database, connect(valkey.url), job_timeout=60)
    burst(service, "--url", valkey.url)
    assert bench.job(job_id).status == JobState.ERROR
    failed = FailedJobRegistry(QUEUE, connection=valkey.client)
    assert failed.key == "rq:failed:ingestion"
    assert failed.get_job_ids() == [f"{job_id}-1"]
    assert valkey.client.zcard("rq:failed:ingestion") == 1
    assert not valkey.client.exists("rq:queue:failed")


@pytest.mark.parametrize("rehearsed", [False, True])
def test_a_warm_process_hands_no_connection_to_its_children(
    database: Engine, service: dict[str, str], *, rehearsed: bool
) -> None:
    """Two processes that share a connection read each other's answers."""
    program = (
        "import sys\n"
        "from novel_core.runtime import open_runtime\n"
        "from novel_worker.warm import warm_up\n"
        "with open_runtime(queue=True) as runtime:\n"
        f"    warm_up(runtime, rehearsed={rehearsed})\n"
        "    print(runtime.database.pool.checkedin(), runtime.database.pool.checkedout(),\n"
        "          'novel_core.ingest.saving' in sys.modules)\n"
    )
    assert ask([sys.executable, "-c", program], service).split() == ["0", "0", "True"]
    with database.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM jobs")) == 0
