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

#: A turn of the watch that comes so many times later than it should was late because the process
#: stood still.
_LATE = 4

#: A reason to stop, or None.
Check = Callable[[], NovelError | None]
#: Ends a job that hangs, in a step or in its event loop (None), and reacts to nothing.
End = Callable[[NovelError, Step | None], None]


class _Stopwatch:
    """For how many seconds a value has been the same."""

    def __init__(self) -> None:
        self._value: object = None
        self._seconds = 0.0

    def after(self, elapsed: float, value: object) -> float:
        """The seconds, `elapsed` seconds after the last call."""
        self._seconds = self._seconds + elapsed if value == self._value else 0.0
        self._value = value
        return self._seconds


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
    _unrenewed: _Stopwatch = field(default_factory=_Stopwatch)
    _in_step: _Stopwatch = field(default_factory=_Stopwatch)
    _stopping: _Stopwatch = field(default_factory=_Stopwatch)
    _silent: _Stopwatch = field(default_factory=_Stopwatch)
    _context: Context = field(default_factory=copy_context)

    def problem(self, elapsed: float) -> tuple[NovelError, Step | None] | None:
        """What hangs, and the error it ends with; None if nothing does.

        `elapsed` are the seconds since the last look in which this process was running.
        """
        reason, step = self.switch.error, self.steps.current
        lease, unrenewed = self.claim.lease, self._unrenewed.after(elapsed, self.renewed)
        stopping, in_step = (
            self._stopping.after(elapsed, reason),
            self._in_step.after(elapsed, step),
        )
        silent = self._silent.after(elapsed, (self.steps.beat, step))
        if unrenewed >= lease:
            self.switch.stop(_lost())
        # A lease may be shorter than the beat of a loop, or than the end of a request.
        patience = max(lease, PATIENCE)
        if unrenewed >= lease and stopping > patience:
            # Its own thread waits for the same server, which may never answer.
            return _lost(), step
        if step is None:
            return self._silence() if self.steps.beat is not None and silent > patience else None
        if reason is not None and min(stopping, in_step) > PATIENCE:
            return _with_step(reason, step), step
        if in_step > _SLACK * self.steps.seconds:
            return self.steps.too_slow(step), step
        return None

    def _silence(self) -> tuple[NovelError, None]:
        """An event loop that has not turned for so long: code in the loop waits or works."""
        return PluginError(
            f"The spider of {self.claim.source!r} kept its crawl from going on for"
            f" {max(self.claim.lease, PATIENCE):g} seconds."
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
    with a traceback after `patience` seconds, by default the lease, and its jobs are free. They
    are seconds of processor time where the system counts it: a process that was suspended continues
    and finds that its leases are lost.
    """

    def __init__(self, database: Engine, lease: float, patience: float | None = None) -> None:
        self._jobs: dict[GuardedJob, None] = {}
        self._lock = threading.Lock()
        self._threads = ExitStack()
        self._keeper = _LeaseKeeper(self.jobs, database, lease)
        self._watch = _Watch(self.jobs, lease, patience or lease)

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

    def __init__(self, jobs: Callable[[], list[GuardedJob]], lease: float, patience: float) -> None:
        super().__init__("novel-watch", min(WATCH_EVERY, lease / 4))
        self._jobs = jobs
        self._patience = patience
        self._looked = time.monotonic()

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
        now = time.monotonic()
        # Time in which the process was suspended is nobody's fault: the keeper finds out what it
        # cost.
        elapsed = min(now - self._looked, _LATE * self._every)
        self._looked = now
        for job in self._jobs():
            if job.is_stuck:
                continue
            job.steps.interrupt_used_up()
            if (problem := job.problem(elapsed)) is not None:
                job.end_stuck(*problem)
        return True

    def _rearm(self) -> None:
        if HAS_TIMER:
            signal.setitimer(signal.ITIMER_VIRTUAL, self._patience)
        else:
            faulthandler.dump_traceback_later(self._patience, exit=True, file=_STANDARD_ERROR)


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
