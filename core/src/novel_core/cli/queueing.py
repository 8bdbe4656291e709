"""Handing in a job, and pushing it to the workers."""

from __future__ import annotations

from novel_core.db.engine import session
from novel_core.errors import QueueError
from novel_core.intake import Submission, submit
from novel_core.jobs.options import JobOptions
from novel_core.queue.connection import connect
from novel_core.queue.dispatch import dispatch
from novel_core.runtime import Runtime
from novel_core.webhooks import subscribe_default


def hand_in(runtime: Runtime, url: str, options: JobOptions) -> Submission:
    """The job for `url`; whoever is told of every job's end will be told of its."""
    with session(runtime.database) as opened:
        submission = submit(opened, runtime.registry, runtime.settings, url, options)
        subscribe_default(opened, runtime.settings, submission.job_id)
    return submission


def push(runtime: Runtime) -> str | None:
    """Push what is owed to the workers. When Redis is away, what to say: the jobs are safe, and are pushed later."""
    assert runtime.redis_url is not None
    redis = connect(runtime.redis_url)
    try:
        dispatch(runtime.database, redis, job_timeout=runtime.settings.job_timeout)
    except QueueError as error:
        return f"{error.message} The job is safe in the database; a housekeeper pushes it once Redis is back."
    finally:
        redis.close()
    return None
