"""Whatever is submitted and ends, the jobs admitted are those of a plain model of the rule."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import Engine, text

from novel_core.queue.admission import admit

RATES = {"a": 1.0, "b": 0.5, "c": 3.5, "d": 0.0, "e": 1.0, "f": 2.0}


@dataclass
class Model:
    """The rule, without SQL."""

    waiting: dict[str, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    pushed: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    #: Jobs that a command runs.
    aside: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    admitted_at: dict[str, int] = field(default_factory=dict)
    passes: int = 0

    def admit(self, slots: int) -> list[int]:
        """The jobs that are pushed where workers have so many slots: they come and go."""
        self.passes += 1
        free = slots - sum(map(len, self.pushed.values()))
        ranked = []
        for group, jobs in self.waiting.items():
            under_way = len(self.pushed[group]) + self.aside[group]
            room = (math.floor(RATES[group]) or 1 if RATES[group] else math.inf) - under_way
            for number, (turn, job_id) in enumerate(sorted(jobs), 1):
                if number <= room:
                    last = self.admitted_at.get(group, 0)
                    ranked.append((under_way + number, last, turn, job_id, group))
        taken = []
        for nth, _last, turn, job_id, group in sorted(ranked):
            left = free - len(taken)
            if left > 1 or (left == 1 and (nth == 1 or slots == 1)):
                taken.append(job_id)
                self.waiting[group].remove((turn, job_id))
                self.pushed[group].append(job_id)
                self.admitted_at[group] = self.passes
        return taken


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.sampled_from(sorted(RATES)), st.integers(0, 2)),
        st.tuples(st.just("run aside"), st.sampled_from(sorted(RATES)), st.just(0)),
        st.tuples(st.just("end"), st.sampled_from(sorted(RATES)), st.just(0)),
        st.tuples(st.just("admit"), st.just(""), st.sampled_from([0, 1, 2, 4, 7])),
    ),
    max_size=40,
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS)
def test_the_jobs_admitted_are_those_of_the_rule(
    database: Engine, steps: list[tuple[str, str, int]]
) -> None:
    model = Model()
    with database.begin() as connection:
        connection.execute(text("DELETE FROM jobs"))
        connection.execute(text("DELETE FROM rate_groups"))
    for number, (step, group, value) in enumerate([*steps, ("admit", "", 7)]):
        if step == "admit":
            assert [job.id for job in admit(database, value)] == model.admit(value)
        elif step == "end":
            if model.pushed[group]:
                end(database, model.pushed[group].pop(0))
        else:
            aside = step == "run aside"
            job_id = add(database, group, number, value, aside=aside)
            if aside:
                model.aside[group] += 1
            else:
                model.waiting[group].append((value, job_id))


def add(database: Engine, group: str, number: int, turn: int, *, aside: bool) -> int:
    values = {"group": group, "url": f"u{number}", "rate": RATES[group], "turn": turn}
    values |= {"status": "crawling" if aside else "queued", "owner": "x/1/1" if aside else None}
    statement = (
        "INSERT INTO jobs (source, source_url, url, kind, rate_group, rate, turn_at, status, lease_owner, lease_until)"
        " VALUES ('s', :url, :url, 'novel', :group, :rate, '2026-01-01Z'::timestamptz + :turn * interval '1 s',"
        " :status, :owner, CASE WHEN :status = 'crawling' THEN now() END) RETURNING id"
    )
    with database.begin() as connection:
        return int(connection.execute(text(statement), values).scalar_one())


def end(database: Engine, job_id: int) -> None:
    with database.begin() as connection:
        connection.execute(text("UPDATE jobs SET status = 'done' WHERE id = :id"), {"id": job_id})
