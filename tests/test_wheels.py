"""The files in the wheels, and a demo that runs from wheels only."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

PROJECTS = (
    "core",
    "plugins/royalroad",
    "plugins/royalroad/lookalike",
    "plugins/ao3",
    "plugins/ao3/lookalike",
    "plugins/wordpress",
    "plugins/wordpress/lookalike",
    "plugins/xenforo",
    "plugins/xenforo/lookalike",
)


def run(*command: str | Path, folder: Path) -> str:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("PYTHON")
    }
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment | {"PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def dist(project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source distribution and the wheel of each project."""
    target = tmp_path_factory.mktemp("dist")
    for project in PROJECTS:
        build = [sys.executable, "-m", "hatchling", "build", "-d", target]
        run(*build, folder=project_root / project)
    return target


@pytest.mark.parametrize("name", ["royalroad", "ao3", "wordpress", "xenforo"])
def test_a_plugin_and_its_lookalike_share_no_file(dist: Path, name: str) -> None:
    [wheel] = dist.glob(f"novel_{name}-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        files = archive.namelist()
    assert f"novel_{name}/parser.py" in files
    assert not [file for file in files if "lookalike" in file]
    [source] = dist.glob(f"novel_{name}-*.tar.gz")
    with tarfile.open(source) as unpacked:
        files = unpacked.getnames()
    assert not [file for file in files if "lookalike" in file]
    [lookalike] = dist.glob(f"novel_{name}_lookalike-*.whl")
    with zipfile.ZipFile(lookalike) as archive:
        tops = {file.split("/")[0] for file in archive.namelist()}
    assert tops == {f"novel_{name}_lookalike", f"novel_{name}_lookalike-0.1.0.dist-info"}


def test_the_demo_runs_from_wheels(dist: Path, project_root: Path, tmp_path: Path) -> None:
    """Only dependencies are from this environment: no module of the repository is imported."""
    venv.create(tmp_path / "env", with_pip=False)
    python = tmp_path / "env" / "bin" / "python"
    [packages] = (tmp_path / "env" / "lib").glob("python*/site-packages")
    install = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet"]
    run(*install, "--no-index", "--no-deps", *dist.glob("*.whl"), folder=tmp_path)
    # A line of a path, as here, adds the folder without the editable packages in it.
    (packages / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    modules = "novel_core, novel_royalroad, novel_royalroad_lookalike, novel_ao3"
    script = f"import {modules}; print(*(m.__file__ for m in ({modules})), sep='\\n')"
    places = run(python, "-c", script, folder=tmp_path).splitlines()
    assert all(Path(place).is_relative_to(packages) for place in places), places
    printed = run(python, project_root / "tools" / "demo.py", folder=tmp_path)
    assert "24 new" in printed
    assert "1 new" in printed
