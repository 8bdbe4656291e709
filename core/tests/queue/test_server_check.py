"""Redis servers that lack something: what is missing is told, with what it costs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import Novel
from programs import free_port
from redis import Redis
from tcp_valkey import TcpValkey

from novel_core.errors import InvalidSetting, QueueError
from novel_core.queue.connection import check_writable, connect
from novel_core.queue.server_check import check_server

SECRET = "hunter2"


@pytest.fixture
def novel(
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Novel:
    command = Novel(monkeypatch, capsys)
    command.set("DATABASE_URL", database_url)
    command.set("NOVEL_DATA_DIR", str(tmp_path / "data"))
    return command


@pytest.fixture
def admin(redis_url: str) -> Iterator[Redis]:
    with Redis.from_url(redis_url) as redis:
        yield redis
        redis.acl_deluser("clerk")
        redis.config_set("maxmemory", 0)
        redis.replicaof("NO", "ONE")


def as_clerk(redis_url: str, admin: Redis, *rules: str) -> str:
    admin.execute_command("ACL", "SETUSER", "clerk", "reset", "on", f">{SECRET}", *rules)
    return redis_url.replace("unix://", f"unix://clerk:{SECRET}@")


@pytest.mark.parametrize(
    ("rules", "words", "code"),
    [
        (("~*", "&*", "+@all", "-info"), "may not run INFO", 0),
        (("~rq:*", "&*", "+@all"), "each worker requests more slowly instead", 0),
        (("~*", "&*", "+@all", "-@scripting"), "each worker requests more slowly instead", 0),
        (("~novel:*", "&*", "+@all"), "no job can be queued", 1),
    ],
)
def test_a_user_with_fewer_rights(
    novel: Novel, redis_url: str, admin: Redis, rules: tuple[str, ...], words: str, code: int
) -> None:
    novel.set("REDIS_URL", as_clerk(redis_url, admin, *rules))
    ran = novel("doctor")
    assert words in ran.out
    assert "ACL SETUSER" in ran.out
    assert SECRET not in ran.out + ran.err
    assert ran.code == code


def test_a_wrong_password_is_not_printed(novel: Novel, redis_url: str, admin: Redis) -> None:
    novel.set("REDIS_URL", as_clerk(redis_url, admin, "+@all").replace(SECRET, "wrong-secret"))
    ran = novel("doctor")
    assert ran.code == 1
    assert "BAD redis" in ran.out
    assert "wrong-secret" not in ran.out + ran.err


def test_a_full_server(redis_url: str, admin: Redis) -> None:
    admin.config_set("maxmemory-policy", "noeviction")
    admin.config_set("maxmemory", 1)
    with connect(redis_url) as redis:
        assert redis.ping()
        with pytest.raises(QueueError, match="refuses") as caught:
            check_writable(redis)
        _, lacks = check_server(redis)
    assert "full" in caught.value.hint
    assert [lack.stops for lack in lacks] == [True]


def test_a_replica(redis_url: str, admin: Redis) -> None:
    admin.replicaof("127.0.0.1", str(free_port()))
    with connect(redis_url) as redis:
        _, lacks = check_server(redis)
    assert "primary" in lacks[0].hint


def test_a_cluster(novel: Novel, tmp_path: Path) -> None:
    with TcpValkey(tmp_path, cluster_enabled="yes", cluster_port=str(free_port())) as cluster:
        novel.set("REDIS_URL", cluster.url)
        ran = novel("doctor")
    assert ran.code == 1
    assert "Redis Cluster" in ran.out
    assert "single Redis" in ran.out


def test_a_server_that_lacks_nothing(redis_url: str) -> None:
    with connect(redis_url) as redis:
        version, lacks = check_server(redis)
        assert redis.keys("novel:pace*") in ([], [b"novel:pace:{doctor}"])
    assert version
    assert lacks == []


def test_a_parameter_that_does_not_exist_is_told_at_once() -> None:
    with pytest.raises(InvalidSetting, match="colour"):
        connect(f"redis://:{SECRET}@127.0.0.1:6379/0?colour=red")
