"""One server process of the guard; it cannot outlive the guard."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from novel_core.errors import ServiceError
from novel_core.processes.parent import request_signal
from novel_core.services.logs import open_log
from novel_core.services.orphans import lock_directory
from novel_core.services.start_errors import describe_os_error, failed_start, tail

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from novel_core.services.account import Account

START_PATIENCE = 120.0
STOP_PATIENCE = 30.0
_POLL = 0.005
# The variables passed on to the servers: no PGDATA or PGOPTIONS, and no secrets.
_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a server is run. `directory` is its working directory once it runs.

    `tidy` is called before a start, when no earlier server runs; `ready` gets the process id;
    `stop_signals` are tried in turn.
    """

    name: str
    title: str
    directory: Path
    command: tuple[str, ...]
    account: Account | None
    cwd: Path
    descriptors: tuple[int, ...]
    tidy: Callable[[], None]
    ready: Callable[[int], bool]
    stop_signals: tuple[signal.Signals, ...]
    lock: Path
    log: Path


class Server:
    """A running server; `restarts` counts its restarts."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.restarts = 0
        self._process = self._start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def has_ended(self) -> int | None:
        return self._process.poll()

    def restart(self) -> None:
        self.restarts += 1
        self._process = self._start()

    def stop(self) -> None:
        """Stop it and wait for its end."""
        self.send_stop_signal()
        self.wait()

    def send_stop_signal(self) -> None:
        self._process.send_signal(self.recipe.stop_signals[0])

    def wait(self) -> None:
        for stronger in (*self.recipe.stop_signals[1:], signal.SIGKILL):
            try:
                self._process.wait(STOP_PATIENCE)
            except subprocess.TimeoutExpired:
                self._process.send_signal(stronger)
            else:
                return
        self._process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        recipe = self.recipe
        lock = lock_directory(recipe.lock, recipe.directory, recipe.title, recipe.stop_signals[0])
        recipe.tidy()
        log = open_log(recipe.log)
        since = recipe.log.stat().st_size
        try:
            process = subprocess.Popen(  # noqa: S603 - our own command line
                recipe.command,
                cwd=recipe.cwd,
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(lock, *recipe.descriptors),
                **identity(recipe.account, recipe.stop_signals[0]),
            )
        except (OSError, subprocess.SubprocessError) as error:
            words = describe_os_error(error) if isinstance(error, OSError) else str(error)
            raise ServiceError(
                f"{recipe.title} did not start: {words} ({recipe.command[0]})."
                f" Its log is {recipe.log}."
            ) from error
        finally:
            os.close(lock)
            os.close(log)
        try:
            self._await_ready(process, since)
        except BaseException:
            process.kill()
            process.wait()
            raise
        return process

    def _await_ready(self, process: subprocess.Popen[bytes], since: int) -> None:
        recipe = self.recipe
        deadline = time.monotonic() + START_PATIENCE
        while not recipe.ready(process.pid):
            if process.poll() is not None:
                raise failed_start(recipe.title, tail(recipe.log, since), recipe.log)
            if time.monotonic() > deadline:
                raise ServiceError(
                    f"{recipe.title} was not ready after {START_PATIENCE:.0f} s."
                    f" Its log is {recipe.log}."
                )
            time.sleep(_POLL)


def environment() -> dict[str, str]:
    """The environment of a server."""
    kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}


def identity(account: Account | None, last_signal: signal.Signals) -> dict[str, Any]:
    """Arguments for Popen: the child changes its account, then requests a signal.

    The kernel sends the signal when the guard dies. In this order, which is Popen's own: a change
    of the account cancels the request.
    """
    guard = os.getpid()

    def in_child() -> None:
        request_signal(last_signal)
        # The guard may have died before the request.
        if os.getppid() != guard:
            os._exit(1)

    changed: dict[str, Any] = {}
    if account is not None and account.changed:
        changed = {"user": account.uid, "group": account.gid, "extra_groups": ()}
    return {"preexec_fn": in_child, **changed}


def run_once(
    command: Sequence[str], *, descriptors: tuple[int, ...], account: Account, typed: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a helper program to its end; it ends with the guard."""
    return subprocess.run(  # noqa: S603 - our own command line
        command,
        cwd="/",
        pass_fds=descriptors,
        env=environment(),
        input=typed,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        **identity(account, signal.SIGKILL),
    )
