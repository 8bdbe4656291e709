"""The clients' side: attach to the servers of a data directory, stop them, send requests."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Self

from novel_core.errors import ServiceError
from novel_core.services import wire
from novel_core.services.layout import Layout, database_url, locate, prepare, redis_url, short_root
from novel_core.services.logs import open_log
from novel_core.services.model import Services
from novel_core.services.start_errors import describe_os_error, last_complaint, tail

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

# Seconds. A first start takes less than one; recovery after a crash, or a slow disk, many.
_PATIENCE = 180.0
_POLL = 0.01

_held: set[int] = set()


class Attachment:
    """Keeps the servers running until `close()` or the end of this process.

    ```python
    with attach(data_dir) as attachment:
        engine = create_engine(attachment.services.database_url)
    ```

    Deleting the object does not end it: the URLs may be in use while the process runs.
    """

    def __init__(
        self,
        services: Services,
        connection: socket.socket,
        attach_again: Callable[[], tuple[Services, socket.socket]],
    ) -> None:
        self._attach_again = attach_again
        self._hold(services, connection)

    def _hold(self, services: Services, connection: socket.socket) -> None:
        self.services = services
        # A bare descriptor: a garbage-collected socket object would close it.
        connection.settimeout(None)
        self._descriptor = connection.detach()
        _held.add(self._descriptor)

    def close(self) -> None:
        if self._descriptor in _held:
            _held.discard(self._descriptor)
            os.close(self._descriptor)
        self._descriptor = -1

    def is_lost(self) -> bool:
        """Whether the guard has ended, and the servers with it."""
        if self._descriptor not in _held:
            return False
        # The guard only answers requests: anything to read here is the end of the connection.
        poll = select.poll()
        poll.register(self._descriptor, select.POLLIN)
        return bool(poll.poll(0))

    def renew(self) -> None:
        """Restart the servers at the same addresses; ServiceError when they do not start."""
        services, connection = self._attach_again()
        self.close()
        self._hold(services, connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()


def _close_in_child() -> None:
    """Close the connections in a forked child, which must not keep the servers running."""
    for descriptor in _held:
        # Code that turned the child into a daemon may have closed it.
        with suppress(OSError):
            os.close(descriptor)
    _held.clear()


os.register_at_fork(after_in_child=_close_in_child)


def attach(
    data_dir: Path,
    *,
    durable: bool = True,
    pinned: bool = False,
    postgres: bool = True,
    valkey: bool = True,
) -> Attachment:
    """Start the servers of the directory if they do not run, and keep them running until closed.

    `durable=False` is for tests: nothing is synced to disk, and the queue is not kept. With
    `pinned=True` the servers run on after the last client has left, until `stop`.
    """
    servers = [name for name, wanted in (("postgres", postgres), ("valkey", valkey)) if wanted]
    request = {"do": "attach", "durable": durable, "pinned": pinned, "servers": servers}
    return Attachment(*_attach(data_dir, request), partial(_attach, data_dir, request))


def _attach(data_dir: Path, request: wire.Message) -> tuple[Services, socket.socket]:
    layout = prepare(data_dir)
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        existing = connect(layout)
        connection = existing or _start_guard(layout)
        try:
            state = send_request(layout, connection, request)
            if state is not None and "busy" not in state:
                return _services(layout, state, request["servers"]), connection
        except BaseException:
            connection.close()
            raise
        connection.close()
        if state is None and existing is None:
            raise _died(layout)
        # The existing guard is about to exit, or another client has just started one.
        time.sleep(_POLL)
    raise _silent(layout)


def start(data_dir: Path) -> Services:
    """Start the servers and keep them running until `stop`."""
    with attach(data_dir, pinned=True) as attachment:
        return attachment.services


def stop(data_dir: Path, *, force: bool = False) -> bool:
    """Stop the servers and wait; False when none ran, ServiceError while in use unless forced."""
    layout = locate(data_dir)
    was_guarded = layout.is_guarded()
    connection = connect(layout)
    if connection is not None:
        with connection:
            send_request(layout, connection, {"do": "stop", "force": force})
    deadline = time.monotonic() + _PATIENCE
    while layout.is_guarded():
        if time.monotonic() > deadline:
            raise _silent(layout)
        time.sleep(_POLL)
    return was_guarded


def connect(layout: Layout) -> socket.socket | None:
    """A connection to the guard; None when no guard runs."""
    if not layout.guard_socket.exists():
        return None
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(_PATIENCE)
    try:
        connection.connect(str(short_root(layout) / layout.guard_socket.name))
    except (ConnectionRefusedError, FileNotFoundError):
        connection.close()
        return None
    except OSError as error:
        connection.close()
        raise ServiceError(
            f"{layout.guard_socket} cannot be reached: {describe_os_error(error)}."
        ) from error
    return connection


def send_request(
    layout: Layout, connection: socket.socket, request: wire.Message
) -> wire.Message | None:
    """The guard's answer; None when the guard has ended."""
    try:
        # A second guard says that it is not needed and exits without reading.
        with suppress(ConnectionError):
            wire.send(connection, request)
        answer = wire.receive(connection)
    except TimeoutError as error:
        raise _silent(layout) from error
    if answer is not None and "error" in answer:
        raise ServiceError(answer["error"], hint=answer["hint"])
    return answer


def _services(layout: Layout, state: wire.Message, servers: list[str]) -> Services:
    return Services(
        data_dir=layout.root,
        pid=state["pid"],
        pinned=state["pinned"],
        durable=state["durable"],
        database_url=database_url(layout, state) if "postgres" in servers else None,
        redis_url=redis_url(layout, state) if "valkey" in servers else None,
    )


def _start_guard(layout: Layout) -> socket.socket:
    """Start a guard that inherits one end of a connection: it always has a first client."""
    ours, theirs = socket.socketpair()
    ours.settimeout(_PATIENCE)
    log = layout.log("guard")
    descriptor = open_log(log)
    since = log.stat().st_size
    command = [sys.executable, "-P", "-m", "novel_core.services.guard"]
    try:
        started = subprocess.run(  # noqa: S603 - ourselves
            [*command, str(layout.root), str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=descriptor,
            pass_fds=(theirs.fileno(),),
            start_new_session=True,
            check=False,
        )
    except OSError as error:
        ours.close()
        raise ServiceError(
            f"{sys.executable} cannot be started: {describe_os_error(error)}."
        ) from error
    finally:
        theirs.close()
        os.close(descriptor)
    if started.returncode != 0 and not layout.is_guarded():
        ours.close()
        said = last_complaint(tail(log, since))
        raise ServiceError(f"The guard of the servers did not start: {said}. Its log is {log}.")
    return ours


def _died(layout: Layout) -> ServiceError:
    log = layout.log("guard")
    return ServiceError(
        f"The guard of {layout.root} exited before the servers ran. Its log is {log}."
    )


def _silent(layout: Layout) -> ServiceError:
    return ServiceError(
        f"The guard of {layout.root} did not answer within {_PATIENCE:.0f} s."
        f" Its log is {layout.log('guard')}.",
        hint="Run the command again; if that does not help, end the process named in guard.lock.",
    )
