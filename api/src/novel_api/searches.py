"""How many searches one process makes at once: each may cost the database much, and nothing else shall wait for them."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs

import anyio
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from novel_api.errors import TooBusy
from novel_api.problems import problem_response

#: Parameters whose text is looked for, at the addresses that have them.
_FIELDS = {"/": "q", "/novels": "search", "/authors": "search", "/opds/search": "q"}
_AT_ONCE = 3
#: Seconds a search waits for its turn; then, seconds after which it is worth another try.
_PATIENCE, _PAUSE = 5.0, 5.0


class Searches:
    """ASGI middleware. Who waits holds no thread and no connection to the database."""

    def __init__(
        self,
        app: ASGIApp,
        dress: Callable[[Request, Response], Response],
        *,
        at_once: int = _AT_ONCE,
        patience: float = _PATIENCE,
    ) -> None:
        self._app = app
        self._dress = dress
        self._places = anyio.Semaphore(at_once)
        self._patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not is_search(scope):
            await self._app(scope, receive, send)
            return
        with anyio.move_on_after(self._patience) as waiting:
            await self._places.acquire()
        if waiting.cancelled_caught:
            error = TooBusy("Too many searches are under way.", retry_after=_PAUSE)
            response = self._dress(Request(scope), problem_response(error, scope["path"]))
            await response(scope, receive, send)
            return
        try:
            await self._app(scope, receive, send)
        finally:
            self._places.release()


def is_search(scope: Scope) -> bool:
    """Whether a request looks for words.

    >>> is_search({"type": "http", "path": "/novels", "query_string": b"search=lamp"})
    True
    >>> is_search({"type": "http", "path": "/novels", "query_string": b"page=2&search="})
    False
    """
    if scope["type"] != "http" or scope["path"] not in _FIELDS or not scope["query_string"]:
        return False
    return _FIELDS[scope["path"]] in parse_qs(scope["query_string"].decode("latin-1"))
