"""A process ends with its parent, by the kernel's signal or by the thread that stands in for it."""

from __future__ import annotations

import signal
import subprocess
import sys

import psutil
import pytest
from polling import eventually
from programs import runs

from novel_core.processes import parent

_CHILD = """
import signal, sys, threading, os
from novel_core.processes import parent
{call}
print(os.getpid(), flush=True)
signal.pause()
"""
_PARENT = """
import subprocess, sys
subprocess.Popen([sys.executable, "-c", {child!r}])
sys.stdin.read()
"""
_BY_THREAD = (
    "threading.Thread(target=parent.watch_parent, args=(os.getppid(), 15), daemon=True).start()"
)


@pytest.mark.parametrize("call", ["parent.end_with_parent()", _BY_THREAD])
def test_a_child_ends_when_its_parent_is_killed(call: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _PARENT.format(child=_CHILD.format(call=call))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as above:
        assert above.stdout is not None
        child = int(above.stdout.readline())
        assert psutil.Process(child).ppid() == above.pid
        above.send_signal(signal.SIGKILL)
        eventually(lambda: not runs(child))


def test_a_child_whose_parent_is_gone_already_ends_at_once() -> None:
    code = "from novel_core.processes import parent; parent.end_with_parent(1)"
    ran = subprocess.run([sys.executable, "-c", code], check=False, timeout=60)
    assert ran.returncode == -signal.SIGTERM


def test_a_program_that_is_started_for_a_parent_that_is_gone_does_not_run() -> None:
    ran = subprocess.run(
        [sys.executable, "-I", "-S", parent.__file__, "1", "/bin/echo", "ran"],
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert (ran.returncode, ran.stdout) == (1, b"")
