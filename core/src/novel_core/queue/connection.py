"""Reaching Redis: never waiting long for it, since no request depends on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError
from redis.retry import Retry

from novel_core.errors import InvalidSetting, QueueError
from novel_core.queue.names import QUEUE
from novel_core.settings.server_urls import checked_redis_url

#: Seconds; with the client's own defaults a server that hangs costs a minute.
PATIENCE = 0.5
#: Among RQ's keys, since those are the ones that a job needs.
_PROBE = "rq:novel:probe"
_HINTS = {
    "maxmemory": "Redis is full: raise its maxmemory, with maxmemory-policy noeviction. Queued jobs are safe in the database.",
    "read only": "Name the primary server in REDIS_URL, not a replica of it.",
}


def connect(url: str, *, patience: float = PATIENCE) -> Redis:
    """A client for `redis://`, `rediss://` or `unix://`; connects on first use, and tries once."""
    try:
        redis = Redis.from_url(
            checked_redis_url(url),
            socket_timeout=patience,
            socket_connect_timeout=patience,
            retry=Retry(NoBackoff(), 0),
        )
        # A parameter that does not exist is told now, not by the first command.
        redis.connection_pool.make_connection()
    except (ValueError, TypeError) as error:
        raise InvalidSetting(f"REDIS_URL: a parameter after the ? is wrong: {error}.") from error
    return redis


@contextmanager
def translated_errors() -> Iterator[None]:
    """Redis' failures as QueueError: what it refuses is told apart from what does not reach it."""
    try:
        yield
    except ResponseError as error:
        hint = next((hint for words, hint in _HINTS.items() if words in str(error)), None)
        raise QueueError(f"The queue's server refuses: {error}", hint=hint) from error
    except (RedisError, OSError) as error:
        reason = str(error) or type(error).__name__
        raise QueueError(f"The queue cannot be reached: {reason}") from error


def check_writable(redis: Redis) -> None:
    """QueueError where nothing can be queued: a server that is full answers a PING all the same."""
    with translated_errors():
        redis.set(_PROBE, "1", px=1000)


def count_workers(url: str) -> int:
    """How many workers have said that they wait for jobs or run one; 0 where Redis cannot be reached."""
    with connect(url) as redis:
        try:
            return int(redis.scard(f"rq:workers:{QUEUE}"))
        except (RedisError, OSError):
            return 0
