"""Programs that are run together: what dies is started again, and all end together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from novel_core.cli.output import say
from novel_core.errors import ServiceError, UsageError
from novel_core.processes import launch
from novel_core.processes.restarts import Restarts, how_ended, kill_family

#: A part that ends so often before all is ready will not run by trying on.
_TRIES = 3
#: Seconds that the parts have to end in good order.
_PATIENCE = 4.0
_STEP = 0.05
#: A closed terminal means the end, as Ctrl-C does.
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(slots=True)
class Part:
    """A program, and how it has been. It gets a process group of its own: Ctrl-C reaches us only."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    last_pid: int | None = None
    restarts: Restarts = field(default_factory=Restarts)
    starts: int = 0

    def start(self, environment: Mapping[str, str]) -> None:
        if self.last_pid is not None:
            _signal_group(self.last_pid, signal.SIGKILL)  # its children may hold what it needs
        self.restarts.started(time.monotonic())
        self.starts += 1
        launcher = [sys.executable, "-I", "-S", str(Path(launch.__file__)), str(os.getpid())]
        self.process = subprocess.Popen(  # noqa: S603 - our own command line
            [*launcher, *self.command],
            env=environment,
            stdin=subprocess.DEVNULL,
            process_group=0,
        )
        self.last_pid = self.process.pid

    def has_ended(self) -> int | None:
        """The exit code, once, when it runs no more."""
        code = self.process.poll() if self.process is not None else None
        if code is None:
            return None
        assert self.process is not None
        _signal_group(self.process.pid, signal.SIGTERM)
        self.process = None
        return code


class Crew:
    """Runs the parts until SIGINT, SIGTERM or SIGHUP; then they have a few seconds. Belongs into the main thread.

    ```python
    Crew([Part("API", [sys.executable, "-m", "novel_api"])], os.environ).run(lambda: True)
    ```
    """

    def __init__(self, parts: Sequence[Part], environment: Mapping[str, str]) -> None:
        self._parts = parts
        self._environment = environment
        self._told_to_stop = 0
        self._is_ready = False

    def run(self, ready: Callable[[], bool], watch: Callable[[], None] | None = None) -> None:
        """`ready` is asked again and again until it is true, `watch` is called all the time.

        ServiceError when a part cannot be brought to run.
        """
        previous = {
            number: signal.signal(number, self._stop)
            for number in _SIGNALS
            if signal.getsignal(number) is not signal.SIG_IGN  # as nohup wishes
        }
        try:
            while not self._told_to_stop:
                self._start_due()
                self._reap()
                if watch is not None:
                    watch()
                self._is_ready = self._is_ready or ready()
                time.sleep(_STEP)
        finally:
            self._end()
            for number, handler in previous.items():
                signal.signal(number, handler)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._told_to_stop += 1

    def _start_due(self) -> None:
        for part in self._parts:
            if part.process is None and part.restarts.is_due(time.monotonic()):
                part.start(self._environment)

    def _reap(self) -> None:
        for part in self._parts:
            code = part.has_ended()
            if code is not None:
                if code == UsageError.exit_code:
                    raise ServiceError(
                        f"The {part.name} cannot run with these settings: another start would meet the same.",
                        hint="Its own words are above.",
                    )
                if part.starts == _TRIES and not self._is_ready:
                    raise ServiceError(
                        f"The {part.name} does not start ({how_ended(code)}).",
                        hint="Its own words are above.",
                    )
                pause = part.restarts.died(time.monotonic())
                _tell(f"The {part.name} ended ({how_ended(code)}): starts again in {pause:.0f} s.")

    def _end(self) -> None:
        for part in self._parts:
            if part.process is not None:
                part.process.terminate()
        _tell("Stopping.")
        until = time.monotonic() + _PATIENCE
        told = self._told_to_stop
        while any(part.process for part in self._parts):
            for part in self._parts:
                part.has_ended()
            if time.monotonic() > until or self._told_to_stop > told:
                break  # too slow, or asked a second time
            time.sleep(_STEP)
        for part in self._parts:
            if part.process is not None:
                _tell(f"The {part.name} does not end: killed.")
                kill_family(part.process.pid)
                part.process.wait()


def _tell(line: str) -> None:
    with suppress(
        OSError
    ):  # the terminal may be gone, and that must not keep the parts from ending
        say(line)


def _signal_group(leader: int, number: signal.Signals) -> None:
    """Those of a part's group who are still there."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)
