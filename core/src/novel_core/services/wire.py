"""The protocol between guard and clients: one JSON object per line, over a unix socket.

The connection is the lock that keeps the servers running. A flock would be shared with forked
children, so the work-horse of a killed worker would keep the servers running; a POSIX record lock
is lost when any code of the process closes the same file. A connection carries requests and errors
too, ends with its process, and names that process: the guard watches the process as well, so that
a copy of the connection in a forked child does not count.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import sys
from typing import Any

Message = dict[str, Any]

_LOCAL_PEERPID = 2  # <sys/un.h> of macOS


def send(connection: socket.socket, message: Message) -> None:
    connection.sendall(json.dumps(message).encode() + b"\n")


def receive(connection: socket.socket) -> Message | None:
    """The next message, or None when the other side has closed; TimeoutError when none arrives."""
    buffer = bytearray()
    while not buffer.endswith(b"\n"):
        try:
            part = connection.recv(65536)
        except ConnectionError:
            return None
        if not part:
            return None
        buffer += part
    message: Message = json.loads(buffer)
    return message


def peer_pid(connection: socket.socket) -> int:
    """The id of the process at the other end; 0 where the kernel hides it (another container)."""
    if sys.platform == "linux":
        size = struct.calcsize("3i")
        credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
        return int(struct.unpack("3i", credentials)[0])
    try:
        return connection.getsockopt(0, _LOCAL_PEERPID)
    except OSError:
        return 0


def open_pidfd(pid: int) -> int | None:
    """A descriptor that becomes readable when the process ends; None outside Linux."""
    if sys.platform != "linux" or pid <= 0:
        return None
    return os.pidfd_open(pid)
