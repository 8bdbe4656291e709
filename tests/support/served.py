"""The API under uvicorn on loopback, in a thread, with a client beside it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn
from polling import eventually
from workbench import Workbench

from novel_api.keys import create_key
from novel_api.serving import server_config
from novel_core.db.engine import session


@dataclass
class Served:
    """A running API: a client of it, and what is behind it."""

    client: httpx.Client
    bench: Workbench
    app: Any
    server: uvicorn.Server

    def ingest(self, work: str = "1", **more: Any) -> httpx.Response:
        body = {"url": f"https://toy.example/works/{work}", **more}
        return self.client.post("/ingest", json=body)

    def key(self, *scopes: str, name: str = "test") -> dict[str, str]:
        """The header of a new key."""
        with session(self.bench.database) as opened:
            made = create_key(opened, name, scopes)
        assert made is not None
        return {"Authorization": f"Bearer {made[1]}"}


Serve = Callable[..., Served]


@contextmanager
def serving(app: Any, **more: Any) -> Iterator[tuple[uvicorn.Server, str]]:
    """The application under uvicorn, in a thread, as `novel api` serves it."""
    server = uvicorn.Server(server_config(app, **more))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            eventually(lambda: server.started or not thread.is_alive())
            yield server, f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join(20)
    assert not thread.is_alive()
