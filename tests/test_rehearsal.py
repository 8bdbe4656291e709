"""The rehearsal before the fork does what each job would otherwise do for the first time."""

from __future__ import annotations

import subprocess
import sys

from working import service_environment

PROGRAM = """
from novel_core.content import canonical
from novel_core.runtime import open_runtime
from novel_worker.rehearsal import rehearse

with open_runtime() as runtime:
    rehearse(runtime)
assert canonical._canonical.cache_info().currsize, "compiled by every job"
assert canonical._canonical_tags.cache_info().currsize, "compiled by every job"
"""


def test_the_patterns_of_the_sanitiser_are_compiled_before_the_fork(database_url: str) -> None:
    environment = service_environment(DATABASE_URL=database_url)
    subprocess.run([sys.executable, "-c", PROGRAM], env=environment, check=True)
