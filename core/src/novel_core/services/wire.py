"""What guard and clients say to each other: one JSON object per line, over a unix socket.

Why a connection is the lock. A flock is shared with forked children, so the work-horse of a killed worker would
keep the servers running. A POSIX record lock is lost as soon as any code of the process closes the same file.
A connection carries requests and errors too, ends with its process however that ends, and tells the guard whose it
is: so the guard also watches that process itself, and a copy in a child forked behind Python's back does not count.
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
    """The next message; None when the other side has gone. TimeoutError when it says nothing."""
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
    """The process at the other end, as the kernel knows it; 0 where it cannot tell (another container's)."""
    if sys.platform == "linux":
        size = struct.calcsize("3i")
        credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
        return int(struct.unpack("3i", credentials)[0])
    try:
        return connection.getsockopt(0, _LOCAL_PEERPID)
    except OSError:
        return 0


def watch(pid: int) -> int | None:
    """A descriptor that becomes readable when the process ends, where there is such a thing (Linux)."""
    if sys.platform != "linux" or pid <= 0:
        return None
    return os.pidfd_open(pid)
