"""What those who keep other processes running have in common: when one is started again, how it ended, and its end by force."""

from __future__ import annotations

import signal
from contextlib import suppress
from dataclasses import dataclass

import psutil

#: What dies at once is started again after so many seconds, doubling up to the longest while it does not stay.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 15.0
#: What has run for so many seconds was well.
WELL_AFTER = 30.0


@dataclass(slots=True)
class Restarts:
    """When a process that keeps dying is started again; times are seconds of one monotonic clock.

    >>> restarts = Restarts()
    >>> restarts.started(now=0.0)
    >>> restarts.died(now=0.5), restarts.is_due(now=1.0), restarts.is_due(now=1.5)
    (1.0, False, True)
    """

    due: float = 0.0
    _started: float = 0.0
    _pause: float = FIRST_PAUSE

    def is_due(self, now: float) -> bool:
        return now >= self.due

    def started(self, now: float) -> None:
        self._started = now

    def died(self, now: float) -> float:
        """Seconds until it is started again."""
        pause = FIRST_PAUSE if now - self._started > WELL_AFTER else self._pause
        self._pause = min(pause * 2, LONGEST_PAUSE)
        self.due = now + pause
        return pause


def how_ended(code: int) -> str:
    """An exit code in words; a negative one is a signal's number.

    >>> how_ended(-9), how_ended(1)
    ('SIGKILL', 'exit code 1')
    """
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def kill_family(pid: int) -> None:
    """Kill a process and all its descendants, whatever process group they are in."""
    family: list[psutil.Process] = []
    with suppress(psutil.NoSuchProcess):
        leader = psutil.Process(pid)
        family = [*leader.children(recursive=True), leader]
    for member in family:
        with suppress(psutil.NoSuchProcess):
            member.kill()
