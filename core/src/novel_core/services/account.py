"""Which account a server runs as, and what that account can reach.

PostgreSQL refuses to run as root. Under root it runs as the owner of its cluster, which is `nobody` from the
first start on.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import stat
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from novel_core.errors import ServiceError
from novel_core.services.start_errors import in_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from novel_core.services.binaries import Program

SHARED_PLACES = (Path("/var/lib/novel-ingestion"), Path("/var/tmp/novel-ingestion"))  # noqa: S108 - ownership is checked


@dataclass(frozen=True, slots=True)
class Place:
    """A directory's name, good in a process that inherits the descriptors."""

    name: str
    descriptors: tuple[int, ...]

    def close(self) -> None:
        for descriptor in self.descriptors:
            os.close(descriptor)


@dataclass(frozen=True, slots=True)
class Account:
    """`changed` says that a process has to become it first, since we are root."""

    uid: int
    gid: int
    name: str
    changed: bool

    def own(self, path: Path) -> None:
        if self.changed:
            os.chown(path, self.uid, self.gid)

    def open(self, directory: Path) -> Place:
        """The directory by a name the account can use.

        A directory below a 0700 one, as everything in root's home is, cannot be reached by its path, but through a
        descriptor the process inherits. Changing the permissions of a parent directory is not ours to do.
        """
        if not self.changed or _reachable(directory.parent):
            return Place(str(directory), ())
        if sys.platform != "linux":
            raise ServiceError(
                f"The account {self.name}, as which PostgreSQL runs under root, cannot reach {directory}.",
                hint="Do not run as root, or set NOVEL_DATA_DIR to a directory below no private one.",
            )
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        return Place(f"/proc/self/fd/{descriptor}", (descriptor,))


def account_for(cluster: Path) -> Account:
    """Who runs PostgreSQL on this (perhaps not yet existing) cluster."""
    ours = os.geteuid()
    try:
        if ours != 0:
            return _account(pwd.getpwuid(ours), changed=False)
        owner = cluster.stat().st_uid if cluster.exists() else 0
        return _account(pwd.getpwuid(owner) if owner else pwd.getpwnam("nobody"), changed=True)
    except KeyError as error:
        raise ServiceError(
            "PostgreSQL needs an account with a name to run as, and there is none here "
            f"({'nobody' if ours == 0 else f'user id {ours}'} is unknown).",
            hint="Add the account to /etc/passwd, or set DATABASE_URL.",
        ) from error


def _account(entry: pwd.struct_passwd, *, changed: bool) -> Account:
    return Account(entry.pw_uid, entry.pw_gid, entry.pw_name, changed)


def caller_names() -> Iterable[str]:
    """The account of the clients, as the kernel tells it to PostgreSQL."""
    return (pwd.getpwuid(os.geteuid()).pw_name,)


def runnable(program: Program, account: Account, places: Iterable[Path] = SHARED_PLACES) -> Path:
    """The program's path, or that of a copy where the account can run it."""
    if not account.changed or _all_readable(program.path.resolve()):
        return program.path
    if program.package is None:
        raise ServiceError(
            f"The account {account.name}, as which PostgreSQL runs under root, cannot run {program.path}.",
            hint="Install PostgreSQL where every account can read it, or set DATABASE_URL.",
        )
    problems: list[str] = []
    for place in places:
        try:
            return _shared_copy(program, program.package, place)
        except OSError as error:
            problems.append(f"{place}: {in_words(error)}")
    raise ServiceError(
        f"The account {account.name} cannot read {program.package}, and it could not be copied "
        f"({'; '.join(problems)}).",
        hint="Install the virtual environment outside root's home, or set DATABASE_URL.",
    )


def _shared_copy(program: Program, package: Path, place: Path) -> Path:
    # The digest makes another installation, or a repaired one, another copy.
    known = f"{package}\0{program.path.stat().st_size}\0{program.path.stat().st_mtime_ns}"
    digest = hashlib.sha256(known.encode()).hexdigest()[:12]
    copy = place / f"postgres-{program.version}-{digest}"
    inside = program.path.relative_to(package.parent)
    if not place.exists():
        place.mkdir()
        place.chmod(0o755)  # whatever the umask: the guard's own is strict
    owner = place.lstat()
    if owner.st_uid != os.geteuid() or not stat.S_ISDIR(owner.st_mode) or owner.st_mode & 0o022:
        raise PermissionError(1, "not ours alone", str(place))
    if not _reachable(place):
        raise PermissionError(1, "below a private directory", str(place))
    if not copy.exists():
        _copy(package, copy)
    return copy / inside


def _copy(package: Path, copy: Path) -> None:
    """Copy package and libraries side by side (one finds the other by a relative path), then show it at once."""
    half = Path(tempfile.mkdtemp(prefix=f"{copy.name}.new-", dir=copy.parent))
    try:
        install = package / "pginstall"
        for part in ("lib", "share"):
            shutil.copytree(install / part, half / package.name / install.name / part)
        programs = half / package.name / install.name / "bin"
        programs.mkdir()
        for name in ("postgres", "initdb"):
            shutil.copy2(install / "bin" / name, programs)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, half / libraries.name)
        for path in (half, *half.rglob("*")):
            executable = path.is_dir() or path.parent == programs
            path.chmod(0o755 if executable else 0o644)
        half.rename(copy)
    except OSError:
        shutil.rmtree(half, ignore_errors=True)
        # Another guard may have been faster.
        if not copy.exists():
            raise


def _all_readable(program: Path) -> bool:
    """Whether anybody can run the program: an installation under umask 077 hides the files, not the directories."""
    mode = program.stat().st_mode
    return bool(mode & stat.S_IXOTH and mode & stat.S_IROTH) and _reachable(program.parent)


def _reachable(directory: Path) -> bool:
    resolved = directory.resolve()
    return all(place.stat().st_mode & stat.S_IXOTH for place in (resolved, *resolved.parents))
