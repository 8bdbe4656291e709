"""A workbench over small works of the toy source, and a receiver of webhooks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import toysite
from aiohttp import web
from sqlalchemy import Engine
from toysite import ToyChapter, ToySite, ToyWork
from workbench import Workbench, quick_settings, registry_of

from novel_core.lookalike import ThreadedServer
from novel_core.runtime import Runtime, Servers

SECRET = "whsec_c2VjcmV0IG9mIHRoZSB0ZXN0cw=="
WORKS = ("1", "2", "3", "4")


@dataclass
class Received:
    headers: dict[str, str]
    body: str


class Receiver:
    """Answers each message as it is told to, and keeps it. `hold` lets it wait before it answers, until `release`."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.status = 200
        self.location: str | None = None
        self.endless = False
        self._gate: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self.url = ""

    def hold(self) -> None:
        self._gate = asyncio.Event()

    def release(self) -> None:
        assert self._loop
        assert self._gate
        self._loop.call_soon_threadsafe(self._gate.set)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/hook", self._hook)
        return app

    async def _hook(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.received.append(Received(headers, await request.text()))
        self._loop = asyncio.get_running_loop()
        if self._gate is not None:
            await self._gate.wait()
        if self.endless:
            answer = web.StreamResponse()
            await answer.prepare(request)
            while True:
                await answer.write(b"x" * 4096)
        moved = {"Location": self.location} if self.location else None
        return web.Response(status=self.status, headers=moved)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    hooks = Receiver()
    with ThreadedServer(hooks.app) as served:
        hooks.url = f"{served.url}/hook"
        yield hooks


@pytest.fixture
def settings_of_test() -> dict[str, Any]:
    return {"webhook_secret": SECRET, "allow_private_hosts": True}


@pytest.fixture
def bench(database: Engine, settings_of_test: dict[str, Any]) -> Iterator[Workbench]:
    works = [
        ToyWork(number, f"Work {number}", ["Ada"], [ToyChapter(f"{number}1", "One", ["<p>A</p>"])])
        for number in WORKS
    ]
    toysite.TOLD.clear()
    toysite.FINISHED.clear()
    toysite.FAULTS.clear()
    with ThreadedServer(ToySite(*works).app) as served:
        settings = quick_settings(host_map={toysite.HOST: served.url}, **settings_of_test)
        yield Workbench(Runtime(settings, registry_of("toysite"), database, Servers("", None)))
