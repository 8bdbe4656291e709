"""The threads beside the running jobs of a process, however many those are.

One renews the leases of all jobs in one statement and sees requests to stop them. The other needs
no server: it ends what exceeds its limits.
"""

from __future__ import annotations

import faulthandler
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from typing import Self

from sqlalchemy import Engine

from novel_core.db.answers import close_lost_connections
from novel_core.db.engine import session
from novel_core.errors import DeadlinePassed, JobCancelled, LeaseLost, NovelError, PluginError
from novel_core.jobs.background import Background
from novel_core.jobs.lifecycle import Claim, Held, renew
from novel_core.jobs.stop_switch import StopSwitch
from novel_core.steps import HAS_TIMER, Step, Steps

#: Seconds between two looks for requests to stop, and between two at the limits.
CHECK_EVERY, WATCH_EVERY = 2.0, 0.5
#: Seconds a step has to end after the job was stopped.
PATIENCE = 10.0
#: A step may take so many times its processor time by the clock, since it may sleep and the machine
#: may be busy.
_SLACK = 5.0
_STANDARD_ERROR = 2

#: A reason to stop, or None.
Check = Callable[[], NovelError | None]
#: Ends a job that hangs, in a step or in its event loop (None), and reacts to nothing.
End = Callable[[NovelError, Step | None], None]


@dataclass(eq=False, slots=True)
class GuardedJob:
    """A running job, as its guards see it.

    `checks` are reasons to stop it, besides a request to cancel. `end` ends it where it hangs;
    without, it may hang forever. From then on `is_stuck`, and its lease is not renewed.
    """

    claim: Claim
    switch: StopSwitch
    steps: Steps
    checks: Sequence[Check] = ()
    end: End | None = None
    is_stuck: bool = False
    renewed: float = field(default_factory=time.monotonic)
    _stopped: float | None = None
    _beat: float | None = None
    _silent: float = 0.0
    _context: Context = field(default_factory=copy_context)

    def problem(self, now: float, interval: float) -> tuple[NovelError, Step | None] | None:
        """What hangs, and the error it ends with; None if nothing does."""
        reason, step = self.switch.error, self.steps.current
        if reason is not None and self._stopped is None:
            self._stopped = now
        if step is None:
            return self._silence(interval)
        self._silent = 0.0
        if self._stopped is not None and now - max(self._stopped, step.since) > PATIENCE:
            return _with_step(reason, step), step
        if now - step.since > _SLACK * self.steps.seconds:
            return self.steps.too_slow(step), step
        return None

    def _silence(self, interval: float) -> tuple[NovelError, None] | None:
        """An event loop that has not turned for a lease: code in the loop waits or works.

        The turns of the watch are counted, since a process that was suspended is not silent.
        """
        beat, self._beat = self._beat, self.steps.beat
        is_silent = beat is not None and beat == self._beat
        self._silent = self._silent + interval if is_silent else 0.0
        if self._silent <= self.claim.lease:
            return None
        return PluginError(
            f"The spider of {self.claim.source!r} kept its crawl from going on for"
            f" {self.claim.lease:g} seconds."
        ), None

    def end_stuck(self, error: NovelError, step: Step | None) -> None:
        """End it, in a thread of its own: that writes to the database."""
        if self.end is None:
            return
        self.is_stuck = True
        self.switch.stop(error)
        threading.Thread(
            target=self._context.run, args=(self.end, error, step), name="novel-end", daemon=True
        ).start()


