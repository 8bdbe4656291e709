"""The look-alike in a thread of its own, on a free port of the loopback."""

from __future__ import annotations

import asyncio
import threading
from types import TracebackType
from typing import Self

from aiohttp import web

from novel_ao3.lookalike.app import create_app
from novel_ao3.lookalike.library import Library
from novel_ao3.lookalike.recording import RequestLog, Seen
from novel_ao3.lookalike.switches import SiteSwitches
from novel_ao3.urls import HOST

_ADDRESS = "127.0.0.1"
_START_SECONDS = 10
_GRACE_SECONDS = 0.02


class LookalikeServer:
    """
    ```python
    with LookalikeServer(Library([LookalikeWork.generate(7)])) as site:
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
        """For NOVEL_HOST_MAP: the site's one host is here."""
        return f"{HOST}={self.url}"

    @property
    def requests(self) -> list[Seen]:
        return self._log.requests

    def paths(self) -> list[str]:
        """The pages asked for, with their queries; without robots.txt."""
        return [seen.path for seen in self.requests if seen.path != "/robots.txt"]

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
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - raised again by whoever waits for the start
            self._failure = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        app = create_app(self.library, self.switches, self._log)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=_GRACE_SECONDS)
        await runner.setup()
        try:
            await web.TCPSite(runner, _ADDRESS, self.port).start()
            self.port = runner.addresses[0][1]
            self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
            self._ready.set()
            await self._stop.wait()
        finally:
            await runner.cleanup()
