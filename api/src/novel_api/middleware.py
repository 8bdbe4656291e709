"""Middleware: compression, HEAD requests, and JSON bodies without their media type."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from novel_api.page_paths import is_page

#: Smallest response that is compressed, in bytes.
_LEAST = 1024
#: Level of gzip. Higher levels take twice the time for a few per cent.
_LEVEL = 5
_NOT = (*DEFAULT_EXCLUDED_CONTENT_TYPES, "application/epub+zip", "image/*")
_MARK = "-gzip"


class Compression:
    """ASGI middleware: gzip. A compressed response has another strong ETag than the plain one."""

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
    """Return the ETag of the response before compression.

    >>> plain('"a-gzip"'), plain('"a"')
    ('"a"', '"a"')
    """
    return f'{tag.removesuffix(_MARK + chr(34))}"' if tag.endswith(_MARK + '"') else tag


_HEAD = "novel.head"


class HeadRequests:
    """ASGI middleware: HEAD is a GET whose body is not sent."""

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
    """Whether the request is a HEAD, so that the body need not be made."""
    return _HEAD in scope


_TYPE = "content-type"
_UNSAID = frozenset({"", "application/x-www-form-urlencoded"})


class JsonBodies:
    """ASGI middleware: a body without a media type, or labelled as a form by `curl -d`, is JSON.

    The pages' own forms are left alone. The gate has refused forms of other sites by their Origin.
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
