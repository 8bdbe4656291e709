"""Programs that a test runs beside itself: their words in a file, their end with the test's, however that ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import psutil

from novel_core.processes import parent

#: The environment's own programs: `rq`, `novel`, `supervisord`.
PROGRAMS = Path(sys.executable).parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            # A port nobody listens on may be given to the very connection that asks for it.
            return bool(connection.getsockname() != connection.getpeername())
    except OSError:
        return False


def runs(pid: int) -> bool:
    """Not counting the dead whom nobody has buried."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


class Program:
    """Runs `command` for as long as the block; `said` is what it has printed."""

    def __init__(
        self, command: Sequence[str | Path], environment: Mapping[str, str], folder: Path
    ) -> None:
        self._command = [str(part) for part in command]
        self._environment = {
            **os.environ,
            "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}",
            **environment,
        }
        self._folder = folder
        self.log = folder / f"{Path(self._command[0]).name}-{free_port()}.log"

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def family(self, words: str = "") -> list[psutil.Process]:
        """The processes below it whose command line holds the words."""
        below = psutil.Process(self.pid).children(recursive=True)
        return [process for process in below if words in " ".join(_command_of(process))]

    def end(self, number: signal.Signals = signal.SIGTERM, timeout: float = 20.0) -> int:
        """Its exit code, after the signal."""
        self.process.send_signal(number)
        return self.process.wait(timeout)

    def __enter__(self) -> Self:
        launcher = [sys.executable, "-I", "-S", parent.__file__, str(os.getpid())]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*launcher, *self._command],
                env=self._environment,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=0,
            )
        return self

    def __exit__(self, *exc: object) -> None:
        if self.process.poll() is None:
            below = psutil.Process(self.pid).children(recursive=True)
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            for process in below:
                if runs(process.pid):
                    process.kill()
            psutil.wait_procs(below, 5)


def _command_of(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def ask(command: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> str:
    """What a program prints; it must end well."""
    program = str(command[0])
    ran = subprocess.run(
        [PROGRAMS / program if (PROGRAMS / program).exists() else program, *command[1:]],
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 0, f"{command}\n{ran.stdout}{ran.stderr}"
    return ran.stdout + ran.stderr
