"""The values that describe the embedded servers to callers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Services:
    """The running servers. `pid` is the guard's; a URL is None for a server not requested.

    The URLs hold no password: PostgreSQL identifies the caller by the kernel (peer), and only their
    owner can enter the sockets' directories.
    """

    data_dir: Path
    pid: int
    pinned: bool
    durable: bool
    database_url: str | None
    redis_url: str | None


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """One server. `size` is bytes on disk; `pid` is None while it is not running."""

    name: str
    version: str | None
    pid: int | None
    restarts: int
    directory: Path
    size: int


@dataclass(frozen=True, slots=True)
class ServicesStatus:
    """All servers of a data directory. `clients` are the process ids that keep them running."""

    data_dir: Path
    running: bool
    pinned: bool
    durable: bool
    pid: int | None
    clients: tuple[int, ...]
    database_url: str | None
    redis_url: str | None
    servers: tuple[ServerStatus, ...]
    logs: tuple[Path, ...]
