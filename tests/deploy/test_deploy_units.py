"""The systemd units, judged by systemd itself."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

UNITS = ("novel-api.service", "novel-worker@.service")
#: Of ten: systemd's own estimate of what a broken-into service could do. A unit without any hardening is at 9.6.
EXPOSURE = "25"


#: They ask `systemd-analyze`.
pytestmark = pytest.mark.system


@pytest.fixture(params=UNITS)
def unit(request: pytest.FixtureRequest, project_root: Path, tmp_path: Path) -> Path:
    """The unit, with a program that is there."""
    text = (project_root / "deploy" / "systemd" / request.param).read_text(encoding="utf-8")
    assert "ExecStart=/opt/novel/bin/novel " in text
    copy = tmp_path / str(request.param)
    copy.write_text(text.replace("/opt/novel/bin/novel", "/bin/true"), encoding="utf-8")
    return copy


def analyze(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *arguments], capture_output=True, text=True, check=False, timeout=60
    )


def test_systemd_has_nothing_to_say(unit: Path) -> None:
    judged = analyze("verify", unit)
    assert judged.returncode == 0, judged.stderr
    assert str(unit.parent) not in judged.stderr, judged.stderr


def test_systemd_would_say_something_about_a_mistake(unit: Path) -> None:
    unit.write_text(unit.read_text().replace("KillMode=mixed", "KillMode=sometimes"))
    assert "sometimes" in analyze("verify", unit).stderr


def test_a_broken_into_service_can_do_little(unit: Path) -> None:
    judged = analyze("security", "--offline=true", "--no-pager", f"--threshold={EXPOSURE}", unit)
    assert judged.returncode == 0, judged.stdout


def test_stopping_leaves_the_job_time_to_be_handed_back(unit: Path) -> None:
    lines = unit.read_text().splitlines()
    assert {"KillMode=mixed", "TimeoutStopSec=15", "Restart=always"} <= set(lines)


def test_the_number_of_open_files_is_set(unit: Path) -> None:
    assert "LimitNOFILE=8192" in unit.read_text().splitlines()


def test_a_worker_runs_many_crawls_in_bounded_memory(project_root: Path) -> None:
    lines = (project_root / "deploy" / "systemd" / UNITS[1]).read_text().splitlines()
    assert "ExecStart=/opt/novel/bin/novel worker --processes 1 --crawls 32" in lines
    assert {"MemoryMax=3G", "OOMPolicy=continue"} <= set(lines)
