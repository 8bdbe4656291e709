"""Who keeps the servers running, and what ends them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import psycopg2
import pytest
import redis
from sqlalchemy import create_engine, text

from novel_core import services
from novel_core.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Pids = dict[str, int]


def test_both_urls_work_with_the_usual_libraries(data_dir: Path) -> None:
    with services.attach(data_dir, durable=False) as attachment:
        found = attachment.services
        assert found.database_url
        assert found.redis_url
        engine = create_engine(found.database_url)
        with engine.connect() as connection:
            # Beyond ASCII, in the order of code points, in UTF-8.
            row = connection.execute(
                text(
                    "SELECT 'ЖÄÖ' ILIKE 'жäö', upper('ß§é'), 'Z' < 'a', current_database(),"
                    " current_setting('server_encoding')"
                )
            ).one()
        engine.dispose()
        with redis.Redis.from_url(found.redis_url) as queue:
            answer = queue.ping()
    assert (tuple(row), answer) == ((True, "ß§É", True, "novel", "UTF8"), True)


def test_one_server_alone(data_dir: Path, pids: Callable[[], Pids]) -> None:
    with services.attach(data_dir, durable=False, postgres=False) as attachment:
        found = attachment.services
        first = sorted(pids())
        with services.attach(data_dir, durable=False, valkey=False) as other:
            both = (sorted(pids()), other.services.redis_url)
    assert (found.database_url, first) == (None, ["guard", "valkey"])
    assert both == (["guard", "postgres", "valkey"], None)


def test_a_restart_keeps_the_data(data_dir: Path) -> None:
    answers = []
    for _ in range(2):
        with services.attach(data_dir) as attachment:
            with _connect(attachment.services) as cursor:
                cursor.execute("CREATE TABLE IF NOT EXISTS seen (word text)")
                cursor.execute("INSERT INTO seen VALUES ('kept')")
                cursor.execute("SELECT count(*) FROM seen")
                rows = cursor.fetchone()
            with redis.Redis.from_url(str(attachment.services.redis_url)) as queue:
                answers.append((rows, queue.incr("seen")))
        services.stop(data_dir)
    assert answers == [((1,), 1), ((2,), 2)]


def test_servers_outlive_the_first_client_and_end_with_the_last(
    client: Callable[..., Any], pids: Callable[[], Pids], gone: Callable[[Pids], None]
) -> None:
    first = client()
    first.says()
    begun = pids()
    second = client()
    second.says()
    first.leave()
    assert pids() == begun
    second.leave()
    gone(begun)


@pytest.mark.parametrize(
    ("ending", "postgres"),
    [("raise RuntimeError", False), ("os._exit(3)", False), ("os.kill(os.getpid(), 9)", True)],
)
def test_nothing_runs_on_however_the_client_ends(
    ending: str,
    postgres: bool,
    client: Callable[..., Any],
    pids: Callable[[], Pids],
    gone: Callable[[Pids], None],
) -> None:
    one = client(
        f"sys.stderr = open(os.devnull, 'w'); sys.stdin.read(); {ending}", postgres=postgres
    )
    one.says()
    begun = pids()
    assert one.leave() != 0
    gone(begun)


@pytest.mark.parametrize(
    "fork",
    [
        # A work-horse; a fork behind Python's back; a program started with every descriptor open.
        "os.fork()",
        "ctypes.PyDLL(None).fork()",
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], close_fds=False).pid",
    ],
    ids=["fork", "fork unseen by Python", "exec"],
)
def test_a_child_that_lives_on_does_not_keep_the_servers(
    fork: str,
    client: Callable[..., Any],
    pids: Callable[[], Pids],
    gone: Callable[[Pids], None],
    kill: Callable[[int], None],
) -> None:
    one = client(
        f"""
child = {fork}
if child:
    print(child, flush=True)
sys.stdout.close()
time.sleep(600)
""",
        postgres=False,
    )
    one.says()
    child = one.says()
    begun = pids()
    one.kill()
    gone(begun)
    os.kill(child, 0)  # it does live on
    kill(child)


def test_closing_in_a_forked_child_does_not_end_the_parents_attachment(
    client: Callable[..., Any], pids: Callable[[], Pids], gone: Callable[[Pids], None]
) -> None:
    one = client(
        """
if not (child := os.fork()):
    attachment.close()
    os._exit(0)
os.waitpid(child, 0)
print(1, flush=True)
sys.stdin.read()
""",
        postgres=False,
    )
    one.says()
    begun = pids()
    one.says()
    assert pids() == begun
    one.leave()
    gone(begun)


def test_many_first_clients_at_once_share_one_guard(client: Callable[..., Any]) -> None:
    several = [client() for _ in range(4)]
    assert len({one.says()["guard"] for one in several}) == 1


def test_pinned_servers_run_until_stopped(
    data_dir: Path, pids: Callable[[], Pids], gone: Callable[[Pids], None]
) -> None:
    found = services.start(data_dir)
    begun = pids()
    with services.attach(data_dir) as attachment:
        assert attachment.services == found
    assert (found.pinned, pids()) == (True, begun)
    assert services.stop(data_dir) is True
    gone(begun)
    assert services.stop(data_dir) is False


def test_stop_is_refused_while_in_use_and_says_by_whom(
    data_dir: Path,
    client: Callable[..., Any],
    pids: Callable[[], Pids],
    gone: Callable[[Pids], None],
) -> None:
    one = client()
    one.says()
    begun = pids()
    with pytest.raises(ServiceError) as refusal:
        services.stop(data_dir)
    assert refusal.value.message == f"The servers are in use by process {one.pid}."
    assert "--force" in refusal.value.hint
    assert pids() == begun
    assert services.stop(data_dir, force=True) is True
    gone(begun)


def test_a_second_guard_is_refused_in_words(data_dir: Path, client: Callable[..., Any]) -> None:
    guard = client(postgres=False).says()["guard"]
    second = subprocess.run(
        [sys.executable, "-m", "novel_core.services.guard", str(data_dir)],
        capture_output=True,
        text=True,
        check=False,
    )
    said = f"{data_dir} already has its servers, under the guard {guard}.\n"
    assert (second.returncode, second.stderr) == (1, said)


def test_durable_data_is_refused_to_throw_away_servers(data_dir: Path) -> None:
    with (
        services.attach(data_dir, durable=False, postgres=False),
        pytest.raises(ServiceError, match="throw-away"),
    ):
        services.attach(data_dir)


def test_a_guard_told_to_terminate_ends_its_servers(
    client: Callable[..., Any], pids: Callable[[], Pids], gone: Callable[[Pids], None]
) -> None:
    client().says()
    begun = pids()
    os.kill(begun["guard"], signal.SIGTERM)
    gone(begun)


def test_a_long_path_is_reached_by_a_short_link(tmp_path: Path) -> None:
    place = tmp_path / ("long" * 30) / "with, comma and ünïcode %41?"
    with services.attach(place, durable=False) as attachment:
        found = attachment.services
        with _connect(found) as cursor:
            cursor.execute("SELECT 1")
            row = cursor.fetchone()
        with redis.Redis.from_url(str(found.redis_url)) as queue:
            answer = queue.ping()
    services.stop(place)
    assert (row, answer) == ((1,), True)


class _connect:  # noqa: N801 - reads as a function
    def __init__(self, found: services.Services) -> None:
        self._connection = psycopg2.connect(str(found.database_url).replace("+psycopg2", ""))

    def __enter__(self) -> Any:
        return self._connection.cursor()

    def __exit__(self, *_error: object) -> None:
        self._connection.commit()
        self._connection.close()
