"""The status of the servers of a data directory, running or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from novel_core.services.client import connect, send_request
from novel_core.services.layout import Layout, database_url, locate, redis_url
from novel_core.services.model import ServerStatus, ServicesStatus

if TYPE_CHECKING:
    from pathlib import Path

    from novel_core.services.wire import Message

_NAMES = {"pg": "postgres", "valkey": "valkey", "redis": "valkey"}


def status(data_dir: Path) -> ServicesStatus:
    """The status as the guard reports it; nothing is started or changed."""
    layout = locate(data_dir)
    state = _state(layout)
    running = state or {"servers": {}, "clients": []}
    return ServicesStatus(
        data_dir=layout.root,
        running=state is not None,
        pinned=bool(running.get("pinned")),
        durable=bool(running.get("durable", True)),
        pid=running.get("pid"),
        clients=tuple(running["clients"]),
        database_url=database_url(layout, running),
        redis_url=redis_url(layout, running),
        servers=tuple(_servers(layout, running["servers"])),
        logs=tuple(sorted(layout.logs.glob("*.log"))),
    )


def _state(layout: Layout) -> Message | None:
    connection = connect(layout)
    if connection is None:
        return None
    with connection:
        return send_request(layout, connection, {"do": "status"})


def _servers(layout: Layout, running: Message) -> list[ServerStatus]:
    """The servers that run, and those that have data here."""
    known = {server["directory"]: server for server in running.values()}
    found: list[ServerStatus] = []
    for flavour, name in _NAMES.items():
        for major in layout.versions(flavour):
            directory = layout.root / f"{flavour}-{major}"
            server = known.get(directory.name, {})
            found.append(
                ServerStatus(
                    name=name,
                    version=server.get("version"),
                    pid=server.get("pid"),
                    restarts=server.get("restarts", 0),
                    directory=directory,
                    size=_size(directory),
                )
            )
    return found


def _size(directory: Path) -> int:
    total = 0
    for path in directory.rglob("*"):
        try:
            total += path.lstat().st_size
        except OSError:  # a live server removes files
            continue
    return total
