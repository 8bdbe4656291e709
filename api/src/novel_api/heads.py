"""HEAD: what GET would answer, without its body. Every address that has GET has it (RFC 9110)."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEAD = "novel.head"


class Heads:
    """ASGI middleware: routes see a GET, and what they send ends with its headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        ended = False

        async def headers_only(message: Message) -> None:
            nonlocal ended
            if message["type"] == "http.response.start":
                await send(message)
            elif not ended:
                ended = True
                await send({"type": "http.response.body", "body": b"", "more_body": False})

        await self._app({**scope, "method": "GET", _HEAD: True}, receive, headers_only)


def is_head(scope: Scope) -> bool:
    """Whether nobody will read the body: it need not be made."""
    return _HEAD in scope
