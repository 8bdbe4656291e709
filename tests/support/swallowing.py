"""A proxy in front of a server on a Unix socket that can lose everything its present connections carry.

They stay open and nothing arrives any more, in either direction: as a firewall does that has forgotten a connection.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Self


class SwallowingProxy:
    """Listens on a port of loopback: `port`."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._open: list[_Pair] = []

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for pair in self._open:
            pair.close()

    def swallow(self) -> int:
        """Lose what the present connections carry from now on; how many there are. New ones work."""
        self._open = [pair for pair in self._open if not pair.is_closed]
        present = [pair for pair in self._open if not pair.is_lost.is_set()]
        for pair in present:
            pair.is_lost.set()
        return len(present)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            try:
                server.connect(self._path)
            except OSError:
                client.close()
                server.close()
                continue
            self._open.append(_Pair(client, server))


class _Pair:
    """A connection of a client and its own to the server."""

    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self._sockets = client, server
        self.is_lost = threading.Event()
        self.is_closed = False
        for source, target in ((client, server), (server, client)):
            threading.Thread(target=self._carry, args=(source, target), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                if not self.is_lost.is_set():
                    target.sendall(data)
        if self.is_lost.is_set() and source is self._sockets[1]:
            # The client does not hear of the server's end either.
            return
        self.close()

    def close(self) -> None:
        self.is_closed = True
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
