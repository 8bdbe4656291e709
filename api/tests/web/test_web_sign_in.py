"""Signing in with a key: what it opens, and what it leaves closed."""

from __future__ import annotations

import re
import stat
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from served import Serve, Served
from starlette.requests import Request
from starlette.responses import Response
from visiting import HTML, Visitor
from workbench import quick_settings

from novel_api.keys import digest_of
from novel_api.page_paths import safe_target
from novel_api.sessions import (
    COOKIE,
    LIFETIME,
    SessionRing,
    seal,
    session_secret,
    set_cookie,
)

SignedIn = Callable[..., Visitor]


@pytest.fixture
def locked(api: Served) -> Served:
    """An API that has a key; its secret is `api.secret`."""
    api.secret = api.key("read")["Authorization"].removeprefix("Bearer ")  # type: ignore[attr-defined]
    return api


def test_pages_lead_to_the_door_and_back(locked: Served) -> None:
    visitor = Visitor(locked.client)
    answer = locked.client.get("/?q=a%20tale&page=2", headers=HTML)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=%2F%3Fq%3Da%2520tale%26page%3D2"
    assert "content-security-policy" in answer.headers
    door = visitor.get(answer.headers["location"])
    assert door.status == 200
    wrong = visitor.send("/sign-in", key="novel_wrong", next="/status")
    assert wrong.status_code == 403
    assert "This key is not valid." in wrong.text
    assert COOKIE not in wrong.headers.get("set-cookie", "")
    wanted = door.find("//input[@name='next']")[0].get("value")
    right = visitor.send("/sign-in", key=f" {locked.secret} ", next=wanted)  # type: ignore[attr-defined]
    assert (right.status_code, right.headers["location"]) == (303, "/?q=a%20tale&page=2")
    assert visitor.get("/").status == 200


def test_programs_are_told_401(locked: Served) -> None:
    for path in ("/", "/status", "/novels", "/book/a"):
        answer = locked.client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (401, "key_required"), path
    assert locked.client.get("/novels", headers=HTML).status_code == 401
    part = locked.client.get("/add/check", headers={"HX-Request": "true"})
    assert (part.status_code, part.headers["hx-redirect"]) == (401, "/sign-in")
    assert locked.client.get("/assets/nothing.js").status_code == 404  # public, but not there


def test_the_cookie(locked: Served) -> None:
    visitor = Visitor(locked.client)
    secret: str = locked.secret  # type: ignore[attr-defined]
    answer = visitor.send("/sign-in", key=secret)
    cookie = next(
        line for line in answer.headers.get_list("set-cookie") if line.startswith(f"{COOKIE}=")
    )
    assert {"HttpOnly", "SameSite=strict", "Path=/", "Max-Age=2592000"} <= set(cookie.split("; "))
    assert "Secure" not in cookie  # no TLS here; the next test has it
    assert secret not in cookie
    assert digest_of(secret) not in cookie


@pytest.mark.parametrize(
    ("scheme", "headers"),
    [
        ("https", []),
        ("http", [(b"origin", b"https://novels.example")]),
        ("http", [(b"x-forwarded-proto", b"https")]),
    ],
)
def test_with_tls_the_cookie_is_secure(scheme: str, headers: list[tuple[bytes, bytes]]) -> None:
    scope = {
        "type": "http",
        "scheme": scheme,
        "path": "/",
        "headers": [(b"host", b"localhost"), *headers],
        "query_string": b"",
        "server": ("localhost", 80),
    }
    response = Response()
    set_cookie(Request(scope), response, "x")
    assert "Secure" in response.headers["set-cookie"]


def test_a_reader_may_not_ingest(signed_in: SignedIn) -> None:
    visitor = signed_in("read")
    assert visitor.get("/").find("//nav//a[@href='/add']") == []
    refused = visitor.get("/add")
    assert refused.status == 403
    assert "Your key does not allow this." in refused.text
    answer = visitor.send("/add", url="https://toy.example/works/1")
    assert answer.status_code == 403
    assert visitor.send("/activity/1/cancel").status_code == 403
    assert visitor.send("/book/a/watch").status_code == 403


def test_an_ingester_may(signed_in: SignedIn) -> None:
    visitor = signed_in("ingest")
    answer = visitor.send("/add", url="https://toy.example/works/1")
    assert answer.status_code == 303
    assert visitor.get(answer.headers["location"]).status == 200


def test_the_session_reads_the_api_but_changes_nothing_there(signed_in: SignedIn) -> None:
    client = signed_in("ingest").client
    assert client.get("/novels").status_code == 200
    assert client.get("/metrics").status_code == 200
    answer = client.post("/ingest", json={"url": "https://toy.example/works/1"})
    assert (answer.status_code, answer.json()["code"]) == (401, "key_required")


