"""`novel services start`, `status` and `stop`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from novel_core.cli.services import services
from novel_core.errors import ServiceError
from novel_core.services import attach

if TYPE_CHECKING:
    from pathlib import Path


def _run(*arguments: str) -> str:
    result = CliRunner().invoke(services, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


@pytest.fixture(autouse=True)
def _here(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOVEL_DATA_DIR", str(data_dir))


def test_start_status_stop_in_words(data_dir: Path) -> None:
    assert _run("status").splitlines()[0] == "state      not running"
    assert _run("stop") == "The servers were not running.\n"
    shown = _run("start")
    assert shown.startswith("state      running until `novel services stop`, unused (guard: ")
    assert "PostgreSQL 18." in shown
    assert "Valkey 9." in shown
    assert "postgresql+psycopg2://novel@/novel?host=" in shown
    assert f"logs       {data_dir}/logs" in shown
    assert _run("stop") == "Stopped.\n"
    assert "postgres   not running, " in _run("status")


def test_the_same_in_json(data_dir: Path) -> None:
    started = json.loads(_run("start", "--json"))
    assert (started["running"], started["pinned"], started["clients"]) == (True, True, [])
    assert {server["name"] for server in started["servers"]} == {"postgres", "valkey"}
    with attach(data_dir), pytest.raises(ServiceError, match="in use by process"):
        _run("stop", "--json")
    with attach(data_dir):
        assert json.loads(_run("stop", "--force", "--json")) == {"stopped": True}
    assert json.loads(_run("status", "--json"))["running"] is False