class JobGuard:
    """A context manager with the threads that guard the jobs of this process.

    ```python
    with JobGuard(database, lease=60) as guard, guard.of(GuardedJob(claim, switch, steps)):
        work()
    ```

    Where code holds the interpreter lock, so that not even these threads run, the process is ended
    with a traceback after `lease` seconds: then the leases have run out and the jobs are free. They
    are seconds of processor time where the system counts it: a process that was suspended continues
    and finds that its leases are lost.
    """

    def __init__(self, database: Engine, lease: float) -> None:
        self._jobs: dict[GuardedJob, None] = {}
        self._lock = threading.Lock()
        self._threads = ExitStack()
        self._keeper = _LeaseKeeper(self.jobs, database, lease)
        self._watch = _Watch(self.jobs, lease)

    def __enter__(self) -> Self:
        self._threads.enter_context(self._keeper)
        self._threads.enter_context(self._watch)
        return self

    def __exit__(self, *exc: object) -> None:
        self._threads.close()

    def jobs(self) -> list[GuardedJob]:
        """The jobs that run now."""
        with self._lock:
            return list(self._jobs)

    @contextmanager
    def of(self, job: GuardedJob) -> Iterator[GuardedJob]:
        """Guard the job during the block."""
        with self._lock:
            self._jobs[job] = None
        try:
            yield job
        finally:
            with self._lock:
                del self._jobs[job]


class _LeaseKeeper(Background):
    """Renews the leases every quarter of their time, and stops jobs that somebody wants stopped."""

    def __init__(
        self, jobs: Callable[[], list[GuardedJob]], database: Engine, lease: float
    ) -> None:
        super().__init__("novel-leases", min(CHECK_EVERY, lease / 4))
        self._jobs = jobs
        self._database = database
        self._lease = lease

    def turn(self) -> bool:
        jobs = [job for job in self._jobs() if not job.is_stuck]
        for job in jobs:
            for check in job.checks:
                if (reason := check()) is not None:
                    job.switch.stop(reason)
        if not jobs:
            return True
        now = time.monotonic()
        # Between two renewals the same statement only looks for cancelled jobs.
        due = any(now - job.renewed >= self._lease / 4 for job in jobs)
        with session(self._database) as opened:
            states = renew(opened, [job.claim for job in jobs], self._lease if due else None)
        for job in jobs:
            held = states.get(job.claim.job_id, Held.LOST)
            if held is Held.LOST:
                job.switch.stop(_lost())
                continue
            if due:
                job.renewed = now
            if held is Held.CANCELLED:
                job.switch.stop(JobCancelled("Cancelled."))
        return True


class _Watch(Background):
    """Gives up jobs whose lease could not be renewed, and ends steps and crawls that hang."""

    def __init__(self, jobs: Callable[[], list[GuardedJob]], lease: float) -> None:
        super().__init__("novel-watch", min(WATCH_EVERY, lease / 4))
        self._jobs = jobs
        self._lease = lease

    def __enter__(self) -> Self:
        if HAS_TIMER:
            faulthandler.register(signal.SIGVTALRM, file=_STANDARD_ERROR, chain=True)
        self._rearm()
        return super().__enter__()

    def __exit__(self, *exc: object) -> None:
        super().__exit__(*exc)
        if HAS_TIMER:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            faulthandler.unregister(signal.SIGVTALRM)
        else:
            faulthandler.cancel_dump_traceback_later()

    def turn(self) -> bool:
        self._rearm()
        close_lost_connections()
        for job in self._jobs():
            if job.is_stuck:
                continue
            now = time.monotonic()
            if now - job.renewed >= self._lease:
                job.switch.stop(_lost())
            job.steps.interrupt_used_up()
            if (problem := job.problem(now, self._every)) is not None:
                job.end_stuck(*problem)
        return True

    def _rearm(self) -> None:
        if HAS_TIMER:
            signal.setitimer(signal.ITIMER_VIRTUAL, self._lease)
        else:
            faulthandler.dump_traceback_later(self._lease, exit=True, file=_STANDARD_ERROR)


def deadline(seconds: float) -> Check:
    """Return the check that fewer than `seconds` have passed since this call."""
    started = time.monotonic()

    def check() -> NovelError | None:
        if time.monotonic() - started < seconds:
            return None
        return DeadlinePassed(f"The attempt was not done within {seconds:g} seconds.")

    return check


def _lost() -> LeaseLost:
    return LeaseLost("The job's lease was lost to another process.")


def _with_step(reason: NovelError | None, step: Step) -> NovelError:
    if reason is None:
        return LeaseLost("The job was stopped.")
    if isinstance(reason, DeadlinePassed):
        return DeadlinePassed(f"{reason.message} {step.what} {step.url} was under way.")
    return reason
