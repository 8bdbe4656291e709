"""What a Redis server lacks for us, and what each lack costs."""

from __future__ import annotations

from dataclasses import dataclass

from redis import Redis
from redis.exceptions import NoPermissionError, RedisError, ResponseError

from novel_core.errors import QueueError
from novel_core.queue.connection import check_writable, translated_errors

#: A key beside those that the pace of the sites is kept in.
_PACE = "novel:pace:{doctor}"
_TOUCH = "return redis.call('SET', KEYS[1], '1', 'PX', 1000)"
_CLUSTER_WORDS = ("MOVED", "CROSSSLOT", "CLUSTERDOWN")


@dataclass(frozen=True, slots=True)
class Lack:
    """Something the server does not give. `stops` says that no job is run without it."""

    message: str
    hint: str
    stops: bool


def examine(redis: Redis) -> tuple[str | None, list[Lack]]:
    """The server's version, where it tells, and what is missing; QueueError when it cannot be reached at all."""
    with translated_errors():
        redis.ping()
    version, lacks = _told(redis)
    for further in (_queue, _pace):
        if not any(lack.stops for lack in lacks):
            lacks += further(redis)
    return version, lacks


def _told(redis: Redis) -> tuple[str | None, list[Lack]]:
    try:
        with translated_errors():
            server, cluster = redis.info("server"), redis.info("cluster")
    except QueueError as error:
        if not isinstance(error.__cause__, ResponseError):
            raise
        message = "its user may not run INFO: the version is unknown, and RQ takes the server for an old one"
        return None, [Lack(message, "Allow it: ACL SETUSER … +info", stops=False)]
    lacks = [_is_a_cluster()] if cluster.get("cluster_enabled") else []
    return str(server["redis_version"]), lacks


def _queue(redis: Redis) -> list[Lack]:
    try:
        check_writable(redis)
    except QueueError as error:
        cause = error.__cause__
        if isinstance(cause, NoPermissionError):
            message = "its user may not use the keys rq:*: no job can be queued or run"
            return [
                Lack(
                    message,
                    "Allow them: ACL SETUSER … ~rq:* ~novel:* &rq:* +@all -@dangerous +info",
                    stops=True,
                )
            ]
        if str(cause).startswith(_CLUSTER_WORDS):
            return [_is_a_cluster()]
        return [Lack(f"{error.message} Jobs wait in the database.", error.hint, stops=True)]
    return []


def _pace(redis: Redis) -> list[Lack]:
    try:
        redis.eval(_TOUCH, 1, _PACE)
    except (RedisError, OSError):
        message = (
            "its user may not use the keys novel:* by scripts: the pace of a site is not shared,"
            " each worker keeps to a slower one of its own"
        )
        return [Lack(message, "Allow it: ACL SETUSER … ~novel:* +@scripting", stops=False)]
    return []


def _is_a_cluster() -> Lack:
    return Lack(
        "it is a Redis Cluster, which RQ does not work with: jobs wait for ever",
        "Use a single Redis or Valkey server; the queue is small.",
        stops=True,
    )
