"""Processes that run together: one that exits is started again, and all end together.

`novel up` runs the API and the worker this way, `novel worker` its workers and its housekeeper.
"""

from __future__ import annotations

import logging
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType
from typing import NoReturn

from novel_core.errors import InvalidSetting, ServiceError
from novel_core.processes import parent
from novel_core.processes.restarts import RestartBackoff, describe_exit, kill_tree

#: A part that has exited so often before all are ready will not start by repetition.
_TRIES = 3
_STEP = 0.05
#: A closed terminal means the end, as Ctrl-C does.
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
#: Receives a line for the operator and its logging level.
Report = Callable[[int, str], object]


@dataclass(slots=True)
class Part:
    """A process of the group. `spawn` starts it as a process group's leader and returns its id."""

    name: str
    spawn: Callable[[], int]
    pid: int | None = None
    last_pid: int | None = None
    backoff: RestartBackoff = field(default_factory=RestartBackoff)
    starts: int = 0

    def start(self) -> None:
        if self.last_pid is not None:
            # Its children may hold what it needs.
            _signal_group(self.last_pid, signal.SIGKILL)
        self.backoff.started(time.monotonic())
        self.starts += 1
        self.pid = self.last_pid = self.spawn()

    def poll(self) -> int | None:
        """The exit code, once, after the process has exited."""
        if self.pid is None:
            return None
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        if not pid:
            return None
        _signal_group(self.pid, signal.SIGTERM)
        self.pid = None
        return os.waitstatus_to_exitcode(status)


def program(name: str, command: Sequence[str], environment: Mapping[str, str]) -> Part:
    """A part that is another program. `command` begins with the program's path."""
    argv = [sys.executable, "-I", "-S", parent.__file__, str(os.getpid()), *command]
    no_input = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)]

    def spawn() -> int:
        return os.posix_spawn(argv[0], argv, environment, file_actions=no_input, setpgroup=0)

    return Part(name, spawn)


def fork(name: str, run: Callable[[], int]) -> Part:
    """A part that is a fork of this process, which must have no threads; `run` is its exit code."""

    def spawn() -> int:
        supervisor = os.getpid()
        pid = os.fork()
        if not pid:
            _live(run, supervisor)
        return pid

    return Part(name, spawn)


def _live(run: Callable[[], int], supervisor: int) -> NoReturn:
    """The whole life of a forked child, without what its parent registered to run at exit."""
    code = 1
    try:
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        # Ctrl-C then reaches the supervisor only, which ends the others in order.
        os.setpgid(0, 0)
        parent.end_with_parent(supervisor)
        random.seed()
        code = run()
    finally:
        logging.shutdown()
        os._exit(code)


class ProcessGroup:
    """Runs its parts until SIGINT, SIGTERM or SIGHUP, in the main thread.

    They then have `patience` seconds to end.

    ```python
    api = program("API", [sys.executable, "-m", "novel_api"], os.environ)
    ProcessGroup([api], logger.log).run()
    ```
    """

    def __init__(self, parts: Sequence[Part], report: Report, *, patience: float = 4.0) -> None:
        self._parts = parts
        self._report = report
        self._patience = patience
        self._signals: list[int] = []

    def run(
        self, is_ready: Callable[[], bool] | None = None, check: Callable[[], None] | None = None
    ) -> None:
        """Run until a signal. `is_ready` is called until it is true once, `check` all the time.

        InvalidSetting when a part exits because of a wrong setting, ServiceError when one keeps
        exiting before all are ready.
        """
        previous = {
            number: signal.signal(number, self._stop)
            for number in _SIGNALS
            if signal.getsignal(number) is not signal.SIG_IGN  # as set by nohup
        }
        ready = is_ready is None
        try:
            while not self._signals:
                if check is not None:
                    check()
                self._start_due()
                self._reap(ready=ready)
                ready = ready or (is_ready is not None and is_ready())
                time.sleep(_STEP)
        finally:
            self._end()
            for number, handler in previous.items():
                signal.signal(number, handler)

    def _stop(self, number: int, _frame: FrameType | None) -> None:
        self._signals.append(number)

    def _start_due(self) -> None:
        for part in self._parts:
            if part.pid is None and part.backoff.is_due(time.monotonic()):
                part.start()

    def _reap(self, *, ready: bool) -> None:
        for part in self._parts:
            code = part.poll()
            if code is None or self._signals:
                continue
            if code == InvalidSetting.exit_code:
                # Another start would meet the same setting.
                raise InvalidSetting(
                    f"{part.name} cannot run with these settings.", hint="See its output above."
                )
            how = describe_exit(code)
            if part.starts == _TRIES and not ready:
                raise ServiceError(
                    f"{part.name} keeps exiting during startup ({how}).",
                    hint="See its output above.",
                )
            pause = part.backoff.exited(time.monotonic())
            self._report(
                logging.WARNING, f"{part.name} exited ({how}); restarting in {pause:.0f} s."
            )

    def _end(self) -> None:
        for part in self._parts:
            if part.pid is not None:
                os.kill(part.pid, signal.SIGTERM)
        self._report(logging.INFO, "Stopping.")
        until = time.monotonic() + self._patience
        before = self._signals.count(signal.SIGINT)
        while any(part.pid for part in self._parts):
            for part in self._parts:
                part.poll()
            if time.monotonic() > until or self._signals.count(signal.SIGINT) > before:
                # Too slow, or Ctrl-C once more.
                break
            time.sleep(_STEP)
        for part in self._parts:
            if part.pid is not None:
                self._report(logging.WARNING, f"{part.name} does not stop; killing it.")
                kill_tree(part.pid)
                os.waitpid(part.pid, 0)
                part.pid = None


def _signal_group(leader: int, number: signal.Signals) -> None:
    """Signal the processes of the group that still run."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)
