"""What runs where: the workers with their crawls, and the rate groups with their jobs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from redis import Redis
from sqlalchemy import text
from sqlalchemy.orm import Session

from novel_core.db.jobs import UNDER_WAY, WAITING
from novel_core.queue.connection import translated_errors, worker_keys

_MINUTE = 60


@dataclass(frozen=True, slots=True)
class WorkerLoad:
    """A slot of a worker, as RQ shows it: `state` is `idle`, `busy`, `started` or `suspended`."""

    host: str
    pid: int
    state: str


@dataclass(frozen=True, slots=True)
class ProcessLoad:
    """A process of a worker: how many crawls it runs, of how many it has slots for."""

    name: str
    running: int
    slots: int


@dataclass(frozen=True, slots=True)
class GroupLoad:
    """A rate group: its jobs, and the requests within about the last minute.

    `rate` is in requests per second, 0 for no limit. `requests` is None where they are not counted:
    without a limit, or while Redis is away.
    """

    name: str
    waiting: int
    running: int
    rate: float
    requests: int | None = None

    @property
    def allowed(self) -> int | None:
        """The requests allowed in a minute; None without a limit."""
        return round(self.rate * _MINUTE) if self.rate else None


_GROUPS = text(
    f"""
    WITH waiting AS (
        SELECT rate_group AS name, count(*) AS jobs FROM jobs WHERE {WAITING} GROUP BY rate_group
    ), under_way AS (
        SELECT rate_group AS name, count(*) AS jobs, count(lease_until) AS running,
            min(nullif(rate, 0)) AS rate
        FROM jobs WHERE {UNDER_WAY} GROUP BY rate_group
    )
    SELECT name, coalesce(waiting.jobs, 0) + coalesce(under_way.jobs - running, 0) AS waiting,
        coalesce(running, 0) AS running, coalesce(under_way.rate, (
            SELECT rate FROM jobs WHERE {WAITING} AND rate_group = name ORDER BY turn_at, id LIMIT 1
        ), 0) AS rate
    FROM waiting FULL JOIN under_way USING (name) ORDER BY running DESC, waiting DESC, name
    """  # noqa: S608 - constants
)


def group_loads(opened: Session) -> list[GroupLoad]:
    """The groups that have jobs: those with most crawls first, then those where most wait."""
    return [GroupLoad(**row) for row in opened.execute(_GROUPS).mappings()]


def with_requests(redis: Redis, groups: Sequence[GroupLoad]) -> list[GroupLoad]:
    """The groups with their requests. Raise QueueError where Redis cannot be reached."""
    # Importing it takes 0.1 s.
    from novel_core.crawl.shared_pacing import COUNTED, keys_of

    with translated_errors(), redis.pipeline(transaction=False) as pipeline:
        pipeline.time()
        for group in groups:
            pipeline.hmget(keys_of(group.name)[0], COUNTED)
        (seconds, micros), *counted = pipeline.execute()
    now = (seconds + micros / 1e6) / _MINUTE
    return [
        replace(group, requests=_in_last_minute(now, *values)) if group.rate else group
        for group, values in zip(groups, counted, strict=True)
    ]


def _in_last_minute(
    now: float, minute: bytes | None, asked: bytes | None, before: bytes | None
) -> int:
    """The count of this minute, and of the one before by the share that is less than one ago."""
    current, part = divmod(now, 1)
    since = current - int(minute or 0)
    if since == 0:
        return round(int(asked or 0) + int(before or 0) * (1 - part))
    return round(int(asked or 0) * (1 - part)) if since == 1 else 0


def worker_loads(redis: Redis) -> list[WorkerLoad]:
    """The slots of all workers. Raise QueueError where Redis cannot be reached."""
    with translated_errors(), redis.pipeline(transaction=False) as pipeline:
        for key in worker_keys(redis):
            pipeline.hmget(key, ("hostname", "pid", "state"))
        found = cast(list[list[Any]], pipeline.execute())
    return [
        WorkerLoad(host.decode(), int(pid or 0), (state or b"started").decode())
        for host, pid, state in found
        # Without a host its key has expired: it has died.
        if host
    ]


def process_loads(slots: Iterable[WorkerLoad]) -> list[ProcessLoad]:
    """The processes that the slots belong to, by name.

    >>> process_loads([WorkerLoad("a", 7, "busy"), WorkerLoad("a", 7, "idle")])
    [ProcessLoad(name='a.7', running=1, slots=2)]
    """
    by_name: dict[str, list[str]] = {}
    for slot in slots:
        by_name.setdefault(f"{slot.host}.{slot.pid}", []).append(slot.state)
    return [
        ProcessLoad(name, states.count("busy"), len(states))
        for name, states in sorted(by_name.items())
    ]
