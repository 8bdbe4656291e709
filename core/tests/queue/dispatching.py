"""A process that dispatches, takes what is pushed and ends it, until no job is open.

It prints each group of which it has seen more jobs under way than the group's rate feeds, and the number of jobs pushed where that
is more than there are slots.
"""

from __future__ import annotations

import sys

from redis import Redis
from sqlalchemy import text

from novel_core.db.engine import open_database
from novel_core.queue.connection import connect
from novel_core.queue.dispatch import dispatch
from novel_core.queue.names import QUEUE

_PUSHED = "status = 'queued' AND enqueued_at IS NOT NULL"


def main(database_url: str, redis_url: str, slots: int) -> None:
    database = open_database(database_url)
    with connect(redis_url, patience=30.0) as redis:
        while True:
            dispatch(database, redis, job_timeout=60)
            with database.begin() as connection:
                too_many = connection.execute(
                    text(
                        f"SELECT rate_group FROM jobs WHERE {_PUSHED} GROUP BY rate_group"
                        " HAVING count(*) > greatest(1, floor(min(rate)))"
                    )
                ).all()
                pushed, left = connection.execute(
                    text(
                        f"SELECT count(*) FILTER (WHERE {_PUSHED}), count(*) FILTER (WHERE status = 'queued') FROM jobs"
                    )
                ).one()
            if too_many or pushed > slots:
                sys.stdout.write(f"{too_many} {pushed}\n")
            if not left:
                return
            while (message := taken(redis)) is not None:
                with database.begin() as connection:
                    end = text("UPDATE jobs SET status = 'done' WHERE id = :id")
                    connection.execute(end, {"id": int(message.partition("-")[0])})


def taken(redis: Redis) -> str | None:
    message = redis.lpop(f"rq:queue:{QUEUE}")
    return message.decode() if isinstance(message, bytes) else None


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
