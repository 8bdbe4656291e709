"""Checking whether a Redis server has what the queue needs."""

from __future__ import annotations

from dataclasses import dataclass

from redis import Redis
from redis.exceptions import NoPermissionError, RedisError, ResponseError

from novel_core.errors import QueueError
from novel_core.queue.connection import check_writable, translated_errors

#: A key like those of the sites' request rates.
_PACE = "novel:pace:{doctor}"
_TOUCH = "return redis.call('SET', KEYS[1], '1', 'PX', 1000)"
_CLUSTER_WORDS = ("MOVED", "CROSSSLOT", "CLUSTERDOWN")


@dataclass(frozen=True, slots=True)
class ServerProblem:
    """Something that the server does not have or allow. With `stops` no job can run."""

    message: str
    hint: str
    stops: bool


_CLUSTER = ServerProblem(
    "it is a Redis Cluster, which RQ does not support: no job can run",
    "Use a single Redis or Valkey server; the queue is small.",
    stops=True,
)


def check_server(redis: Redis) -> tuple[str | None, list[ServerProblem]]:
    """Return the server's name and version, None where it is secret, and the problems found.

    Raise QueueError where the server cannot be reached.
    """
    with translated_errors():
        redis.ping()
    version, problems = _info(redis)
    for further in (_queue, _pace):
        if not any(one.stops for one in problems):
            problems += further(redis)
    return version, problems


def _info(redis: Redis) -> tuple[str | None, list[ServerProblem]]:
    try:
        with translated_errors():
            server, cluster = redis.info("server"), redis.info("cluster")
    except QueueError as error:
        if not isinstance(error.__cause__, ResponseError):
            raise
        message = "its user may not run INFO: the version is unknown, and RQ assumes an old server"
        return None, [ServerProblem(message, "Allow it: ACL SETUSER … +info", stops=False)]
    problems = [_CLUSTER] if cluster.get("cluster_enabled") else []
    compatible = server["redis_version"]
    if "valkey_version" in server:
        return f"Valkey {server['valkey_version']} (Redis {compatible} compatible)", problems
    return f"Redis {compatible}", problems


def _queue(redis: Redis) -> list[ServerProblem]:
    try:
        check_writable(redis)
    except QueueError as error:
        cause = error.__cause__
        if isinstance(cause, NoPermissionError):
            message = "its user may not use the keys rq:*: no job can be queued or run"
            hint = "Allow them: ACL SETUSER … ~rq:* ~novel:* &rq:* +@all -@dangerous +info"
            return [ServerProblem(message, hint, stops=True)]
        if str(cause).startswith(_CLUSTER_WORDS):
            return [_CLUSTER]
        message = f"{error.message} Jobs wait in the database."
        return [ServerProblem(message, error.hint, stops=True)]
    return []


def _pace(redis: Redis) -> list[ServerProblem]:
    try:
        redis.eval(_TOUCH, 1, _PACE)
    except (RedisError, OSError):
        message = (
            "its user may not use the keys novel:* by scripts: the rate of a site is not shared,"
            " each worker requests more slowly instead"
        )
        return [ServerProblem(message, "Allow it: ACL SETUSER … ~novel:* +@scripting", stops=False)]
    return []
