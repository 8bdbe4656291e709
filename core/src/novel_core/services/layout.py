"""The files of a data directory, and the addresses of its servers.

```
<data_dir>/              0700 when created here
├── guard.lock           held (flock) by the one guard of this directory
├── guard.sock           where clients attach
├── pg-18/               PostgreSQL's cluster, and its socket
├── pg-18.lock           held (flock) by every process of PostgreSQL
├── valkey-9/            the append-only file, and the socket
├── valkey-9.lock
└── logs/                guard.log, postgres.log, valkey.log, each with one older part
```
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from novel_core.errors import ServiceError
from novel_core.services.start_errors import describe_os_error

if TYPE_CHECKING:
    from novel_core.services.wire import Message

ROLE = "novel"
DATABASE = "novel"
POSTGRES_SOCKET = ".s.PGSQL.5432"
VALKEY_SOCKET = "valkey.sock"

# sun_path holds 108 bytes on Linux and 104 on macOS, with the final zero byte.
_SOCKET_PATH_LIMIT = 103
_LONGEST_SOCKET = len("/valkey-99/valkey.sock")
# libpq splits hosts at commas, and SQLAlchemy and redis-py give a meaning to the others.
_AWKWARD = frozenset(",:%?#&[]\\")


@dataclass(frozen=True, slots=True)
class Layout:
    root: Path

    @property
    def guard_lock(self) -> Path:
        return self.root / "guard.lock"

    @property
    def guard_socket(self) -> Path:
        return self.root / "guard.sock"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def versions(self, flavour: str) -> list[int]:
        """The major versions that have data here, oldest first."""
        found = (entry.name.partition("-") for entry in self.root.glob(f"{flavour}-*"))
        return sorted(int(major) for _, _, major in found if major.isdigit())

    def is_guarded(self) -> bool:
        """Whether a guard runs, or is about to exit."""
        try:
            descriptor = os.open(self.guard_lock, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False


def locate(data_dir: Path) -> Layout:
    """The layout of a directory that may not exist, by its resolved path."""
    return Layout(Path(data_dir).expanduser().resolve())


def prepare(data_dir: Path) -> Layout:
    """The layout of a directory, made if needed; ServiceError if it cannot be written to."""
    layout = locate(data_dir)
    try:
        if not layout.root.exists():
            layout.root.parent.mkdir(parents=True, exist_ok=True)
            layout.root.mkdir(mode=0o700, exist_ok=True)
        layout.logs.mkdir(mode=0o700, exist_ok=True)
        # Proves more than os.access: a read-only mount and a full disk refuse here too.
        os.close(os.open(layout.guard_lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise ServiceError(
            f"The data directory {layout.root} cannot be used: {describe_os_error(error)}.",
            hint="Set NOVEL_DATA_DIR to a directory you can write to, or set DATABASE_URL and"
            " REDIS_URL.",
        ) from error
    return layout


def short_root(layout: Layout) -> Path:
    """The data directory under a name short and plain enough for socket paths and URLs.

    Usually the directory itself, otherwise a symbolic link to it in the temporary directory. Each
    process makes the link for itself: temporary directories of two processes can differ.
    """
    if _fits(layout.root):
        return layout.root
    # Safe in shared directories: see _make_link.
    for base in dict.fromkeys((tempfile.gettempdir(), "/tmp", "/var/tmp")):  # noqa: S108
        link = _link(layout, Path(base))
        if _fits(link) and _make_link(link, layout.root):
            return link
    raise ServiceError(
        f"The path {layout.root} is too long for a unix socket, and no short link to it can be"
        " made.",
        hint="Set NOVEL_DATA_DIR to a shorter path.",
    )


def remove_link(layout: Layout) -> None:
    link = _link(layout, Path(tempfile.gettempdir()))
    if link.is_symlink() and link.readlink() == layout.root:
        link.unlink(missing_ok=True)


def database_url(layout: Layout, state: Message) -> str | None:
    """The URL of the running PostgreSQL, by the guard's `state`."""
    server = state["servers"].get("postgres")
    if server is None:
        return None
    directory = quote(str(short_root(layout) / server["directory"]), safe="/")
    return f"postgresql+psycopg2://{ROLE}@/{DATABASE}?host={directory}"


def redis_url(layout: Layout, state: Message) -> str | None:
    """The URL of the running Valkey, by the guard's `state`."""
    server = state["servers"].get("valkey")
    if server is None:
        return None
    path = quote(str(short_root(layout) / server["directory"] / VALKEY_SOCKET), safe="/")
    return f"unix://{path}?db=0"


def _link(layout: Layout, base: Path) -> Path:
    digest = hashlib.sha256(os.fsencode(layout.root)).hexdigest()[:12]
    return base / f"novel-{os.geteuid()}-{digest}"


def _fits(root: Path) -> bool:
    length = len(os.fsencode(root)) + _LONGEST_SOCKET
    return length <= _SOCKET_PATH_LIMIT and _AWKWARD.isdisjoint(str(root))


def _make_link(link: Path, target: Path) -> bool:
    """Make or reuse the link; False where another user owns what has its name."""
    try:
        link.symlink_to(target)
    except FileExistsError:
        pass
    except OSError:
        return False
    try:
        ours = link.lstat().st_uid == os.geteuid()
        return ours and link.is_symlink() and link.readlink() == target
    except OSError:
        return False
