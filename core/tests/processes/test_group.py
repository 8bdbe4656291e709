"""Processes that run together: restarts, and the exits that no restart would mend."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from novel_core.errors import InvalidSetting, ServiceError
from novel_core.processes.group import Part, ProcessGroup, program


class Lines(list[str]):
    """What a group has reported."""

    def report(self, _level: int, line: str) -> None:
        self.append(line)


def script(name: str, code: str) -> Part:
    return program(name, [sys.executable, "-c", code], os.environ)


def test_a_wrong_setting_ends_the_group_at_the_first_exit() -> None:
    lines = Lines()
    group = ProcessGroup([script("worker", "raise SystemExit(2)")], lines.report)
    with pytest.raises(InvalidSetting, match=r"^worker cannot run with these settings\.$") as error:
        group.run(lambda: False)
    assert (error.value.exit_code, error.value.hint) == (2, "See its output above.")
    assert lines == ["Stopping."]


def test_a_part_that_never_starts_ends_the_group() -> None:
    lines = Lines()
    group = ProcessGroup([script("API", "raise SystemExit(1)")], lines.report)
    with pytest.raises(ServiceError, match="API keeps exiting during startup"):
        group.run(lambda: False)
    assert lines == [
        "API exited (exit code 1); restarting in 1 s.",
        "API exited (exit code 1); restarting in 2 s.",
        "Stopping.",
    ]


def test_a_part_is_restarted_and_all_end_with_the_group(tmp_path: Path) -> None:
    """The second start waits to be ended; SIGTERM to the group's process ends it."""
    mark = tmp_path / "started"
    code = (
        "import pathlib, signal, sys\n"
        f"mark = pathlib.Path({str(mark)!r})\n"
        "sys.exit(5) if not mark.exists() and mark.write_text('once') else None\n"
        "mark.write_text('twice')\n"
        "signal.pause()\n"
    )
    lines = Lines()
    part = script("worker", code)

    def stop_when_started_twice() -> None:
        if mark.exists() and mark.read_text() == "twice":
            os.kill(os.getpid(), signal.SIGTERM)

    ProcessGroup([part], lines.report).run(check=stop_when_started_twice)
    assert lines == ["worker exited (exit code 5); restarting in 1 s.", "Stopping."]
    assert (part.starts, part.pid) == (2, None)
