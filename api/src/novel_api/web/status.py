"""`/status`: the state and the load of the service."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from fastapi import APIRouter
from humanize import naturaldelta
from sqlalchemy import Date, func, select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from novel_api.context import ApiDep, ReaderDep
from novel_api.stats import BUCKETS, Durations, Stats
from novel_api.web.charts import Bar, columns
from novel_api.web.formatting import day, state
from novel_api.web.render import page
from novel_core.db.engine import session
from novel_core.db.jobs import JobRow
from novel_core.queue.load import process_loads
from novel_core.states import JobState

router = APIRouter(include_in_schema=False)

_DAYS = 14
#: Rate groups in the table: those with most crawls.
_GROUPS = 10


@dataclass(frozen=True, slots=True)
class Day:
    """Numbers of a day (UTC)."""

    day: date
    done: int = 0
    failed: int = 0
    requests: int = 0


@router.get("/status")
def show_status(request: Request, api: ApiDep, _caller: ReaderDep) -> Response:
    """Database, queue and workers, with charts of the last two weeks."""
    ready = api.readiness.check()
    stats = api.metrics.stats()
    with session(api.runtime.database) as opened:
        days = _days(opened, datetime.now(UTC).date())
    states = [(state(one), stats.jobs[one]) for one in JobState]
    took = _took(stats)
    open_jobs = sum(stats.jobs[one] for one in JobState if not one.is_terminal)
    return page(
        request,
        "status.html",
        ready=ready,
        stats=stats,
        workers=len(stats.slots),
        processes=process_loads(stats.slots),
        groups=stats.groups[:_GROUPS],
        more_groups=max(0, len(stats.groups) - _GROUPS),
        open_jobs=open_jobs,
        is_stuck=open_jobs > 0 and not stats.workers,
        jobs_chart=columns([Bar(*row) for row in states], "jobs"),
        state_rows=states,
        days_chart=columns([Bar(day(one.day), one.done, one.failed) for one in days], "jobs"),
        requests_chart=columns([Bar(day(one.day), one.requests) for one in days], "requests"),
        took_chart=columns([Bar(*row) for row in took], "jobs"),
        took_rows=took,
        days=days,
        days_rows=[(day(one.day), one.done, one.failed) for one in days],
        request_rows=[(day(one.day), one.requests) for one in days],
    )


def _days(opened: Session, today: date) -> list[Day]:
    """Return the last two weeks, including days without jobs."""
    first = today - timedelta(days=_DAYS - 1)
    ended = func.timezone("UTC", JobRow.finished_at).cast(Date)
    rows = opened.execute(
        select(
            ended,
            func.count().filter(JobRow.status == JobState.DONE),
            func.count().filter(JobRow.status == JobState.ERROR),
            func.coalesce(func.sum(JobRow.requests), 0),
        )
        .where(JobRow.finished_at >= datetime.combine(first, time.min, UTC))
        .group_by(ended)
    )
    found = {row[0]: Day(row[0], row[1], row[2], int(row[3])) for row in rows}
    dates = [first + timedelta(days=number) for number in range(_DAYS)]
    return [found.get(one, Day(one)) for one in dates]


def _took(stats: Stats) -> list[tuple[str, int]]:
    """Return the durations of jobs, over all sources."""
    every = list(stats.durations.values())
    bounds = [_within(every, number) for number in range(len(BUCKETS))]
    labels = [f"up to {naturaldelta(bound)}" for bound in BUCKETS]
    counts = [count - before for count, before in zip(bounds, [0, *bounds], strict=False)]
    rest = sum(one.count for one in every) - (bounds[-1] if bounds else 0)
    return list(zip([*labels, "longer"], [*counts, rest], strict=True))


def _within(every: list[Durations], number: int) -> int:
    return sum(one.below[number] for one in every)
