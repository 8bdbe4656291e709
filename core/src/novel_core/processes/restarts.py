"""When a process that keeps exiting is started again, how it ended, and its end by force."""

from __future__ import annotations

import signal
from contextlib import suppress
from dataclasses import dataclass

import psutil

#: Seconds before a process that exits at once is restarted: doubled each time up to the longest.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 15.0
#: Seconds of running after which the pauses begin with the first one again.
STABLE_AFTER = 30.0


@dataclass(slots=True)
class RestartBackoff:
    """The pauses between the restarts of one process; times are seconds of one monotonic clock.

    >>> backoff = RestartBackoff()
    >>> backoff.started(now=0.0)
    >>> backoff.exited(now=0.5), backoff.is_due(now=1.0), backoff.is_due(now=1.5)
    (1.0, False, True)
    """

    due: float = 0.0
    _started: float = 0.0
    _pause: float = FIRST_PAUSE

    def is_due(self, now: float) -> bool:
        return now >= self.due

    def started(self, now: float) -> None:
        self._started = now

    def exited(self, now: float) -> float:
        """The pause in seconds until the next start."""
        pause = FIRST_PAUSE if now - self._started > STABLE_AFTER else self._pause
        self._pause = min(pause * 2, LONGEST_PAUSE)
        self.due = now + pause
        return pause


def describe_exit(code: int) -> str:
    """An exit code in words; a negative one is a signal's number.

    >>> describe_exit(-9), describe_exit(1)
    ('SIGKILL', 'exit code 1')
    """
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def kill_tree(pid: int) -> None:
    """Kill a process and all its descendants, in any process group."""
    tree: list[psutil.Process] = []
    with suppress(psutil.NoSuchProcess):
        leader = psutil.Process(pid)
        tree = [*leader.children(recursive=True), leader]
    for member in tree:
        with suppress(psutil.NoSuchProcess):
            member.kill()
