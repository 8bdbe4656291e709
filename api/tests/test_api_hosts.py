"""Names and pages that may use the API."""

from __future__ import annotations

import socket

from served import Serve, Served


def test_names_of_this_machine(api: Served) -> None:
    for host in ("localhost", "LOCALHOST:1", "127.0.0.1:8000", "[::1]:8000"):
        assert api.client.get("/jobs", headers={"Host": host}).status_code == 200


def test_other_names_are_refused(api: Served) -> None:
    names = ("evil.example", "localhost.evil.example", "127.0.0.1.nip.example", "localhost:x", "")
    for host in names:
        answer = api.client.get("/jobs", headers={"Host": host})
        assert (answer.status_code, answer.json()["code"]) == (421, "host_refused")
        assert "NOVEL_API_HOSTS" in answer.json()["hint"]


def test_a_name_that_was_allowed(serve: Serve) -> None:
    api = serve(api_hosts=("novels.example",))
    assert api.client.get("/jobs", headers={"Host": "novels.example"}).status_code == 200
    origin = {"Origin": "https://novels.example"}
    assert api.client.get("/jobs", headers=origin).status_code == 200


def test_pages_of_others_are_refused(api: Served) -> None:
    for origin in ("https://evil.example", "null", "http://[", "file://"):
        for method in ("GET", "POST", "OPTIONS"):
            answer = api.client.request(method, "/ingest", headers={"Origin": origin})
            assert (answer.status_code, answer.json()["code"]) == (403, "origin_refused")


def test_pages_of_this_machine_are_not(api: Served) -> None:
    answer = api.client.get("/jobs", headers={"Origin": "http://localhost:5173"})
    assert answer.status_code == 200


def _raw(api: Served, request: bytes) -> bytes:
    address = (api.client.base_url.host, api.client.base_url.port or 0)
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return connection.recv(65_536)


def test_no_host_and_two_hosts(api: Served) -> None:
    assert b" 421 " in _raw(api, b"GET /jobs HTTP/1.0\r\n\r\n")
    two = b"GET /jobs HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n"
    answer = _raw(api, two)
    assert b" 421 " in answer or b" 400 " in answer
