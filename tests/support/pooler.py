"""A pooler in front of PostgreSQL that behaves as PgBouncer does in transaction mode, on loopback.

A client has a server connection for one transaction only, always the one that has rested longest, so what a session sets is
soon another client's. The startup parameter `options` is refused in PgBouncer's own words. `silence()` leaves every connection open
and answers no more, as a server does whose machine has lost its power.
"""

from __future__ import annotations

import queue
import socket
import struct
import threading
from contextlib import suppress
from pathlib import Path
from typing import Self

from sqlalchemy.engine import make_url

_STARTUP, _ENCRYPTION = 196_608, {80_877_103, 80_877_104}
_IDLE = b"I"


def _exactly(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = connection.recv(size - len(data))
        if not part:
            raise ConnectionError
        data += part
    return data


def _message(connection: socket.socket) -> tuple[bytes, bytes]:
    """The type of the next message, and all of it."""
    head = _exactly(connection, 5)
    return head[:1], head + _exactly(connection, struct.unpack("!I", head[1:])[0] - 4)


def _refusal(text: str) -> bytes:
    fields = b"SFATAL\0C08P01\0M" + text.encode() + b"\0\0"
    return b"E" + struct.pack("!I", len(fields) + 4) + fields


class Pooler:
    """`socket_path` is where PostgreSQL listens; `url` is where we do."""

    def __init__(self, socket_path: str, user: str, database: str, *, servers: int = 3) -> None:
        self._path, self._user, self._database = socket_path, user, database
        self._servers: queue.Queue[socket.socket] = queue.Queue()
        self._count = servers
        self._open: list[socket.socket] = []
        self._silent = threading.Event()
        self._greeting = b""

    def __enter__(self) -> Self:
        for _ in range(self._count):
            self._servers.put(self._connect())
        self._listener = socket.create_server(("127.0.0.1", 0))
        port = self._listener.getsockname()[1]
        self.url = f"postgresql://{self._user}@127.0.0.1:{port}/{self._database}"
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        for connection in (self._listener, *self._open):
            connection.close()

    def silence(self) -> None:
        self._silent.set()

    def _connect(self) -> socket.socket:
        server = socket.socket(socket.AF_UNIX)
        server.connect(self._path)
        self._open.append(server)
        body = f"user\0{self._user}\0database\0{self._database}\0\0".encode()
        server.sendall(struct.pack("!II", len(body) + 8, _STARTUP) + body)
        self._greeting = b""
        kind = b""
        while kind != b"Z":
            kind, whole = _message(server)
            self._greeting += whole
        return server

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(client)
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError), client:
            if not self._greet(client):
                return
            while True:
                kind, whole = _message(client)
                if kind == b"X":
                    return
                server = self._servers.get()
                try:
                    self._transaction(client, server, whole)
                finally:
                    self._servers.put(server)

    def _greet(self, client: socket.socket) -> bool:
        while True:
            size, code = struct.unpack("!II", _exactly(client, 8))
            body = _exactly(client, size - 8)
            if code not in _ENCRYPTION:
                break
            client.sendall(b"N")
        if self._silent.is_set():
            threading.Event().wait()
        if b"\0options\0" in b"\0" + body:
            client.sendall(_refusal("unsupported startup parameter: options"))
            return False
        client.sendall(self._greeting)
        return True

    def _transaction(self, client: socket.socket, server: socket.socket, whole: bytes) -> None:
        while True:
            if self._silent.is_set():
                threading.Event().wait()
            server.sendall(whole)
            kind = b""
            while kind != b"Z":
                kind, answer = _message(server)
                client.sendall(answer)
            if answer[-1:] == _IDLE:
                return
            try:
                _, whole = _message(client)
            except OSError:
                server.sendall(b"Q" + struct.pack("!I", 13) + b"ROLLBACK\0")
                while _message(server)[0] != b"Z":
                    pass
                raise


def in_front_of(database_url: str) -> Pooler:
    """A pooler of an embedded server's database."""
    place = make_url(database_url)
    path = Path(str(place.query["host"])) / ".s.PGSQL.5432"
    return Pooler(str(path), str(place.username), str(place.database))
