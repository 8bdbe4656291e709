"""Killed at any point and run again: the command line, real processes, `kill -9`."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import Novel
from polling import eventually
from sqlalchemy import Engine, text

from novel_royalroad_lookalike import Fiction, LookalikeServer

URL = "https://www.royalroad.com/fiction/7"
CONCURRENCY = 4
CHAPTERS = 40

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def fiction() -> Fiction:
    return Fiction.generate(7, chapters=CHAPTERS)


@pytest.fixture
def start(site: LookalikeServer, database_url: str) -> Start:
    """Start `novel …` as a process of its own."""
    environment = {name: value for name, value in os.environ.items() if name != "REDIS_URL"} | {
        "DATABASE_URL": database_url,
        "NOVEL_HOST_MAP": site.host_map,
        "NOVEL_SOURCES__ROYALROAD__REQUESTS_PER_SECOND": "0",
        "NOVEL_SOURCES__ROYALROAD__CONCURRENCY": str(CONCURRENCY),
        "NOVEL_RETRY_BACKOFF": "0.01",
    }
    script = Path(sys.executable).with_name("novel")

    def run(*arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [script, *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return run


def finish(process: subprocess.Popen[str]) -> tuple[int, dict[str, object]]:
    out, err = process.communicate(timeout=60)
    assert out, err
    return process.returncode, json.loads(out)


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate(timeout=10)


def count(database: Engine, statement: str) -> int:
    with database.connect() as connection:
        return int(connection.execute(text(statement)).scalar_one())


def held_at(database: Engine, state: str) -> None:
    """Make the job's process wait as soon as it enters `state`, so that it can be killed there."""
    with database.begin() as connection:
        connection.execute(
            text(
                "CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"IF NEW.status = '{state}' THEN PERFORM pg_advisory_xact_lock(42); END IF; "
                "RETURN NEW; END $$"
            )
        )
        connection.execute(
            text("CREATE TRIGGER hold AFTER UPDATE ON jobs FOR EACH ROW EXECUTE FUNCTION hold()")
        )


@pytest.mark.parametrize("pages", [0, 1, 10, 39])
def test_killed_while_crawling(
    start: Start, novel: Novel, site: LookalikeServer, database: Engine, pages: int
) -> None:
    site.switches.latency = 0.02
    process = start("ingest", URL)
    eventually(lambda: len([path for path in site.paths() if "/chapter/" in path]) >= pages)
    kill(process)
    site.switches.latency = 0.0
    ran = novel("ingest", URL, "--json")
    assert (ran.code, ran.json["status"]) == (0, "done")
    assert ran.json["chapters"]["new"] == CHAPTERS
    asked = Counter(path for path in site.paths() if "/chapter/" in path)
    assert len(asked) == CHAPTERS
    assert sum(times - 1 for times in asked.values()) <= CONCURRENCY
    assert count(database, "SELECT count(*) FROM chapter_texts") == CHAPTERS


@pytest.mark.parametrize("state", ["parsing", "saving", "done"])
def test_killed_in_a_later_stage_asks_for_nothing_again(
    start: Start, novel: Novel, site: LookalikeServer, database: Engine, state: str
) -> None:
    held_at(database, state)
    with database.connect() as guard:
        guard.execute(text("SELECT pg_advisory_lock(42)"))
        process = start("ingest", URL)
        eventually(lambda: count(database, "SELECT count(*) FROM pg_locks WHERE NOT granted") > 0)
        kill(process)
        guard.execute(text("SELECT pg_advisory_unlock(42)"))
    with database.begin() as connection:
        connection.execute(text("DROP TRIGGER hold ON jobs"))
    before = len(site.requests)
    assert count(database, "SELECT count(*) FROM novels") == 0  # nothing half saved
    ran = novel("ingest", URL, "--json")
    assert (ran.code, ran.json["status"]) == (0, "done")
    assert len(site.requests) == before
    assert count(database, "SELECT count(*) FROM chapter_texts") == CHAPTERS


def test_ctrl_c_hands_the_job_back_and_the_same_command_goes_on(
    start: Start, novel: Novel, site: LookalikeServer, database: Engine
) -> None:
    site.switches.latency = 0.05
    process = start("ingest", URL)
    eventually(lambda: len(site.paths()) > 8)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "Run the same command again" in err
    assert count(database, "SELECT count(*) FROM jobs WHERE status = 'queued'") == 1
    assert count(database, "SELECT failures FROM jobs") == 0
    site.switches.latency = 0.0
    ran = novel("ingest", URL)
    assert ran.code == 0
    # All requests of the job, of which some are of the first command.
    assert re.search(r"; [0-9]+ requests \([0-9]+ by earlier commands\), ", ran.out)
    asked = Counter(path for path in site.paths() if "/chapter/" in path)
    assert sum(times - 1 for times in asked.values()) <= CONCURRENCY


def test_a_second_command_follows_the_first_and_takes_over_when_it_dies(
    start: Start, site: LookalikeServer, database: Engine
) -> None:
    site.switches.latency = 0.05
    first = start("ingest", URL)
    eventually(lambda: len(site.paths()) > 4)
    second = start("ingest", URL, "--json")
    eventually(lambda: len(site.paths()) > 12)
    kill(first)
    code, result = finish(second)
    assert (code, result["status"], result["job_id"]) == (0, "done", 1)
    assert count(database, "SELECT count(*) FROM jobs") == 1
    assert count(database, "SELECT count(*) FROM chapter_texts") == CHAPTERS


def test_plugins_hear_of_a_save_whose_process_died_before_telling(
    novel: Novel, database: Engine
) -> None:
    assert novel("ingest", URL).code == 0
    with database.begin() as connection:
        connection.execute(text("UPDATE jobs SET announced_at = NULL"))
    assert novel("ingest", URL).code == 0
    assert count(database, "SELECT count(*) FROM jobs WHERE announced_at IS NULL") == 0
