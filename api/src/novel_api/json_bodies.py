"""JSON that is sent without saying so: `curl -d` calls whatever it sends a form, and other programs say nothing at all."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send

from novel_api.page_paths import is_page

_TYPE = "content-type"
_UNSAID = frozenset({"", "application/x-www-form-urlencoded"})


class JsonBodies:
    """ASGI middleware: outside the pages, whose forms are forms, such a body is taken for JSON.

    A form of a foreign web page could be sent like this: the gate refuses it before, by its Origin.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST" and not is_page(scope["path"]):
            headers = MutableHeaders(raw=list(scope["headers"]))
            if headers.get(_TYPE, "").partition(";")[0].strip().lower() in _UNSAID:
                headers[_TYPE] = "application/json"
                scope = {**scope, "headers": headers.raw}
        await self._app(scope, receive, send)
