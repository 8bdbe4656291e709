"""The image's recipe, judged by hadolint."""

from __future__ import annotations

import subprocess
from pathlib import Path

from programs import PROGRAMS


def lint(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PROGRAMS / "hadolint", "--no-color", path],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def recipe(project_root: Path) -> str:
    return (project_root / "deploy" / "Dockerfile").read_text(encoding="utf-8")


def test_hadolint_has_nothing_to_say(project_root: Path) -> None:
    judged = lint(project_root / "deploy" / "Dockerfile")
    assert (judged.returncode, judged.stdout) == (0, "")


def test_hadolint_would_say_something_about_a_mistake(project_root: Path, tmp_path: Path) -> None:
    worse = tmp_path / "Dockerfile"
    worse.write_text(recipe(project_root).replace('ENTRYPOINT ["novel"]', "ENTRYPOINT novel"))
    assert "DL3025" in lint(worse).stdout


def test_the_image_runs_without_root(project_root: Path) -> None:
    users = [line for line in recipe(project_root).splitlines() if line.startswith("USER ")]
    assert users == ["USER 10001:10001"]


def test_all_that_is_copied_is_there_and_let_in(project_root: Path) -> None:
    allowed = (project_root / "deploy" / "Dockerfile.dockerignore").read_text(encoding="utf-8")
    for line in recipe(project_root).splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            source = line.split()[1]
            assert (project_root / source).exists()
            assert f"!{source}\n" in allowed
