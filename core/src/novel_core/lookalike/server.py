"""An aiohttp application served on loopback: in a thread, or as a process."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Self

from aiohttp import web

from novel_core.processes.event_loop import run_async

_ADDRESS = "127.0.0.1"
_BACKLOG = 1024
_START_SECONDS = 10
# In-flight requests are cancelled when the server stops; this is how long that may take.
_GRACE_SECONDS = 0.02
_READ_BYTES = 65_536


class ThreadedServer:
    """A server that runs as long as its `with` block; entered again, it has the same port.

    `make_app` is called at each start, in the serving thread. Port 0 chooses a free port.
    OSError if the port is in use.

    >>> with ThreadedServer(web.Application) as server:
    ...     server.url == f"http://127.0.0.1:{server.port}"
    True
    """

    def __init__(self, make_app: Callable[[], web.Application], *, port: int = 0) -> None:
        self.port = port
        self._make_app = make_app
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://{_ADDRESS}:{self.port}"

    def __enter__(self) -> Self:
        self._ready.clear()
        self._failure = None
        self._thread = threading.Thread(target=self._run, name="novel-site", daemon=True)
        self._thread.start()
        if not self._ready.wait(_START_SECONDS):
            raise TimeoutError("The server did not start.")
        if self._failure is not None:
            self._thread.join()
            raise self._failure
        return self

    def __exit__(self, *exc: object) -> None:
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        if self._thread is not None:
            self._thread.join()
        self._loop = self._stop = self._thread = None

    def _run(self) -> None:
        try:
            run_async(self._serve())
        except BaseException as error:  # noqa: BLE001 - raised in __enter__
            self._failure = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        runner = web.AppRunner(
            self._make_app(),
            access_log=None,
            # A client that disconnects ends its request.
            handler_cancellation=True,
            shutdown_timeout=_GRACE_SECONDS,
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, _ADDRESS, self.port, backlog=_BACKLOG).start()
            self.port = runner.addresses[0][1]
            self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
            self._ready.set()
            await self._stop.wait()
        finally:
            _abort_connections(runner)
            await runner.cleanup()
            # Lets the closed connections go.
            await asyncio.sleep(0)


def _abort_connections(runner: web.AppRunner) -> None:
    """A regular close would first send the buffers, to clients that may have stopped reading."""
    for connection in runner.server.connections if runner.server else ():
        if connection.transport is not None:
            connection.transport.abort()


def serve_until_stopped(server: ThreadedServer, content: str, *, with_parent: bool) -> None:
    """Serve until Ctrl-C or SIGTERM; with `with_parent` also until standard input closes.

    The first line printed has `content`, the description of what is served, and the URL.
    Call it in the main thread.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # Ctrl-C is how a server ends.
    with suppress(KeyboardInterrupt), server:
        sys.stdout.write(f"Serving {content} at {server.url}\n")
        sys.stdout.flush()
        if not with_parent:
            threading.Event().wait()
        # Ends also when the parent was killed: the system closes its end of the pipe.
        while sys.stdin.buffer.read(_READ_BYTES):
            pass
