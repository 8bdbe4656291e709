"""Text is sent compressed to who takes it so; pictures, books that are archives already, and event streams are not."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Bytes below which it is not worth it.
_LEAST = 1024
#: Higher levels take twice the time for a few per cent.
_LEVEL = 5
_NOT = (*DEFAULT_EXCLUDED_CONTENT_TYPES, "application/epub+zip", "image/*")
_MARK = "-gzip"


class Compression:
    """ASGI middleware. A compressed answer is another one than the plain one, so its strong ETag is another too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._gzip = GZipMiddleware(app, _LEAST, _LEVEL, exclude_content_types=_NOT)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        known = Headers(scope=scope).get("if-none-match", "")

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                tag = headers.get("etag", "")
                compressed = headers.get("content-encoding") == "gzip"
                if tag.startswith('"') and (compressed or _marked(tag) in known):
                    headers["etag"] = _marked(tag)
                message["headers"] = headers.raw
            await send(message)

        await self._gzip(scope, receive, marked)


def _marked(tag: str) -> str:
    return f'{tag[:-1]}{_MARK}"'


def plain(tag: str) -> str:
    """The tag of the answer before it was compressed.

    >>> plain('"a-gzip"'), plain('"a"')
    ('"a"', '"a"')
    """
    return f'{tag.removesuffix(_MARK + chr(34))}"' if tag.endswith(_MARK + '"') else tag
