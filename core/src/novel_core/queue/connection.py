"""Reaching Redis: never waiting long for it, since no request depends on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from novel_core.errors import InvalidSetting, QueueError
from novel_core.queue.names import QUEUE

#: Seconds; with the client's own defaults a server that hangs costs a minute.
PATIENCE = 0.5


def connect(url: str, *, patience: float = PATIENCE) -> Redis:
    """A client for `redis://`, `rediss://` or `unix://`; connects on first use, and tries once."""
    try:
        return Redis.from_url(
            url,
            socket_timeout=patience,
            socket_connect_timeout=patience,
            retry=Retry(NoBackoff(), 0),
        )
    except ValueError as error:
        raise InvalidSetting(f"REDIS_URL is not an address of a Redis server: {error}") from error


@contextmanager
def translated_errors() -> Iterator[None]:
    """Redis' failures as QueueError."""
    try:
        yield
    except (RedisError, OSError) as error:
        reason = str(error) or type(error).__name__
        raise QueueError(f"The queue cannot be reached: {reason}") from error


def count_workers(url: str) -> int:
    """How many workers have said that they wait for jobs or run one; 0 where Redis cannot be reached."""
    with connect(url) as redis:
        try:
            return int(redis.scard(f"rq:workers:{QUEUE}"))
        except (RedisError, OSError):
            return 0
