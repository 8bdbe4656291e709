"""Clients that send too much, too slowly or not at all, over real sockets."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from typing import ClassVar

import psutil
import pytest
from polling import eventually
from served import Serve, Served

from novel_api.connections import BoundedProtocol, Limits

HEAD = b"GET /health HTTP/1.1\r\nHost: localhost\r\n"
POST = b"POST /ingest HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


class Impatient(BoundedProtocol):
    limits: ClassVar[Limits] = Limits(
        head_seconds=0.3, body_seconds=0.3, stalled_seconds=0.3, closing_seconds=0.3
    )


class Crowded(BoundedProtocol):
    limits: ClassVar[Limits] = Limits(connections=5)


class Client:
    """A connection that says whatever it likes."""

    def __init__(self, api: Served) -> None:
        address = (api.client.base_url.host, api.client.base_url.port or 0)
        self.socket = socket.create_connection(address, timeout=20)

    def send(self, data: bytes) -> None:
        with suppress(OSError):  # it may be refused before all is sent
            self.socket.sendall(data)

    def heard(self) -> bytes:
        """All that comes until the server ends the connection."""
        found = b""
        with suppress(ConnectionError):
            while piece := self.socket.recv(65_536):
                found += piece
        return found


@pytest.fixture
def connect() -> Iterator[type[Client]]:
    with ExitStack() as stack:

        class Closed(Client):
            def __init__(self, api: Served) -> None:
                super().__init__(api)
                stack.callback(self.socket.close)

        yield Closed


def still_serves(api: Served) -> bool:
    return api.client.get("/health").status_code == 200


def test_headers_that_are_too_large(api: Served, connect: type[Client]) -> None:
    whole = HEAD + b"X-A: " + b"a" * 40_000 + b"\r\n\r\n"
    many = HEAD + b"".join(b"X-%d: aaaaaaaaaaaaaaaa\r\n" % n for n in range(3000)) + b"\r\n"
    for request in (whole, many, whole[:-4]):
        client = connect(api)
        client.send(request)
        answer = client.heard()
        assert answer.startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")
        assert b'"code":"headers_too_large"' in answer
    assert still_serves(api)


def test_headers_without_end_take_no_memory(api: Served, connect: type[Client]) -> None:
    before = psutil.Process().memory_info().rss
    client = connect(api)
    client.send(HEAD)
    sent = 0
    with suppress(OSError):
        for _ in range(64):
            client.socket.sendall(b"X-A: " + b"a" * 1_000_000 + b"\r\n")
            sent += 1_000_000
    assert sent < 64_000_000
    assert psutil.Process().memory_info().rss - before < 32_000_000


def test_an_address_that_is_too_long(api: Served, connect: type[Client]) -> None:
    for address in (b"/" + b"a" * 9_000, b"/jobs?cursor=" + b"a" * 2_000_000):
        client = connect(api)
        client.send(b"GET " + address + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
        answer = client.heard()
        assert answer.startswith(b"HTTP/1.1 414 ")
        assert b'"code":"address_too_long"' in answer
    assert api.client.get("/jobs?novel=" + "a" * 8_000).status_code == 422


def test_headers_behind_a_body(api: Served, connect: type[Client]) -> None:
    client = connect(api)
    client.send(POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n")
    client.send(b"X-A: " + b"a" * 40_000 + b"\r\n\r\n")
    assert client.heard().startswith(b"HTTP/1.1 431 ")


def test_a_body_without_end(api: Served, connect: type[Client]) -> None:
    client = connect(api)
    client.send(POST + b"Content-Length: 600000000\r\n\r\n")
    sent = 0
    with suppress(OSError):
        for _ in range(600):
            client.socket.sendall(b"a" * 1_000_000)
            sent += 1_000_000
    assert sent < 100_000_000
    assert client.heard().startswith((b"HTTP/1.1 413 ", b""))
    assert still_serves(api)


def test_what_does_not_arrive_in_time(serve: Serve, connect: type[Client]) -> None:
    api = serve(protocol=Impatient)
    said = {
        b"": b"",
        b"\r\n": b"HTTP/1.1 408 ",
        HEAD: b"HTTP/1.1 408 Request Timeout\r\n",
        POST + b"Content-Length: 9\r\n\r\n{": b"HTTP/1.1 408 ",
        POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n": b"HTTP/1.1 408 ",
    }
    clients = {}
    for part in said:
        clients[part] = connect(api)
        clients[part].send(part)
    for part, answer in said.items():
        heard = clients[part].heard()
        assert heard.startswith(answer), (part, heard)
        assert bool(heard) == bool(answer)
    assert still_serves(api)


def test_a_head_that_trickles_in(serve: Serve, connect: type[Client]) -> None:
    client = connect(serve(protocol=Impatient))
    client.send(HEAD)
    client.socket.settimeout(0.05)
    heard = b""

    def answered() -> bool:
        nonlocal heard
        client.send(b"X-A: a\r\n")
        with suppress(TimeoutError, ConnectionError):
            heard += client.socket.recv(4096)
        return bool(heard)

    eventually(answered)
    assert heard.startswith(b"HTTP/1.1 408 ")


def test_line_ends_between_two_requests_keep_no_connection(
    serve: Serve, connect: type[Client]
) -> None:
    client = connect(serve(protocol=Impatient))
    client.send(HEAD + b"\r\n")
    client.socket.recv(4096)
    client.send(b"\r\n")
    assert client.heard().startswith(b"HTTP/1.1 408 ")


def test_two_requests_at_once_are_both_answered(api: Served, connect: type[Client]) -> None:
    client = connect(api)
    client.send(HEAD + b"\r\n" + HEAD + b"Connection: close\r\n\r\n")
    assert client.heard().count(b"HTTP/1.1 200 OK") == 2


def test_a_reader_who_takes_nothing_is_let_go(serve: Serve, connect: type[Client]) -> None:
    api = serve(protocol=Impatient)
    client = connect(api)
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.send((HEAD.replace(b"/health", b"/openapi.json") + b"\r\n") * 200)
    eventually(lambda: not busy(api))
    assert still_serves(api)


def busy(api: Served) -> list[BoundedProtocol]:
    found = list(api.server.server_state.connections)
    return [one for one in found if isinstance(one, BoundedProtocol) and not one.waits]


def test_those_who_wait_longest_make_room(serve: Serve, connect: type[Client]) -> None:
    api = serve(protocol=Crowded)
    idle = [connect(api) for _ in range(20)]
    half = [connect(api) for _ in range(20)]
    for client in half:
        client.send(POST + b"Content-Length: 9\r\n\r\n{")
    assert still_serves(api)
    assert len(api.server.server_state.connections) <= 6
    for client in idle:
        assert client.heard() == b""


def test_when_all_are_at_work_a_new_one_is_told_so(serve: Serve, connect: type[Client]) -> None:
    api = serve(protocol=Crowded)
    job = api.client.post("/ingest", json={"url": "https://toy.example/works/1"}).json()["job_id"]
    path = f"/jobs/{job}/events".encode()
    streams = [connect(api) for _ in range(5)]
    for client in streams:
        client.send(HEAD.replace(b"/health", path) + b"\r\n")
        assert client.socket.recv(4096).startswith(b"HTTP/1.1 200 ")
    client = connect(api)
    answer = client.heard()
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"retry-after" in answer.lower()
    streams[0].socket.close()
    eventually(lambda: still_serves(api))
