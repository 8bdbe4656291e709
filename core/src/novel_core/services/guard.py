"""The guard of one data directory: a process that runs the servers while clients are attached.

The first client starts it as `python -m novel_core.services.guard <data_dir> <descriptor>`, in a
new session and by exec, so that it inherits nothing but its end of the first connection. It has one
thread and does not poll: it sleeps until a client sends a request or disconnects, a client's
process ends, or a server exits.
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
from novel_core.services.server_set import ServerSet

if TYPE_CHECKING:
    from types import FrameType

# Seconds between two checks of the logs' sizes.
_HOUSEKEEPING = 30.0
# Seconds between two checks of the clients, where the kernel does not report a process' end.
_POLL = 0.25
_SEND_PATIENCE = 2.0

logger = logging.getLogger("guard")


class Client:
    """One connection; attached once its servers run."""

    def __init__(self, connection: socket.socket) -> None:
        connection.settimeout(_SEND_PATIENCE)
        self.connection = connection
        self.pid = wire.peer_pid(connection)
        self.pidfd = wire.open_pidfd(self.pid)
        self.attached = False

    def close(self) -> None:
        self.connection.close()
        if self.pidfd is not None:
            os.close(self.pidfd)


class Guard:
    def __init__(self, layout: Layout) -> None:
        self._servers = ServerSet(layout)
        self._layout = layout
        self._clients: list[Client] = []
        self._pinned = False
        self._stopping = False
        self._selector = selectors.DefaultSelector()
        self._listener = self._listen()
        self._wakeup, wakeup = socket.socketpair()
        for end in (self._wakeup, wakeup):
            end.setblocking(False)
        self._selector.register(self._wakeup, selectors.EVENT_READ)
        signal.set_wakeup_fd(wakeup.detach(), warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_stop)
        # Not SIG_IGN: the servers would inherit it.
        for number in (signal.SIGCHLD, signal.SIGHUP):
            signal.signal(number, lambda _number, _frame: None)

    def serve(self, first: socket.socket) -> None:
        """Run until the last client has left, or a stop is requested."""
        try:
            self._add(first)
            while not self._stopping and (self._clients or self._pinned):
                self._step()
        finally:
            logger.info("stopping")
            self._servers.close()
            self._layout.guard_socket.unlink(missing_ok=True)
            remove_link(self._layout)
            logger.info("stopped")

    def _listen(self) -> socket.socket:
        # By its bare name: the working directory is the data directory, whose path may be too long.
        name = self._layout.guard_socket.name
        Path(name).unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(name)
        listener.listen(64)
        listener.setblocking(False)
        self._selector.register(listener, selectors.EVENT_READ)
        return listener

    def _step(self) -> None:
        polls = any(client.pidfd is None for client in self._clients)
        for key, _ in self._selector.select(_POLL if polls else _HOUSEKEEPING):
            if key.fileobj is self._listener:
                self._accept()
            elif key.fileobj is self._wakeup:
                self._wakeup.recv(4096)
            elif isinstance(key.data, Client) and key.data in self._clients:
                self._handle(key.data, ended=key.fileobj == key.data.pidfd)
        if polls:
            for client in [client for client in self._clients if not _is_alive(client)]:
                self._remove(client)
        if not self._servers.restart_exited():
            self._stopping = True
        cut(self._layout)

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return
        self._add(connection)

    def _add(self, connection: socket.socket) -> None:
        try:
            client = Client(connection)
        except ProcessLookupError:  # ended between connecting and now
            connection.close()
            return
        self._clients.append(client)
        for source in (client.connection, client.pidfd):
            if source is not None:
                self._selector.register(source, selectors.EVENT_READ, client)

    def _remove(self, client: Client) -> None:
        self._clients.remove(client)
        for source in (client.connection, client.pidfd):
            if source is not None:
                self._selector.unregister(source)
        client.close()
        if client.attached:
            logger.info("process %d left", client.pid)

    def _handle(self, client: Client, *, ended: bool) -> None:
        try:
            request = None if ended else wire.receive(client.connection)
            if request is None:
                self._remove(client)
                return
            answer = self._answer(client, request)
            wire.send(client.connection, answer)
            if "error" in answer and not self._users() and not self._pinned:
                # No client is attached: exit, so that the next client starts a fresh guard.
                self._stopping = True
        except (OSError, ValueError, KeyError):
            # The connection broke off or fell silent, or its other end is no client.
            if client in self._clients:
                self._remove(client)

    def _answer(self, client: Client, request: wire.Message) -> wire.Message:
        try:
            match request:
                case {"do": "attach"}:
                    self._attach(client, request)
                case {"do": "stop", "force": force}:
                    self._stop(force=bool(force))
        except ServiceError as error:
            logger.error("%s", error)  # noqa: TRY400 - no bug, so no traceback
            return {"error": error.message, "hint": error.hint}
        return self._state()

    def _attach(self, client: Client, request: wire.Message) -> None:
        durable = bool(request["durable"])
        self._servers.start(list(request["servers"]), durable=durable)
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
            "durable": self._servers.durable,
            "clients": self._users(),
            "servers": self._servers.describe(),
        }

    def _on_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True


def _is_alive(client: Client) -> bool:
    if client.pidfd is not None or client.pid <= 0:
        return True
    try:
        os.kill(client.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def main(arguments: list[str]) -> int:
    """Become the guard, unless the directory has one."""
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
        # The first client waits for this process only, so that it is left without a zombie.
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
