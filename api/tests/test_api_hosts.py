"""Names and pages that may use the API."""

from __future__ import annotations

import socket

import pytest
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
    api = serve(api_hosts=("novels.example", "other.example:8443", "localhost:5173"))
    key = api.key("read")
    for name in ("novels.example", "novels.example:8000", "other.example", "OTHER.example:1"):
        assert api.client.get("/jobs", headers=key | {"Host": name}).status_code == 200
    for origin in (
        "https://novels.example",
        "http://novels.example",
        "https://novels.example:443",
        "https://other.example:8443",
        "http://localhost:5173",
    ):
        assert api.client.get("/jobs", headers=key | {"Origin": origin}).status_code == 200, origin
    for origin in ("https://novels.example:8443", "https://other.example", "http://localhost:5174"):
        assert api.client.get("/jobs", headers=key | {"Origin": origin}).status_code == 403, origin


def test_a_public_name_without_a_key_opens_nothing(serve: Serve) -> None:
    for name in ("novels.example", "192.0.2.7", "0.0.0.0"):
        api = serve(api_hosts=(name,))
        answer = api.client.get("/jobs")
        assert (answer.status_code, answer.json()["code"]) == (403, "local_only")
        assert "novel keys create" in answer.json()["hint"]
        assert api.client.get("/health").status_code == 200


@pytest.mark.parametrize("wildcard", ["0.0.0.0", "::"])
def test_where_every_address_is_listened_at_each_is_a_name(serve: Serve, wildcard: str) -> None:
    api = serve(api_hosts=(wildcard,))
    key = api.key("read")
    for host in ("192.168.1.7:8000", "10.0.0.1", "[fe80::1]:8000", "[2001:db8::1]"):
        assert api.client.get("/jobs", headers=key | {"Host": host}).status_code == 200, host
        own = key | {"Host": host, "Origin": f"http://{host}"}
        assert api.client.get("/jobs", headers=own).status_code == 200, host
    for host in ("evil.example", "192.168.1.7.nip.example", "0x7f.1", "192.168.1.7:x"):
        assert api.client.get("/jobs", headers=key | {"Host": host}).status_code == 421, host


def test_no_page_of_another_port_of_this_machine(api: Served) -> None:
    job = api.client.post("/ingest", json={"url": "https://toy.example/works/1"}).json()["job_id"]
    own = str(api.client.base_url).rstrip("/")
    port = api.client.base_url.port
    for origin in (
        "http://127.0.0.1:1",
        "http://localhost:5173",
        f"http://localhost:{port}",
        f"http://[::1]:{port}",
        "http://127.0.0.1",
        "https://127.0.0.1",
    ):
        answer = api.client.post(f"/jobs/{job}/cancel", headers={"Origin": origin})
        assert (answer.status_code, answer.json()["code"]) == (403, "origin_refused"), origin
    assert api.client.get(f"/jobs/{job}").json()["status"] == "queued"
    assert api.client.post(f"/jobs/{job}/cancel", headers={"Origin": own}).status_code == 200


def test_pages_of_others_are_refused(api: Served) -> None:
    for origin in ("https://evil.example", "null", "http://[", "file://"):
        for method in ("GET", "POST", "OPTIONS"):
            answer = api.client.request(method, "/ingest", headers={"Origin": origin})
            assert (answer.status_code, answer.json()["code"]) == (403, "origin_refused")


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
