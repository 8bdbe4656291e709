"""One rate for a site across workers: what the site sees from 1, 3 and 6 of them.

The target is 20 requests a second without jitter. Claims: within 5 % of it, and never more than 21 in any second.
"""

from __future__ import annotations

from bisect import bisect_left

from common import requests_of, site
from queued import served_by, servers, wait_for, workers
from sqlalchemy import text

from novel_core.db.engine import open_database, session
from novel_core.intake import resolve, submit
from novel_core.jobs.options import JobOptions
from novel_core.queue.connection import connect
from novel_core.queue.dispatch import dispatch
from novel_core.registry import load_registry
from novel_core.settings import Settings, SourceOverride

RATE = 20.0
CHAPTERS = 240
#: Requests at the beginning and the end that are not counted: not all workers are under way.
EDGE = 15


def measure(count: int) -> str:
    with (
        site("--fictions", str(count), "--chapters", str(CHAPTERS // count)) as served,
        servers() as base,
    ):
        environment = base | {
            **served_by(served),
            "NOVEL_SOURCES__ROYALROAD__REQUESTS_PER_SECOND": str(RATE),
            "NOVEL_SOURCES__ROYALROAD__JITTER": "0",
            "NOVEL_FETCH_IMAGES": "0",
        }
        pace = SourceOverride(requests_per_second=RATE)
        database = open_database(environment["DATABASE_URL"])
        registry, settings = load_registry(), Settings(sources={"royalroad": pace})
        # Of several slots one is kept free for other sites.
        with workers(environment, count + 1):
            with session(database) as opened:
                for number in range(1, count + 1):
                    url = f"https://www.royalroad.com/fiction/{number}"
                    submit(opened, settings, resolve(registry, url), JobOptions())
            dispatch(database, connect(environment["REDIS_URL"]), job_timeout=3600)
            unfinished = text("SELECT count(*) FROM jobs WHERE status NOT IN ('done', 'error')")

            def is_over() -> bool:
                with database.connect() as connection:
                    return connection.execute(unfinished).scalar_one() == 0

            wait_for(is_over, step=0.2)
        database.dispose()
        times = [moment for moment, _ in requests_of(served)]
    inner = times[EDGE:-EDGE]
    rate = (len(inner) - 1) / (inner[-1] - inner[0])
    most = max(bisect_left(times, moment + 1.0) - index for index, moment in enumerate(times))
    return (
        f"  {count} workers: {rate:5.2f} requests/s, {rate / RATE:.3f} of the target; "
        f"at most {most} in any second ({len(times)} requests)"
    )


def main() -> None:
    print(f"pace: {RATE:g} requests/s for one site, {CHAPTERS} chapters in as many jobs as workers")
    print("  (claims: 0.95 to 1.05 of the target, at most 21 in any second)")
    for count in (1, 3, 6):
        print(measure(count), flush=True)


if __name__ == "__main__":
    main()
