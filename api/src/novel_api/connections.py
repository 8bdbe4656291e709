"""Limits of connections that uvicorn lacks: size and time of a request's head, time of its body,
stalled clients, and the number of connections.

Hypercorn's one read timeout would end event streams, and Granian has no limit for a body; so this
is a subclass of uvicorn's own protocol for httptools.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

from starlette.responses import Response
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from novel_api.errors import (
    AddressTooLong,
    HeadersTooLarge,
    RequestRefused,
    RequestTooSlow,
    TooBusy,
)
from novel_api.problems import problem_response
from novel_core.errors import NovelError

#: Open files beside connections of clients: database, Redis, books, the program's own.
_OWN_FILES = 80
_FEWEST, _MOST = 32, 1000
#: Seconds until a client should try again when all connections are in use.
_PAUSE = 2.0


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits, in bytes and seconds. `connections` None: what open files allow, up to 1,000."""

    address: int = 8_192
    head: int = 32_768
    body: int = 1_048_576
    head_seconds: float = 10.0
    body_seconds: float = 30.0
    stalled_seconds: float = 60.0
    closing_seconds: float = 10.0
    connections: int | None = None


@cache
def most_connections() -> int:
    """Return how many connections the limit of open files allows, after raising it if possible."""
    if sys.platform == "win32":
        return _MOST
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST + _OWN_FILES
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return _MOST
    allowed = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return max(_FEWEST, allowed - _OWN_FILES)


class BoundedProtocol(HttpToolsProtocol):
    """One connection. A subclass may set other `limits`."""

    limits: ClassVar[Limits] = Limits()

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._timer: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None
        self._refusal: NovelError | None = None
        self._in_head = True
        self._received = 0  # bytes since the head began, then since the body did
        self._head_size = 0
        self.since = 0.0

    # Connection

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        most = self.limits.connections or most_connections()
        if len(self.connections) > most and not self._end_longest_wait():
            self._refuse(TooBusy("All connections are in use.", retry_after=_PAUSE))
            return
        self._wait(self.limits.head_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        self._unset_keepalive_if_required()
        self._no_longer_wait()
        self.resume_writing()
        super().connection_lost(exc)

    def _end_longest_wait(self) -> bool:
        """Close the connection that waits longest for its client; False if none waits."""
        others = (one for one in self.connections if isinstance(one, BoundedProtocol))
        waiting = [one for one in others if one is not self and one.waits]
        if not waiting:
            return False
        longest = min(waiting, key=lambda one: one.since)
        self.connections.discard(longest)
        longest.transport.abort()
        return True

    @property
    def waits(self) -> bool:
        """Whether the client must send next: a new request, or the rest of one."""
        if self.flow.read_paused or (self._in_head and not self._is_idle):
            return False
        return (self._timer or self.timeout_keep_alive_task) is not None

    @property
    def _is_idle(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is None or cycle.response_complete

    # Incoming data

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._in_head and self._received > self.limits.head:
            # The parser does not report an unfinished header.
            self._refuse(HeadersTooLarge(f"The headers are larger than {self.limits.head} bytes."))
        elif not self._in_head and self._received > self.limits.body and not self.flow.read_paused:
            self.transport.close()
        elif self._in_head and self._received and self._timer is None:
            self._wait(self.limits.head_seconds)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head_size = 0
        if self._timer is None:
            self._wait(self.limits.head_seconds)

    def on_url(self, url: bytes) -> None:
        if len(self.url) + len(url) > self.limits.address:
            self._stop(AddressTooLong(f"The address is longer than {self.limits.address} bytes."))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count a header, or a trailer after a chunked body."""
        self._head_size += len(name) + len(value)
        if self._head_size > self.limits.head:
            self._stop(HeadersTooLarge(f"The headers are larger than {self.limits.head} bytes."))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head, self._received = False, 0
        self._wait(self.limits.body_seconds)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._in_head, self._received = True, 0
        self._no_longer_wait()
        super().on_message_complete()

    # Outgoing data

    def pause_writing(self) -> None:
        """The client reads nothing: abort the connection after a while."""
        super().pause_writing()
        self._stalled = self.loop.call_later(self.limits.stalled_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None
        super().resume_writing()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self.since = self.loop.time()
        if self.transport.is_closing():
            self._close()

    def timeout_keep_alive_handler(self) -> None:
        self._close()

    # Timeouts and refusals

    def _wait(self, seconds: float) -> None:
        self._no_longer_wait()
        self.since = self.loop.time()
        self._timer = self.loop.call_later(seconds, self._late, seconds)

    def _no_longer_wait(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _late(self, seconds: float) -> None:
        if self.flow.read_paused or (self._in_head and not self._is_idle):
            # Reading is paused, or the previous request is not finished.
            self._wait(seconds)
        elif self._in_head and not self._received:
            self._close()
        else:
            part = "head" if self._in_head else "body"
            self._refuse(RequestTooSlow(f"The {part} of the request took over {seconds:g} s."))

    def _stop(self, refusal: NovelError) -> None:
        """Refuse from a callback of the parser: the exception leads to `send_400_response`."""
        self._refusal = refusal
        raise ValueError(refusal.message)

    def send_400_response(self, msg: str) -> None:
        self._refuse(self._refusal or RequestRefused(msg))

    def _refuse(self, refusal: NovelError) -> None:
        begun = not self._is_idle if self._in_head else self.cycle.response_started
        if not begun and not self.pipeline:
            self.transport.write(_on_the_wire(problem_response(refusal, "")))
        if self.cycle is not None:
            self.cycle.disconnected = True
        self._close()

    def _close(self) -> None:
        """Close after sending the rest, or abort if the client does not read it."""
        self._no_longer_wait()
        self.transport.close()
        self._timer = self.loop.call_later(self.limits.closing_seconds, self.transport.abort)


def _on_the_wire(response: Response) -> bytes:
    """Return the bytes of a response to a request that never reached the application."""
    status = STATUS_LINE[response.status_code]
    headers = [*response.raw_headers, (b"connection", b"close")]
    lines = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
    return status + lines + b"\r\n" + bytes(response.body)
