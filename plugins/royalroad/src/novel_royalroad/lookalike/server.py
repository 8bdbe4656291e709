"""The look-alike in a thread of its own, on a free port of the loopback."""

from __future__ import annotations

import asyncio
import threading
from types import TracebackType
from typing import Self

from aiohttp import web

from novel_royalroad.lookalike.app import create_app
from novel_royalroad.lookalike.library import Library
from novel_royalroad.lookalike.recording import RequestLog, Seen
from novel_royalroad.lookalike.switches import SiteSwitches

HOSTS = ("www.royalroad.com", "www.royalroadcdn.com", "i.imgur.com")
_ADDRESS = "127.0.0.1"
_START_SECONDS = 10
# Requests under way when the site stops are cancelled; this is how long that may take.
_GRACE_SECONDS = 0.02


class LookalikeServer:
    """
    ```python
    with LookalikeServer(Library([Fiction.generate(7)])) as site:
        site.switches.latency = 0.1
        ...
        site.paths()
    ```
    """

    def __init__(
        self, library: Library, switches: SiteSwitches | None = None, *, port: int = 0
    ) -> None:
        self.library = library
        self.switches = SiteSwitches() if switches is None else switches
        self.port = port
        self._log = RequestLog()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://{_ADDRESS}:{self.port}"

    @property
    def host_map(self) -> str:
        """For NOVEL_HOST_MAP: the site's hosts, and those its images are at, are here."""
        return ",".join(f"{host}={self.url}" for host in HOSTS)

    @property
    def requests(self) -> list[Seen]:
        return self._log.requests

    def paths(self, *, pages_only: bool = False) -> list[str]:
        """The paths asked for; with `pages_only` without images and robots.txt."""
        return self._log.paths(pages_only=pages_only)

    def count(self, prefix: str = "/") -> int:
        """How many requests had a path that begins so."""
        return self._log.count(prefix)

    def clear(self) -> None:
        """Forget the requests seen so far."""
        self._log.clear()

    def __enter__(self) -> Self:
        self._ready.clear()
        self._failure = None
        self._thread = threading.Thread(target=self._run, name="lookalike", daemon=True)
        self._thread.start()
        if not self._ready.wait(_START_SECONDS):
            raise TimeoutError("The look-alike did not start.")
        if self._failure is not None:
            self._thread.join()
            raise self._failure
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        if self._thread is not None:
            self._thread.join()
        self._loop = self._stop = self._thread = None

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=_new_loop) as runner:
                runner.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - raised again by whoever waits for the start
            self._failure = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        app = create_app(self.library, self.switches, self._log)
        runner = web.AppRunner(
            app,
            access_log=None,
            handler_cancellation=True,  # a client that leaves ends the hanging request
            shutdown_timeout=_GRACE_SECONDS,
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, _ADDRESS, self.port, backlog=1024).start()
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


def _new_loop() -> asyncio.AbstractEventLoop:
    """uvloop's, where installed: more pages a second."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()
