"""An aiohttp application in a thread of its own, on a port of the loopback."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Self

from aiohttp import web

from novel_core.processes.event_loop import run_async

_ADDRESS = "127.0.0.1"
_BACKLOG = 1024
_START_SECONDS = 10
# Requests under way when the server stops are cancelled; this is how long that may take.
_GRACE_SECONDS = 0.02


class ThreadedServer:
    """Serves for as long as the block runs, and again at the same port when it is entered again.

    `make_app` is called at each start, in the serving thread. Port 0 takes a free one. OSError when the port is taken.

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
            raise TimeoutError("The site did not start.")
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
        except BaseException as error:  # noqa: BLE001 - raised again by whoever waits for the start
            self._failure = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        runner = web.AppRunner(
            self._make_app(),
            access_log=None,
            handler_cancellation=True,  # a client that leaves ends the hanging request
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
            _hang_up(runner)
            await runner.cleanup()
            await asyncio.sleep(0)  # lets the closed connections go


def _hang_up(runner: web.AppRunner) -> None:
    """Closing politely would first send what is buffered, to readers that may have stopped reading."""
    for connection in runner.server.connections if runner.server else ():
        if connection.transport is not None:
            connection.transport.abort()
