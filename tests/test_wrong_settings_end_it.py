"""A wrong setting ends a process of the service at once: it is no crash to start again from."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from working import service_environment

SECRET = "hunter2"
_SCRIPT = """
import sys
from novel_core.errors import InvalidSetting
from novel_core.logs import set_up_logging
from novel_core.cli.main import run_command
from novel_core.runtime import open_runtime
from novel_worker.supervisor import Supervisor

class Misconfigured(Supervisor):
    def _work(self):
        raise InvalidSetting("NOVEL_SOMETHING is wrong.", hint="Set it right.")

def command():
    set_up_logging()
    with open_runtime(queue=True) as runtime:
        Misconfigured(runtime, 1, 1).run()

run_command(command)
"""


@pytest.mark.parametrize("program", ["novel_worker", "novel_api"])
@pytest.mark.parametrize(
    "url", [f"redis://:{SECRET}#x@127.0.0.1:6379/0", f"redis://:x#{SECRET}@127.0.0.1:6379/0"]
)
def test_an_unescaped_password(program: str, url: str, database_url: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", program],
        env=service_environment(DATABASE_URL=database_url, REDIS_URL=url),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 2
    assert ran.stdout == ""
    assert [line.split(":")[0] for line in ran.stderr.splitlines()] == [
        "novel",
        "  Percent-encode special characters of a password",
    ]
    assert SECRET not in ran.stderr


def test_a_child_with_a_wrong_setting_ends_the_supervisor(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    script = tmp_path / "misconfigured.py"
    script.write_text(_SCRIPT)
    ran = subprocess.run(
        [sys.executable, script],
        env=service_environment(DATABASE_URL=database_url, REDIS_URL=redis_url),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 2
    assert "NOVEL_SOMETHING is wrong. Set it right." in ran.stderr
    assert "restarting" not in ran.stderr
    assert "Traceback" not in ran.stderr
