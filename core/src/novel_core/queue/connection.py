"""Connecting to Redis, with short timeouts: no request depends on it."""

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

#: Seconds; with the client's defaults a server that hangs costs a minute.
PATIENCE = 0.5
#: Among RQ's keys, since a job needs the right to write those.
_PROBE = "rq:novel:probe"
_HINTS = {
    "maxmemory": "Redis is full: raise its maxmemory, with maxmemory-policy noeviction."
    " Queued jobs are safe in the database.",
    "read only": "Name the primary server in REDIS_URL, not a replica of it.",
}


def connect(url: str, *, patience: float = PATIENCE) -> Redis:
    """Return a client for `redis://`, `rediss://` or `unix://`; it connects on first use."""
    try:
        redis = Redis.from_url(
            checked_redis_url(url),
            socket_timeout=patience,
            socket_connect_timeout=patience,
            retry=Retry(NoBackoff(), 0),
        )
        # An unknown parameter is an error now, not at the first command.
        redis.connection_pool.make_connection()
    except (ValueError, TypeError) as error:
        raise InvalidSetting(f"REDIS_URL: a parameter after the ? is wrong: {error}.") from error
    return redis


@contextmanager
def translated_errors() -> Iterator[None]:
    """Raise errors of Redis as QueueError, with words for a refusal and for a lost connection."""
    try:
        yield
    except ResponseError as error:
        hint = next((hint for words, hint in _HINTS.items() if words in str(error)), None)
        raise QueueError(f"The queue's server refuses: {error}", hint=hint) from error
    except (RedisError, OSError) as error:
        reason = str(error) or type(error).__name__
        raise QueueError(f"The queue cannot be reached: {reason}") from error


def check_writable(redis: Redis) -> None:
    """Raise QueueError where nothing can be queued: a server that is full still answers PING."""
    with translated_errors():
        redis.set(_PROBE, "1", px=1000)


def count_slots(redis: Redis) -> int:
    """Return how many jobs the workers can run at once: each registered RQ worker runs one.

    RQ forgets a worker that was killed after minutes only, but its key expires earlier.
    """
    keys = worker_keys(redis)
    return int(redis.exists(*keys)) if keys else 0


def worker_keys(redis: Redis) -> list[str]:
    """Return the keys of the workers of the queue, also of some that have died."""
    # Not with the module: most commands ask for no workers.
    from rq import Queue, Worker

    return Worker.all_keys(queue=Queue(QUEUE, connection=redis))


def count_workers(url: str) -> int:
    """Return how many jobs the workers can run at once; 0 where Redis cannot be reached."""
    with connect(url) as redis:
        try:
            return count_slots(redis)
        except (RedisError, OSError):
            return 0
