"""The gate: checks of every request before any route. Host, Origin, size, API key, rate."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request, cookie_parser
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from novel_api import keys
from novel_api.errors import HostRefused, KeyRequired, LocalOnly, RequestTooLarge, ScopeMissing
from novel_api.hosts import AllowedHosts, is_loopback
from novel_api.keys import ANONYMOUS, Caller, KeyRing
from novel_api.limits import RateLimit
from novel_api.page_paths import ASSETS, SIGN_IN, is_page
from novel_api.problems import problem_response
from novel_api.proxies import is_sign, sender_of
from novel_api.sessions import COOKIE, SessionRing
from novel_core.errors import NovelError

#: Bytes of a request's body; the largest useful one holds two URLs.
MAX_BODY = 65_536
#: Paths that need no key.
PUBLIC = frozenset({"/health", "/health/ready", "/openapi.json", "/docs"})

_CALLER = "novel.caller"
_BEARER, _BASIC = "bearer ", "basic "


_PICTURE = re.compile(r"/novels/[^/]+/(cover|images/[0-9]+)")

#: Methods that change nothing. Outside the pages, a session may use only these.
_READING = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Gate:
    """ASGI middleware that refuses a request or adds its caller to the scope.

    `render_error` makes a page of a refusal if a browser sent the request.
    """

    app: ASGIApp
    hosts: AllowedHosts
    ring: KeyRing
    sessions: SessionRing
    rates: RateLimit
    render_error: Callable[[Request, Response], Response]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = _GateHeaders.of(scope["headers"])
            try:
                await self._check(scope, headers)
            except NovelError as error:
                response = self.render_error(Request(scope), problem_response(error, scope["path"]))
                await response(scope, receive, send)
                return
            if headers.chunked:
                receive = _bounded(receive)
        await self.app(scope, receive, send)

    async def _check(self, scope: Scope, headers: _GateHeaders) -> None:
        if len(headers.hosts) != 1:
            raise HostRefused("The request needs exactly one Host header.")
        self.hosts.check_host(headers.hosts[0])
        if headers.origin is not None:
            self.hosts.check_origin(headers.origin, headers.hosts[0])
        if headers.length > MAX_BODY:
            raise too_large()
        path = scope["path"]
        if path in PUBLIC or path.startswith(ASSETS):
            return
        address = scope["client"][0] if scope["client"] else None
        sender = sender_of(address)
        if path == SIGN_IN:
            # Counted separately: others behind the same proxy must not block signing in.
            self.rates.count(f"sign-in {sender}")
            return
        session = headers.session if scope["method"] in _READING or is_page(path) else None
        try:
            caller = await self._recognise(headers, session, address)
        except KeyRequired:
            # Requests with wrong keys are counted too.
            self.rates.count(sender)
            raise
        # Pictures are not counted: a page of the library shows many.
        if not (scope["method"] in _READING and _PICTURE.fullmatch(path)):
            self.rates.count(f"key {caller.key_id}" if caller.key_id else sender)
        scope[_CALLER] = caller

    async def _recognise(
        self, headers: _GateHeaders, session: str | None, address: str | None
    ) -> Caller:
        secrets = headers.secrets
        if len(secrets) > 1:
            raise KeyRequired("The request has different API keys.")
        if session is not None and not secrets:
            caller = await self._session_caller(session)
            if caller is not None:
                return caller
        secret = next(iter(secrets), None)
        found = self.ring.cached(secret)
        if found is None:
            found = await run_in_threadpool(self.ring.lookup, secret)
        if found.caller is not None:
            return found.caller
        if secret is not None:
            raise KeyRequired("The API key is not valid.")
        if found.locked:
            raise KeyRequired("An API key is needed.")
        self._require_this_machine(headers, address)
        return ANONYMOUS

    def _require_this_machine(self, headers: _GateHeaders, address: str | None) -> None:
        """LocalOnly unless the client is on this machine; behind a proxy it may be anywhere."""
        if not is_loopback(address):
            raise LocalOnly("Without API keys, only this machine may use the API.")
        if headers.forwarded:
            raise LocalOnly("Without API keys, nobody may use the API through a proxy.")
        if self.hosts.has_public_names:
            raise LocalOnly("NOVEL_API_HOSTS opens the API to others, but there are no API keys.")

    async def _session_caller(self, token: str) -> Caller | None:
        known = self.sessions.cached(token)
        return known[0] if known else await run_in_threadpool(self.sessions.lookup, token)


def too_large() -> RequestTooLarge:
    return RequestTooLarge(f"The body is larger than {MAX_BODY} bytes.")


def _bounded(receive: Receive) -> Receive:
    """Wrap `receive` for a body without Content-Length, to refuse it once it is too large."""
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > MAX_BODY:
            # Reading a body passes on no other exception.
            raise HTTPException(413)
        return message

    return counted


def _password(credentials: str) -> str:
    """Return the password of Basic credentials: e-reader apps send the key as the password."""
    try:
        return base64.b64decode(credentials, validate=True).decode().partition(":")[2]
    except ValueError:
        return ""


@dataclass(slots=True)
class _GateHeaders:
    """The headers that the gate uses."""

    hosts: list[str]
    origin: str | None = None
    secrets: set[str] = field(default_factory=set)
    session: str | None = None
    length: int = 0
    chunked: bool = False
    forwarded: bool = False

    @classmethod
    def of(cls, headers: Iterable[tuple[bytes, bytes]]) -> _GateHeaders:
        found = cls([])
        for name, raw in headers:
            value = raw.decode("latin-1").strip()
            found.forwarded |= is_sign(name)
            match name:
                case b"host":
                    found.hosts.append(value)
                case b"origin":
                    found.origin = value
                case b"x-api-key":
                    found.secrets.add(value)
                case b"authorization" if value.lower().startswith(_BEARER):
                    found.secrets.add(value[len(_BEARER) :].strip())
                case b"authorization" if value.lower().startswith(_BASIC):
                    found.secrets.add(_password(value[len(_BASIC) :].strip()))
                case b"cookie":
                    found.session = cookie_parser(value).get(COOKIE, found.session)
                case b"content-length" if value.isdecimal():
                    found.length = int(value)
                case b"transfer-encoding":
                    found.chunked = True
                case _:
                    pass
        return found


def caller_of(request: Request) -> Caller | None:
    """Return the caller; None on public paths, and before the gate has checked the request."""
    caller: Caller | None = request.scope.get(_CALLER)
    return caller


class RequireScope:
    """A route's dependency: the caller; ScopeMissing without the scope."""

    def __init__(self, scope: keys.Scope) -> None:
        self.scope = scope

    async def __call__(self, request: Request) -> Caller:
        caller: Caller = request.scope[_CALLER]
        if self.scope not in caller.scopes:
            raise ScopeMissing(f"The key {caller.name!r} lacks the scope {self.scope}.")
        return caller
