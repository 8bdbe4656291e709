"""Admission: which waiting jobs are pushed to the workers now, counted in SQL.

It is right with any number of dispatchers on any machines: they take turns by a lock, and each
counts what is under way in the database.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Engine, text

from novel_core.db.engine import session
from novel_core.db.jobs import UNDER_WAY, WAITING

#: Held while jobs are chosen (an arbitrary number, the same in every process).
ADMISSION_LOCK = 7_318_004
#: A process that stands still while it holds the lock must not stop the others for good.
_PATIENCE = "10s"


class AdmittedJob(NamedTuple):
    """A job to be pushed: its id, the number of the push, its URL and options."""

    id: int
    dispatch_no: int
    url: str
    options: dict[str, Any]


#: A group may have as many jobs under way as each gets about one request a second of its rate, and
#: at least one; a rate of 0 is no limit. `nth` is how many jobs its group has under way with the
#: job: the groups with the fewest come first, of these the one whose last job was admitted longest
#: ago. Of several slots, the last free one is kept for a group that has nothing under way. The
#: groups are found by one step in the index each (`groups`), since the jobs may be many.
_ADMIT = text(
    f"""
    WITH RECURSIVE under_way AS MATERIALIZED (
        SELECT rate_group, count(*) AS jobs, count(enqueued_at) AS slots, min(nullif(rate, 0)) AS rate
        FROM jobs WHERE {UNDER_WAY} GROUP BY rate_group
    ), free AS MATERIALIZED (
        SELECT :slots - CAST(coalesce(sum(slots), 0) AS bigint) AS slots FROM under_way
    ), groups (name) AS (
        SELECT min(rate_group) FROM jobs WHERE {WAITING} AND (SELECT slots FROM free) > 0
        UNION ALL
        SELECT (SELECT min(rate_group) FROM jobs WHERE {WAITING} AND rate_group > groups.name)
        FROM groups WHERE groups.name IS NOT NULL
    ), open_groups AS (
        SELECT name, coalesce(jobs, 0) AS jobs, under_way.rate, admitted_at
        FROM groups LEFT JOIN under_way ON under_way.rate_group = name
            LEFT JOIN rate_groups USING (name)
        WHERE name IS NOT NULL AND NOT EXISTS (
            SELECT FROM origins WHERE origins.rate_group = name AND blocked_until > now()
        )
    ), candidates AS (
        SELECT next.id, next.turn_at, admitted_at,
            jobs + row_number() OVER (PARTITION BY name ORDER BY next.turn_at, next.id) AS nth
        FROM open_groups, LATERAL (
            SELECT rate FROM jobs WHERE {WAITING} AND rate_group = name
                AND (run_after IS NULL OR run_after <= now())
            ORDER BY turn_at, id LIMIT 1
        ) AS head, LATERAL (
            SELECT id, turn_at FROM jobs WHERE {WAITING} AND rate_group = name
                AND (run_after IS NULL OR run_after <= now())
            ORDER BY turn_at, id
            LIMIT CAST(greatest(0, least((SELECT slots FROM free), greatest(1, coalesce(
                floor(least(open_groups.rate, nullif(head.rate, 0))), 'Infinity'
            )) - jobs)) AS bigint)
        ) AS next
    ), placed AS (
        SELECT id, nth, row_number() OVER (ORDER BY nth, admitted_at NULLS FIRST, turn_at, id) AS place
        FROM candidates
    ), chosen AS MATERIALIZED (
        SELECT id, place FROM placed, free
        WHERE place <= free.slots AND (nth = 1 OR place < free.slots OR :slots = 1)
    ), locked AS MATERIALIZED (
        SELECT id FROM jobs WHERE id IN (SELECT id FROM chosen) AND {WAITING}
        FOR UPDATE SKIP LOCKED
    ), admitted AS (
        UPDATE jobs SET dispatch_no = dispatch_no + 1, enqueued_at = clock_timestamp()
        FROM locked WHERE jobs.id = locked.id
        RETURNING jobs.id, dispatch_no, url, options, rate_group
    ), turns AS (
        INSERT INTO rate_groups (name, admitted_at)
        SELECT rate_group, max(clock_timestamp()) FROM admitted GROUP BY rate_group
        ON CONFLICT (name) DO UPDATE SET admitted_at = excluded.admitted_at
    )
    SELECT id, dispatch_no, url, options FROM admitted JOIN chosen USING (id) ORDER BY place
    """  # noqa: S608 - constants
)
_HAS_WAITING = text(f"SELECT EXISTS (SELECT FROM jobs WHERE {WAITING})")  # noqa: S608 - a constant


def has_waiting(database: Engine) -> bool:
    """Whether any job waits, due or not: most calls end here."""
    with session(database) as opened:
        return bool(opened.scalar(_HAS_WAITING))


def admit(database: Engine, slots: int) -> list[AdmittedJob]:
    """Mark the jobs that are to be pushed now, and return them in their order.

    `slots` is how many jobs the workers can run at once. Jobs of a process that dies before it has
    pushed them are found by `reconcile`.
    """
    with session(database) as opened:
        opened.execute(text(f"SET LOCAL lock_timeout = '{_PATIENCE}'"))
        # A statement of its own: what the last holder has changed is seen by the next one.
        opened.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADMISSION_LOCK})
        return [AdmittedJob(*row) for row in opened.execute(_ADMIT, {"slots": slots})]
