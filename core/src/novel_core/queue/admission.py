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


_DUE = f"{WAITING} AND rate_group = name AND (run_after IS NULL OR run_after <= now())"
_BLOCKED = "rate_group IS NOT NULL AND blocked_until > now()"
#: The jobs to be pushed, in order. A group may have as many jobs under way as each gets about one
#: request a second of its rate, and at least one; a rate of 0 is no limit. `nth` is how many jobs
#: the group has under way with the job: the groups with the fewest come first, of these the one
#: whose last job was pushed longest ago. Of several slots, the last free one is kept for a group
#: that has nothing under way. Jobs may be many: groups are found by one step in the index each, and
#: no more of them are looked into than there are free slots.
_CHOOSE = text(
    f"""
    WITH RECURSIVE under_way AS MATERIALIZED (
        SELECT rate_group, count(*) AS jobs, count(enqueued_at) AS slots, min(nullif(rate, 0)) AS rate
        FROM jobs WHERE {UNDER_WAY} GROUP BY rate_group
    ), free AS MATERIALIZED (
        SELECT greatest(0, CAST(:slots - coalesce(sum(slots), 0) AS bigint)) AS slots FROM under_way
    ), groups (name) AS (
        SELECT min(rate_group) FROM jobs WHERE {WAITING} AND (SELECT slots FROM free) > 0
        UNION ALL
        SELECT (SELECT min(rate_group) FROM jobs WHERE {WAITING} AND rate_group > groups.name)
        FROM groups WHERE groups.name IS NOT NULL
    ), heads AS (
        SELECT name, coalesce(jobs, 0) AS jobs, admitted_at, head.turn_at, head.id, greatest(1, coalesce(
            floor(least(under_way.rate, nullif(head.rate, 0))), 'Infinity'
        )) AS most
        FROM groups
        LEFT JOIN under_way ON under_way.rate_group = name
        LEFT JOIN rate_groups USING (name)
        CROSS JOIN LATERAL (
            SELECT id, turn_at, rate FROM jobs WHERE {_DUE} ORDER BY turn_at, id LIMIT 1
        ) AS head
        WHERE name NOT IN (SELECT rate_group FROM origins WHERE {_BLOCKED})
    ), first AS MATERIALIZED (
        SELECT name, jobs, admitted_at, most FROM heads WHERE jobs < most
        ORDER BY jobs, admitted_at NULLS FIRST, turn_at, id LIMIT (SELECT slots FROM free)
    ), placed AS (
        SELECT next.id, nth, row_number() OVER (
            ORDER BY nth, admitted_at NULLS FIRST, next.turn_at, next.id
        ) AS place
        FROM first CROSS JOIN LATERAL (
            SELECT waiting.id, waiting.turn_at,
                first.jobs + row_number() OVER (ORDER BY waiting.turn_at, waiting.id) AS nth
            FROM jobs AS waiting WHERE {_DUE} ORDER BY waiting.turn_at, waiting.id
            LIMIT CAST(least((SELECT slots FROM free), most - first.jobs) AS bigint)
        ) AS next
    )
    SELECT id FROM placed, free
    WHERE place <= free.slots AND (nth = 1 OR place < free.slots OR :slots = 1)
    ORDER BY place
    """  # noqa: S608 - constants
)
#: One that somebody else changes at this moment is left for the next time.
_PUSH = text(
    f"""
    WITH admitted AS (
        UPDATE jobs SET dispatch_no = dispatch_no + 1, enqueued_at = clock_timestamp()
        WHERE id IN (
            SELECT id FROM jobs WHERE id = ANY(:ids) AND {WAITING} FOR UPDATE SKIP LOCKED
        )
        RETURNING id, dispatch_no, url, options, rate_group
    ), turns AS (
        INSERT INTO rate_groups (name, admitted_at)
        SELECT DISTINCT rate_group, statement_timestamp() FROM admitted
        ON CONFLICT (name) DO UPDATE SET admitted_at = excluded.admitted_at
    )
    SELECT id, dispatch_no, url, options FROM admitted ORDER BY array_position(:ids, id)
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
        chosen = list(opened.scalars(_CHOOSE, {"slots": slots}))
        if not chosen:
            return []
        return [AdmittedJob(*row) for row in opened.execute(_PUSH, {"ids": chosen})]
