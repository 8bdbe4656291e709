"""The account that a server runs as, and the files which that account can reach.

PostgreSQL refuses to run as root. Started by root, it runs as the owner of its cluster, which is
`nobody` from the first start on.
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
from novel_core.services.start_errors import describe_os_error

if TYPE_CHECKING:
    from collections.abc import Iterable

    from novel_core.services.binaries import Program

SHARED_PLACES = (
    Path("/var/lib/novel-ingestion"),
    Path("/var/tmp/novel-ingestion"),  # noqa: S108 - ownership is checked
)


@dataclass(frozen=True, slots=True)
class Place:
    """A directory's name, valid in a process that inherits the descriptors."""

    name: str
    descriptors: tuple[int, ...]

    def close(self) -> None:
        for descriptor in self.descriptors:
            os.close(descriptor)


@dataclass(frozen=True, slots=True)
class Account:
    """An account. `changed` says that a process has to switch to it, since this one is root's."""

    uid: int
    gid: int
    name: str
    changed: bool

    def own(self, path: Path) -> None:
        if self.changed:
            os.chown(path, self.uid, self.gid)

    def open(self, directory: Path) -> Place:
        """The directory by a name that the account can use.

        A directory below a private one (0700), such as root's home, cannot be reached by its path,
        but by an inherited descriptor. Permissions of parent directories are left as they are.
        """
        if not self.changed or _reachable(directory.parent):
            return Place(str(directory), ())
        if sys.platform != "linux":
            raise ServiceError(
                f"PostgreSQL runs as the account {self.name} here, which cannot reach {directory}.",
                hint="Do not run as root, or set NOVEL_DATA_DIR to a directory that every"
                " account can reach.",
            )
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        return Place(f"/proc/self/fd/{descriptor}", (descriptor,))


def account_for(cluster: Path) -> Account:
    """The account that runs PostgreSQL on this cluster, which need not exist yet."""
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
    """The names of the clients' accounts as PostgreSQL sees them."""
    return (pwd.getpwuid(os.geteuid()).pw_name,)


def runnable(program: Program, account: Account, places: Iterable[Path] = SHARED_PLACES) -> Path:
    """The path of the program, or of a copy of it, that the account can run."""
    if not account.changed or _all_readable(program.path.resolve()):
        return program.path
    if program.package is None:
        raise ServiceError(
            f"PostgreSQL runs as the account {account.name} here, which cannot run {program.path}.",
            hint="Install PostgreSQL where every account can read it, or set DATABASE_URL.",
        )
    problems: list[str] = []
    for place in places:
        try:
            return _shared_copy(program, program.package, place)
        except OSError as error:
            problems.append(f"{place}: {describe_os_error(error)}")
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
        # The guard's umask is strict.
        place.chmod(0o755)
    owner = place.lstat()
    if owner.st_uid != os.geteuid() or not stat.S_ISDIR(owner.st_mode) or owner.st_mode & 0o022:
        raise PermissionError(1, "owned by another account", str(place))
    if not _reachable(place):
        raise PermissionError(1, "below a private directory", str(place))
    if not copy.exists():
        _copy(package, copy)
    return copy / inside


def _copy(package: Path, copy: Path) -> None:
    """Copy the package and, beside it, its libraries; then give the copy its name."""
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
        # Another guard may have made it meanwhile.
        if not copy.exists():
            raise


def _all_readable(program: Path) -> bool:
    """Whether every account can run the program and reach its directory."""
    mode = program.stat().st_mode
    return bool(mode & stat.S_IXOTH and mode & stat.S_IROTH) and _reachable(program.parent)


def _reachable(directory: Path) -> bool:
    resolved = directory.resolve()
    return all(place.stat().st_mode & stat.S_IXOTH for place in (resolved, *resolved.parents))
