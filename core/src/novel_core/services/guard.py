"""The guard of one data directory: a process of its own that runs the servers as long as somebody is attached.

Started by the first client as `python -m novel_core.services.guard <data_dir> <descriptor>`, in a session of its
own and by exec, so that it holds nothing of that client but its end of the first connection. One thread, no polling:
it sleeps until a client speaks or leaves, a client's process ends, or a server dies.
"""

from __future__ import annotations

import fcntl
import logging
import os
import selectors
import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from novel_core.errors import ServiceError
from novel_core.services import wire
from novel_core.services.layout import Layout, remove_link
from novel_core.services.logs import cut
from novel_core.services.server_set import House

if TYPE_CHECKING:
    from types import FrameType

_HOUSEKEEPING = 30.0
# Where the kernel cannot tell us of a process' end, ask.
_WITHOUT_WATCH = 0.25
_SEND_PATIENCE = 2.0

logger = logging.getLogger("guard")


class Client:
    """One connection. It counts as attached only once it has got its servers."""

    def __init__(self, connection: socket.socket) -> None:
        connection.settimeout(_SEND_PATIENCE)
        self.connection = connection
        self.pid = wire.peer_pid(connection)
        self.watch = wire.watch(self.pid)
        self.attached = False

    def close(self) -> None:
        self.connection.close()
        if self.watch is not None:
            os.close(self.watch)


class Guard:
    def __init__(self, layout: Layout) -> None:
        self._house = House(layout)
        self._layout = layout
        self._clients: list[Client] = []
        self._pinned = False
        self._stopping = False
        self._selector = selectors.DefaultSelector()
        self._listener = self._listen()
        self._bell, bell = socket.socketpair()
        for end in (self._bell, bell):
            end.setblocking(False)
        self._selector.register(self._bell, selectors.EVENT_READ)
        signal.set_wakeup_fd(bell.detach(), warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_stop)
        # Not SIG_IGN, which the servers would inherit.
        for number in (signal.SIGCHLD, signal.SIGHUP):
            signal.signal(number, lambda _number, _frame: None)

    def serve(self, first: socket.socket) -> None:
        """Until the last client has left, or we are told to stop."""
        try:
            self._admit(first)
            while not self._stopping and (self._clients or self._pinned):
                self._turn()
        finally:
            logger.info("stopping")
            self._house.close()
            self._layout.guard_socket.unlink(missing_ok=True)
            remove_link(self._layout)
            logger.info("stopped")

    def _listen(self) -> socket.socket:
        # By its bare name: we work in the data directory, whose path may be too long for a socket.
        name = self._layout.guard_socket.name
        Path(name).unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(name)
        listener.listen(64)
        listener.setblocking(False)
        self._selector.register(listener, selectors.EVENT_READ)
        return listener

    def _turn(self) -> None:
        blind = any(client.watch is None for client in self._clients)
        for key, _ in self._selector.select(_WITHOUT_WATCH if blind else _HOUSEKEEPING):
            if key.fileobj is self._listener:
                self._accept()
            elif key.fileobj is self._bell:
                self._bell.recv(4096)
            elif isinstance(key.data, Client) and key.data in self._clients:
                self._hear(key.data, ended=key.fileobj == key.data.watch)
        if blind:
            for client in [client for client in self._clients if not _is_alive(client)]:
                self._dismiss(client)
        if not self._house.keep_running():
            self._stopping = True
        cut(self._layout)

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return
        self._admit(connection)

    def _admit(self, connection: socket.socket) -> None:
        try:
            client = Client(connection)
        except ProcessLookupError:  # ended between connecting and now
            connection.close()
            return
        self._clients.append(client)
        for source in (client.connection, client.watch):
            if source is not None:
                self._selector.register(source, selectors.EVENT_READ, client)

    def _dismiss(self, client: Client) -> None:
        self._clients.remove(client)
        for source in (client.connection, client.watch):
            if source is not None:
                self._selector.unregister(source)
        client.close()
        if client.attached:
            logger.info("process %d left", client.pid)

    def _hear(self, client: Client, *, ended: bool) -> None:
        try:
            request = None if ended else wire.receive(client.connection)
            if request is None:
                self._dismiss(client)
                return
            answer = self._answer(client, request)
            wire.send(client.connection, answer)
            if "error" in answer and not self._users() and not self._pinned:
                # Nobody has got anything of us: the next one shall begin anew, not meet what failed.
                self._stopping = True
        except (
            OSError,
            ValueError,
            KeyError,
        ):  # it broke off, fell silent half-way, or is none of ours
            if client in self._clients:
                self._dismiss(client)

    def _answer(self, client: Client, request: wire.Message) -> wire.Message:
        try:
            match request:
                case {"do": "attach"}:
                    self._attach(client, request)
                case {"do": "stop", "force": force}:
                    self._stop(force=bool(force))
        except ServiceError as error:
            logger.error("%s", error)  # noqa: TRY400 - it is told in words, the trace is ours
            return {"error": error.message, "hint": error.hint}
        return self._state()

    def _attach(self, client: Client, request: wire.Message) -> None:
        durable = bool(request["durable"])
        self._house.open(list(request["servers"]), durable=durable)
        client.attached = True
        self._pinned = self._pinned or bool(request["pinned"])
        logger.info("process %d attached%s", client.pid, ", pinned" if request["pinned"] else "")

    def _stop(self, *, force: bool) -> None:
        users = self._users()
        if users and not force:
            raise ServiceError(
                f"The servers are in use by {'process' if len(users) == 1 else 'processes'} "
                f"{', '.join(map(str, users))}.",
                hint="End what uses them first, or run `novel services stop --force`.",
            )
        self._stopping = True

    def _users(self) -> list[int]:
        return sorted({client.pid for client in self._clients if client.attached})

    def _state(self) -> wire.Message:
        return {
            "pid": os.getpid(),
            "pinned": self._pinned,
            "durable": self._house.durable,
            "clients": self._users(),
            "servers": self._house.describe(),
        }

    def _on_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True


def _is_alive(client: Client) -> bool:
    if client.watch is not None or client.pid <= 0:
        return True
    try:
        os.kill(client.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def main(arguments: list[str]) -> int:
    """Become the guard, or say who is."""
    layout = Layout(Path(arguments[0]))
    lock = os.open(layout.guard_lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    if len(arguments) > 1:
        first = socket.socket(fileno=int(arguments[1]))
        first.set_inheritable(False)
    else:
        first = None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(lock, 32, 0).decode().strip()
        sys.stderr.write(f"{layout.root} already has its servers, under the guard {holder}.\n")
        if first is not None:
            wire.send(first, {"busy": holder})
        return 1
    if first is None:
        sys.stderr.write("A guard is started by `novel services start`.\n")
        return 2
    if os.fork():
        # The first client waits for us only up to here, so that no zombie is left to it.
        os._exit(0)
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
    os.umask(0o077)
    os.chdir(layout.root)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s"
    )
    logger.info("guard %d of %s", os.getpid(), layout.root)
    try:
        Guard(layout).serve(first)
    except Exception:
        logger.exception("the guard failed")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