def test_a_token_that_somebody_made_up(signed_in: SignedIn) -> None:
    visitor = signed_in("read")
    genuine = visitor.client.cookies[COOKIE]
    key_id, ends_at, mac = genuine.split(".")
    later = str(int(ends_at) + 1)
    for token in (
        f"{key_id}.{later}.{mac}",
        f"{int(key_id) + 1}.{ends_at}.{mac}",
        f"{key_id}.{ends_at}.",
        f"{key_id}.{ends_at}.{mac}x",
        f"{'9' * 30}.{ends_at}.{mac}",
        f"²{key_id}.{ends_at}.{mac}",
        "..",
        "x",
    ):
        with httpx.Client(base_url=visitor.client.base_url) as other:
            answer = other.get("/status", headers=[*HTML.items(), ("Cookie", f"{COOKIE}={token}".encode())])  # fmt: skip
            assert answer.status_code == 303, token
    assert visitor.get("/status").status == 200


def test_a_session_ends_with_its_time_and_with_its_key(locked: Served) -> None:
    ring = SessionRing(locked.bench.database, b"secret")
    digest = digest_of(locked.secret)  # type: ignore[attr-defined]
    key_id = locked.bench.value("SELECT id FROM api_keys")
    now = int(time.time())
    good = seal(b"secret", key_id, digest, now + 60)
    found = ring.lookup(good)
    assert found is not None
    assert found.name == "test"
    assert ring.lookup(seal(b"secret", key_id, digest, now - 1)) is None
    assert ring.lookup(seal(b"secret", key_id, digest, now + LIFETIME + 60)) is None
    assert ring.lookup(seal(b"secret", key_id, digest_of("another"), now + 60)) is None
    locked.bench.write("UPDATE api_keys SET revoked_at = now()")
    assert SessionRing(locked.bench.database, b"secret").lookup(good) is None


def test_what_the_database_holds_makes_no_session(locked: Served) -> None:
    key_id, digest = locked.bench.rows("SELECT id, digest FROM api_keys")[0]
    for secret in (b"", digest.encode(), digest_of(digest).encode()):
        token = seal(secret, key_id, digest, int(time.time()) + 60)
        answer = locked.client.get("/status", headers=HTML | {"Cookie": f"{COOKIE}={token}"})
        assert answer.status_code == 303


def test_the_secret_of_sessions(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    settings = quick_settings(data_dir=tmp_path / "data")
    made = session_secret(settings)
    assert len(made) >= 32
    assert session_secret(settings) == made
    (file,) = settings.data_dir.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert session_secret(quick_settings(data_dir=tmp_path / "other")) != made
    assert session_secret(quick_settings(api_session_secret="mine")) == b"mine"
    assert "NOVEL_API_SESSION_SECRET" not in caplog.text
    (tmp_path / "taken").write_text("no folder")
    lost = quick_settings(data_dir=tmp_path / "taken")
    assert session_secret(lost) != session_secret(lost)
    assert "NOVEL_API_SESSION_SECRET" in caplog.text


def test_requests_without_a_key_do_not_shut_the_door(serve: Serve) -> None:
    api = serve(api_rate_limit=5)
    secret = api.key("read")["Authorization"].removeprefix("Bearer ")
    assert [api.client.get("/novels").status_code for _ in range(6)][-1] == 429
    visitor = Visitor(api.client)
    assert visitor.get("/sign-in").status == 200
    assert visitor.send("/sign-in", key=secret).status_code == 303


def test_signing_out(signed_in: SignedIn) -> None:
    visitor = signed_in("read")
    assert visitor.send("/sign-out").headers["location"] == "/sign-in"
    assert COOKIE not in visitor.client.cookies
    assert visitor.client.get("/", headers=HTML).status_code == 303


ELSEWHERE = (
    "https://evil.example/",
    "//evil.example/add",
    "///book/a",
    "/\\evil.example",
    "\\\\evil.example",
    "/add\r\nSet-Cookie: a=b",
    "javascript:alert(1)",
    "/novels",
    "/sign-out",
    "http:/add",
    "/book/a\t",
    "",
)


def test_the_door_leads_nowhere_else(locked: Served) -> None:
    visitor = Visitor(locked.client)
    for target in ELSEWHERE:
        door = visitor.get("/sign-in", next=target)
        assert door.find("//input[@name='next']")[0].get("value") == "/", target
        answer = visitor.send("/sign-in", key=locked.secret, next=target)  # type: ignore[attr-defined]
        assert answer.headers["location"] == "/", target
        assert safe_target(target) == "/"


def test_without_keys_there_is_no_door(serve: Serve) -> None:
    client = serve().client
    answer = client.get("/sign-in?next=/status", headers=HTML)
    assert (answer.status_code, answer.headers["location"]) == (303, "/status")
    assert client.get("/", headers=HTML).status_code == 200


def test_guessing_keys_is_counted(serve: Serve) -> None:
    api = serve(api_rate_limit=5)
    api.key("read")
    visitor = Visitor(api.client)
    answers = [visitor.send("/sign-in", key=f"novel_{number}") for number in range(6)]
    assert [answer.status_code for answer in answers] == [403] * 5 + [429]
    assert "Too many requests in a short time." in answers[-1].text
    assert re.fullmatch(r"\d+", answers[-1].headers["retry-after"])


def test_a_strange_host_gets_a_page_too(serve: Serve) -> None:
    answer = serve().client.get("/", headers=HTML | {"Host": "evil.example"})
    assert answer.status_code == 421
    assert "does not answer to this name" in answer.text
