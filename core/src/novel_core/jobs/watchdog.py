"""Ending a process whose parser hangs and reacts to no request to stop."""

from __future__ import annotations

import faulthandler
import signal
import time
from collections.abc import Callable
from typing import Self

from novel_core.errors import DeadlinePassed, LeaseLost, NovelError
from novel_core.jobs.background import Background
from novel_core.jobs.stop_switch import StopSwitch
from novel_core.steps import HAS_TIMER, Step, Steps

#: Seconds a step has to end after the job was stopped.
PATIENCE = 10.0
#: A step may take so many times its processor time by the clock, since it may sleep and the machine
#: may be busy.
_SLACK = 5.0
_INTERVAL = 0.5
_STANDARD_ERROR = 2


class Watchdog(Background):
    """A context manager that calls `end` when a step does not end.

    `end` gets the error and the step, and does not return. Where the step holds the interpreter
    lock, so that not even this thread can run, the process is ended with a traceback after `lease`
    seconds: then the lease has run out and the job is free. They are seconds of processor time
    where the system counts it: a process that was suspended continues and finds that its lease is
    lost.
    """

    def __init__(
        self,
        steps: Steps,
        switch: StopSwitch,
        lease: float,
        end: Callable[[NovelError, Step], None],
    ) -> None:
        super().__init__("novel-watchdog", _INTERVAL)
        self._steps = steps
        self._switch = switch
        self._lease = lease
        self._end = end
        self._stopped_at: float | None = None

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
        step, now = self._steps.current, time.monotonic()
        reason = self._switch.error
        if reason is not None and self._stopped_at is None:
            self._stopped_at = now
        if step is None:
            return True
        if self._stopped_at is not None and now - max(self._stopped_at, step.since) > PATIENCE:
            self._end(_with_step(reason, step), step)
            return False
        if now - step.since > _SLACK * self._steps.seconds:
            self._end(self._steps.too_slow(step), step)
            return False
        return True

    def _rearm(self) -> None:
        if HAS_TIMER:
            signal.setitimer(signal.ITIMER_VIRTUAL, self._lease)
        else:
            faulthandler.dump_traceback_later(self._lease, exit=True, file=_STANDARD_ERROR)


def _with_step(reason: NovelError | None, step: Step) -> NovelError:
    if reason is None:
        return LeaseLost("The job was stopped.")
    if isinstance(reason, DeadlinePassed):
        return DeadlinePassed(f"{reason.message} {step.what} {step.url} was under way.")
    return reason
