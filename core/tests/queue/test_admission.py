"""Which jobs are pushed, and in which order: any number of dispatchers, real servers."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from rq import Queue, Worker
from sqlalchemy import Engine, text

from novel_core.db.engine import session
from novel_core.jobs import unclaimed
from novel_core.queue.admission import admit
from novel_core.queue.connection import connect
from novel_core.queue.dispatch import dispatch
from novel_core.queue.names import QUEUE


@dataclass
class Waiting:
    """The waiting jobs of a database, made and ended by hand."""

    database: Engine
    groups: dict[int, str] = field(default_factory=dict)

    def add(self, group: str, *, rate: float = 1.0, turn: float = 0.0, **columns: Any) -> int:
        """A job that waits; `turn` in seconds from now."""
        values = {"source": group, "url": f"https://{group}/{len(self.groups)}", "kind": "novel"}
        values |= {"source_url": values["url"], "rate_group": group, "rate": rate} | columns
        names = ", ".join(values)
        marks = ", ".join(f":{name}" for name in values)
        job_id = self.value(
            f"INSERT INTO jobs ({names}, turn_at)"
            f" VALUES ({marks}, now() + make_interval(secs => :turn)) RETURNING id",
            **values,
            turn=turn,
        )
        self.groups[job_id] = group
        return int(job_id)

    def admit(self, slots: int) -> list[str]:
        """The groups of the jobs that are admitted, in order."""
        return [self.groups[job.id] for job in admit(self.database, slots)]

    def end(self, group: str) -> None:
        """End the job of the group that was pushed first."""
        self.write(
            "UPDATE jobs SET status = 'done' WHERE id = (SELECT id FROM jobs WHERE"
            " rate_group = :group AND status = 'queued' AND enqueued_at IS NOT NULL"
            " ORDER BY enqueued_at, id LIMIT 1)",
            group=group,
        )

    def write(self, statement: str, **values: Any) -> None:
        with self.database.begin() as connection:
            connection.execute(text(statement), values)

    def value(self, statement: str, **values: Any) -> Any:
        with self.database.begin() as connection:
            return connection.execute(text(statement), values).scalar_one()


@pytest.fixture
def waiting(database: Engine) -> Waiting:
    return Waiting(database)


def test_a_group_has_no_more_jobs_under_way_than_its_rate_feeds(waiting: Waiting) -> None:
    for rate, group in ((1.0, "one"), (0.2, "slow"), (3.9, "three"), (0.0, "free")):
        for _ in range(6):
            waiting.add(group, rate=rate)
    admitted = waiting.admit(100)
    assert {group: admitted.count(group) for group in set(admitted)} == {
        "one": 1,
        "slow": 1,
        "three": 3,
        "free": 6,
    }
    assert waiting.admit(100) == []


def test_groups_take_turns(waiting: Waiting) -> None:
    for group in ("a", "b", "c"):
        for _ in range(3):
            waiting.add(group)
    order = []
    for _ in range(9):
        [group] = waiting.admit(1)
        waiting.end(group)
        order.append(group)
    assert [sorted(order[at : at + 3]) for at in (0, 3, 6)] == [["a", "b", "c"]] * 3


def test_the_job_of_an_idle_site_is_the_next_one_started(waiting: Waiting) -> None:
    for _ in range(50):
        waiting.add("busy", turn=-1000)
    assert waiting.admit(1) == ["busy"]
    waiting.add("idle")
    assert waiting.admit(1) == []
    waiting.end("busy")
    assert waiting.admit(1) == ["idle"]


def test_the_last_free_slot_is_kept_for_a_group_with_nothing_under_way(waiting: Waiting) -> None:
    for _ in range(50):
        waiting.add("busy", rate=0)
    assert waiting.admit(4) == ["busy"] * 3
    assert waiting.admit(4) == []
    waiting.add("idle")
    assert waiting.admit(4) == ["idle"]
    waiting.add("third")
    assert waiting.admit(4) == []
    waiting.end("busy")
    assert waiting.admit(4) == ["third"]


def test_where_workers_have_gone_nothing_more_is_pushed(waiting: Waiting) -> None:
    for group in "abcdef":
        waiting.add(group)
    assert len(waiting.admit(4)) == 4
    assert waiting.admit(1) == []
    assert waiting.admit(0) == []
    assert len(waiting.admit(5)) == 1


def test_within_a_group_the_earliest_turn_goes_first(waiting: Waiting) -> None:
    late, early = waiting.add("a", turn=5), waiting.add("a", turn=-5)
    [first] = admit(waiting.database, 1)
    assert first.id == early
    waiting.end("a")
    assert [job.id for job in admit(waiting.database, 1)] == [late]


def test_what_is_not_due_is_not_admitted(waiting: Waiting) -> None:
    later = waiting.add("a", turn=-9)
    waiting.write("UPDATE jobs SET run_after = now() + interval '1 hour' WHERE id = :id", id=later)
    waiting.add("b")
    waiting.write(
        "INSERT INTO origins (origin, rate_group, blocked_until)"
        " VALUES ('https://b', 'b', now() + interval '1 hour')"
    )
    assert waiting.admit(9) == []
    due = waiting.add("a")
    assert [job.id for job in admit(waiting.database, 9)] == [due]
    waiting.write("UPDATE origins SET blocked_until = now() - interval '1 second'")
    assert waiting.admit(9) == ["b"]


def test_a_job_that_a_command_runs_counts_for_its_group_and_holds_no_slot(waiting: Waiting) -> None:
    running = waiting.add("a", lease_owner="here/1/1", status="crawling", lease_until="2100-01-01")
    waiting.add("a")
    waiting.add("b")
    assert waiting.admit(1) == ["b"]
    waiting.end("b")
    assert waiting.admit(1) == []
    waiting.write(
        "UPDATE jobs SET status = 'done', lease_owner = NULL, lease_until = NULL WHERE id = :id",
        id=running,
    )
    assert waiting.admit(1) == ["a"]


def test_a_job_for_which_its_worker_has_no_room_lets_others_go_first(waiting: Waiting) -> None:
    postponed, other = waiting.add("a"), waiting.add("a", turn=1)
    assert [job.id for job in admit(waiting.database, 1)] == [postponed]
    with session(waiting.database) as opened:
        unclaimed.postpone(opened, postponed, 60)
    assert [job.id for job in admit(waiting.database, 1)] == [other]
    waiting.end("a")
    assert waiting.admit(1) == []
    waiting.write("UPDATE jobs SET run_after = now() WHERE id = :id", id=postponed)
    [again] = admit(waiting.database, 1)
    assert (again.id, again.dispatch_no) == (postponed, 2)


def test_the_slowest_rate_of_a_group_holds(waiting: Waiting) -> None:
    waiting.add("a", rate=1, turn=-9)
    for _ in range(5):
        waiting.add("a", rate=5)
    assert waiting.admit(9) == ["a"]
    assert waiting.admit(9) == []


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    with connect(redis_url) as opened:
        yield opened


def test_as_many_are_pushed_as_workers_are_free_for(waiting: Waiting, redis: Redis) -> None:
    queue = Queue(QUEUE, connection=redis)
    ids = [waiting.add(f"g{number}", turn=number) for number in range(6)]
    assert dispatch(waiting.database, redis, job_timeout=60) == 1
    workers = [Worker([queue], name=f"slot-{number}", connection=redis) for number in range(4)]
    for worker in workers:
        worker.register_birth()
    assert dispatch(waiting.database, redis, job_timeout=60) == 3
    assert dispatch(waiting.database, redis, job_timeout=60) == 0
    assert queue.get_job_ids() == [f"{job_id}-1" for job_id in ids[:4]]
    # A worker that was killed leaves its name; its key expires.
    redis.delete(workers[0].key)
    waiting.end("g0")
    assert dispatch(waiting.database, redis, job_timeout=60) == 0
    workers[0].register_birth()
    assert dispatch(waiting.database, redis, job_timeout=60) == 1


def test_many_processes_dispatch_each_job_once_and_never_too_many(
    waiting: Waiting, redis: Redis, redis_url: str
) -> None:
    slots, rates = 5, (1.0, 2.0, 0.5, 3.0)
    for number in range(60):
        waiting.add(f"g{number % len(rates)}", rate=rates[number % len(rates)])
    queue = Queue(QUEUE, connection=redis)
    for number in range(slots):
        Worker([queue], name=f"slot-{number}", connection=redis).register_birth()
    url = waiting.database.url.render_as_string(hide_password=False)
    script = Path(__file__).with_name("dispatching.py")
    command = [sys.executable, str(script), url, redis_url, str(slots)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert [process.communicate(timeout=120)[0] for process in running] == [""] * 4
    assert [process.returncode for process in running] == [0] * 4
    assert waiting.value("SELECT count(*) FROM jobs WHERE status = 'done'") == 60
    assert waiting.value("SELECT max(dispatch_no) FROM jobs") == 1
