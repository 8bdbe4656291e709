"""The whole path, measured inside a process that is as warm as a worker before a job.

Run by `ingest.py`: `python whole_path.py URL`, with the environment of a library; prints one JSON line.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections import Counter

from redis import Redis
from sqlalchemy import event

from novel_core.db.engine import session
from novel_core.ingest.runner import run_job
from novel_core.intake import resolve, submit
from novel_core.jobs import lifecycle
from novel_core.jobs.options import JobOptions
from novel_core.jobs.views import get_job
from novel_core.runtime import open_runtime
from novel_worker.warm import warm_up

#: What one job asked of the database.
asked: Counter[str] = Counter()


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def script_calls(redis: Redis) -> int:
    return int(redis.info("commandstats").get("cmdstat_evalsha", {"calls": 0})["calls"])


def main(url: str) -> None:
    with open_runtime(queue=True) as runtime:
        assert runtime.redis_url is not None
        redis = Redis.from_url(runtime.redis_url)
        warm_up(runtime, rehearsed=True)
        for moment, what in (("before_cursor_execute", "statements"), ("commit", "transactions")):
            event.listen(runtime.database, moment, lambda *_, what=what: asked.update([what]))
        calls = script_calls(redis)
        began, started = cpu(), time.perf_counter()
        with session(runtime.database) as opened:
            job_id = submit(
                opened, runtime.settings, resolve(runtime.registry, url), JobOptions()
            ).job_id
            claim = lifecycle.claim(opened, job_id, lease=runtime.settings.lease)
        assert claim is not None
        run_job(runtime, claim)
        seconds, used = time.perf_counter() - started, cpu() - began
        told = {**asked, "script_calls": script_calls(redis) - calls}
        with session(runtime.database) as opened:
            job = get_job(opened, job_id)
    print(json.dumps({"new": job.chapters["new"], "seconds": seconds, "cpu": used} | told))


if __name__ == "__main__":
    main(sys.argv[1])
