"""The recipe to run Valkey (or Redis): without a port, on a socket in a private directory."""

from __future__ import annotations

import signal
import socket
from typing import TYPE_CHECKING

from novel_core.services.binaries import valkey_program
from novel_core.services.layout import VALKEY_SOCKET
from novel_core.services.process import Recipe

if TYPE_CHECKING:
    from pathlib import Path

    from novel_core.services.layout import Layout

_OPTIONS = {
    "port": "0",
    # Relative to the working directory, whose path may be too long for a socket.
    "unixsocket": VALKEY_SOCKET,
    "unixsocketperm": "700",
    "dir": ".",
    "daemonize": "no",
    "loglevel": "notice",
    "logfile": "",
    "save": "",
}


def valkey_recipe(layout: Layout, *, durable: bool) -> Recipe:
    program = valkey_program()
    directory = layout.root / program.label
    directory.mkdir(mode=0o700, exist_ok=True)
    # Access to the queue is access to run code: only the owner may enter.
    directory.chmod(0o700)
    options = _OPTIONS | {"appendonly": "yes" if durable else "no"}
    settings = [part for name, value in options.items() for part in (f"--{name}", value)]
    return Recipe(
        name="valkey",
        title=program.title,
        directory=directory,
        command=(str(program.path), *settings),
        account=None,
        cwd=directory,
        descriptors=(),
        # It removes an old socket itself.
        tidy=lambda: None,
        ready=lambda _pid: _answers(directory),
        stop_signals=(signal.SIGTERM,) if durable else (signal.SIGKILL,),
        lock=layout.root / f"{program.label}.lock",
        log=layout.log("valkey"),
    )


def _answers(directory: Path) -> bool:
    """Whether the server answers PING, which it does once it has loaded its file."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(1)
        try:
            # Relative to the working directory, whose path may be too long for a socket.
            connection.connect(f"{directory.name}/{VALKEY_SOCKET}")
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False
