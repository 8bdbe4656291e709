"""Running a job in a process of its own: an earlier process of it has died."""

from __future__ import annotations

import threading

from novel_core.db.engine import session
from novel_core.errors import JobCancelled, JobError, NovelError, WorkerDied
from novel_core.jobs import unclaimed
from novel_core.jobs.stop_switch import StopSwitch
from novel_core.jobs.views import get_job
from novel_core.processes.restarts import describe_exit
from novel_core.runtime import Runtime
from novel_core.states import JobState
from novel_worker.lone_jobs import LoneJob, LoneJobs

#: So many at once, since each is a whole process.
_ROOM = threading.BoundedSemaphore(4)
#: Seconds until a job for which there was no room is tried again, and those that a process may
#: take to start.
_LATER, _START = 1.0, 60.0

_lone_jobs: LoneJobs | None = None


def use(lone_jobs: LoneJobs) -> None:
    """Run the jobs of this process, and of its forks, that have to be alone by `lone_jobs`."""
    global _lone_jobs  # noqa: PLW0603 - RQ calls a function by its name, and gives it the job's id only
    _lone_jobs = lone_jobs


def run_alone(runtime: Runtime, job_id: int, switch: StopSwitch) -> str:
    """Run the job in a new process and wait for its end. A final error is raised, for RQ to show."""
    assert _lone_jobs is not None
    if not _ROOM.acquire(blocking=False):
        # Its slot is for others meanwhile.
        with session(runtime.database) as opened:
            unclaimed.postpone(opened, job_id, _LATER)
        return "postponed: other jobs run alone"
    try:
        with session(runtime.database) as opened:
            # It is not lost, and nobody else is to take it while the process starts.
            unclaimed.mark_starting(opened, job_id, _START)
        code = _wait_for(_lone_jobs.start(job_id), switch)
    finally:
        _ROOM.release()
    if code is not None and code < 0:
        raise WorkerDied(f"The process that ran the job alone died: {describe_exit(code)}.")
    with session(runtime.database) as opened:
        job = get_job(opened, job_id)
    if job.status == JobState.ERROR and job.error_code != JobCancelled.code:
        raise JobError(job.error_message or "", hint=job.error_hint)
    return f"ran alone: {job.status}"


def _wait_for(job: LoneJob, switch: StopSwitch) -> int | None:
    try:
        with switch.calling(lambda _error: job.stop()):
            return job.wait()
    except NovelError:
        job.stop()
        return job.wait()
