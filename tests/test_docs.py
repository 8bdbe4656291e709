"""The documents' commands are executed, in their order, over the look-alike and embedded servers."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from novel_core import services
from novel_core.cli.ingest_result import RESULT
from novel_core.jobs.views import COUNTS
from novel_royalroad_lookalike import Fiction, Library, LookalikeServer

#: Executed elsewhere, or by nobody: the two chores CI runs themselves, one that edits, and the shell's own.
NOT_HERE = {"make demo", "make test", "make check", "make fix", ". .venv/bin/activate"}
DOCUMENTS = (
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "docs/architecture.md",
    "docs/deployment.md",
    "docs/operations.md",
    "docs/original-guide.md",
)


def commands(document: Path) -> list[str]:
    """The lines after `$ ` in console blocks."""
    found: list[str] = []
    inside = False
    for line in document.read_text(encoding="utf-8").splitlines():
        if line.startswith("```"):
            inside = line == "```console"
        elif inside and line.startswith("$ "):
            found.append(line[2:])
    return found


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_works(project_root: Path, tmp_path: Path, document: str) -> None:
    fiction = Fiction.generate(33844, chapters=6)
    fiction.title, fiction.slug = "The Runesmith", "the-runesmith"
    with LookalikeServer(Library([fiction])) as site:
        environment = os.environ | {
            "NOVEL_DATA_DIR": str(tmp_path),
            "NOVEL_HOST_MAP": site.host_map,
            "NOVEL_SOURCES__ROYALROAD__REQUESTS_PER_SECOND": "0",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }
        asked = commands(project_root / document)
        try:
            if any(command.startswith("novel ingest") for command in asked):
                # Else each command would start servers of its own.
                services.start(tmp_path)
            for command in asked:
                if command in NOT_HERE:
                    continue
                ran = subprocess.run(
                    shlex.split(command),
                    cwd=project_root,
                    env=environment,
                    capture_output=True,
                    text=True,
                    check=False,
                )
                assert ran.returncode == 0, f"$ {command}\n{ran.stdout}{ran.stderr}"
        finally:
            services.stop(tmp_path, force=True)


def test_the_commands_not_executed_are_still_in_the_documents(project_root: Path) -> None:
    written = {command for name in DOCUMENTS for command in commands(project_root / name)}
    assert written >= NOT_HERE


def test_the_readme_shows_the_object_that_ingest_prints(project_root: Path) -> None:
    text = (project_root / "README.md").read_text(encoding="utf-8")
    shown = json.loads(text.split("```json\n", 1)[1].split("```", 1)[0])
    assert list(shown) == list(RESULT)
    assert list(shown["chapters"]) == list(COUNTS)


def test_the_readme_names_the_test_command_of_ci(project_root: Path) -> None:
    assert "make test" in (project_root / ".ci" / "run").read_text(encoding="utf-8")
    assert "$ make test" in (project_root / "README.md").read_text(encoding="utf-8")
