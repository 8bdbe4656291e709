"""API keys: making them on the command line, and what they open."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import httpx
import pytest
from commands import Novel
from polling import eventually
from served import Served

from novel_api import keys


@pytest.fixture
def novel(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Novel:
    command = Novel(monkeypatch, capsys)
    command.set("DATABASE_URL", database_url)
    return command


def test_a_key_is_shown_once(novel: Novel) -> None:
    made = novel("keys", "create", "reader", "--scope", "read")
    secret = made.out.strip()
    assert made.code == 0
    assert secret.startswith("novel_")
    assert len(secret) > 40
    listed = novel("keys", "list")
    assert "reader" in listed.out
    assert secret not in listed.out + novel("keys", "list", "--json").out


def test_a_key_as_json(novel: Novel) -> None:
    made = novel("keys", "create", "app", "--scope", "read", "--scope", "ingest", "--json").json
    assert made["created"] is True
    assert made["secret"].startswith(made["key"]["prefix"])
    assert made["key"]["scopes"] == ["read", "ingest"]
    (listed,) = novel("keys", "list", "--json").json
    assert (listed["name"], listed["revoked_at"]) == ("app", None)


def test_only_a_digest_is_kept(novel: Novel, api: Served) -> None:
    secret = novel("keys", "create", "reader", "--scope", "read").out.strip()
    row = api.bench.rows("SELECT name, prefix, digest FROM api_keys")[0]
    assert row[2] == keys.digest_of(secret)
    assert secret not in str(row)


def test_a_key_in_a_file(novel: Novel, tmp_path: Path) -> None:
    path = tmp_path / "key"
    made = novel("keys", "create", "app", "--scope", "ingest", "--file", str(path))
    assert (made.code, made.out) == (0, "")
    assert path.read_text().startswith("novel_")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = novel("keys", "create", "other", "--scope", "ingest", "--file", str(path))
    assert again.code == 2
    assert [key["name"] for key in novel("keys", "list", "--json").json] == ["app"]


def test_if_none_makes_one_key_only(novel: Novel, tmp_path: Path) -> None:
    create = ("keys", "create", "first", "--scope", "admin", "--if-none", "--json")
    assert novel(*create).json["created"] is True
    again = novel(*create, "--file", str(tmp_path / "key"))
    assert (again.code, again.json["created"], again.json["secret"]) == (0, False, None)
    assert not (tmp_path / "key").exists()
    novel("keys", "revoke", "first")
    assert novel(*create).json["created"] is False


def test_wrong_uses(novel: Novel) -> None:
    novel("keys", "create", "app", "--scope", "read")
    assert novel("keys", "create", "app", "--scope", "read").code == 2
    assert novel("keys", "create", "other").code == 2
    assert novel("keys", "create", "other", "--scope", "all").code == 2
    assert novel("keys", "create", " ", "--scope", "read").code == 2
    unknown = novel("keys", "revoke", "nobody", "--json")
    assert (unknown.code, unknown.json["error_code"]) == (5, "unknown_key")


def test_without_keys_this_machine_is_served(api: Served) -> None:
    assert api.client.get("/jobs").status_code == 200


def test_with_a_key_every_request_needs_one(api: Served) -> None:
    key = api.key("read")
    answer = api.client.get("/jobs")
    assert (answer.status_code, answer.json()["code"]) == (401, "key_required")
    challenges = answer.headers.get_list("www-authenticate")
    assert [challenge.split()[0] for challenge in challenges] == ["Basic", "Bearer"]
    assert api.client.get("/nothing").status_code == 401
    assert api.client.get("/jobs", headers=key).status_code == 200
    secret = key["Authorization"].removeprefix("Bearer ")
    assert api.client.get("/jobs", headers={"X-API-Key": secret}).status_code == 200
    assert api.client.get("/jobs", headers={"X-API-Key": secret + "x"}).status_code == 401
    assert api.client.get("/jobs", headers={"Authorization": "Basic abc"}).status_code == 401
    for path in ("/health", "/health/ready", "/openapi.json", "/docs"):
        assert api.client.get(path).status_code == 200


def test_the_first_key_closes_an_open_api(api: Served) -> None:
    assert api.client.get("/jobs").status_code == 200
    api.key("read")
    eventually(lambda: api.client.get("/jobs").status_code == 401, timeout=10)


def test_scopes(api: Served) -> None:
    reader, ingester, admin = (api.key(scope, name=scope) for scope in ("read", "ingest", "admin"))
    body = {"url": "https://toy.example/works/1"}
    refused = api.client.post("/ingest", json=body, headers=reader)
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    for path in ("/jobs/1/cancel", "/jobs/1/retry", "/novels/a/refresh"):
        assert api.client.post(path, headers=reader).status_code == 403
    assert api.client.post("/ingest", json=body, headers=ingester).status_code == 202
    assert api.client.post("/ingest", json=body, headers=admin).status_code == 200
    for key in (reader, ingester, admin):
        assert api.client.get("/jobs/1", headers=key).status_code == 200
        assert api.client.get("/metrics", headers=key).status_code == 200


def test_a_revoked_key_stops_working_and_does_not_open_the_api(
    api: Served, novel: Novel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "FRESH", 0.1)
    key = api.key("read", name="reader")
    assert api.client.get("/jobs", headers=key).status_code == 200
    assert novel("keys", "revoke", "reader").code == 0
    eventually(lambda: api.client.get("/jobs", headers=key).status_code == 401)
    assert api.client.get("/jobs").status_code == 401


def test_a_key_is_looked_up_once_in_a_while(api: Served) -> None:
    key = api.key("read")
    assert api.client.get("/jobs", headers=key).status_code == 200
    assert api.bench.value("SELECT last_used_at IS NOT NULL FROM api_keys")
    api.bench.write("DELETE FROM api_keys")
    assert api.client.get("/jobs", headers=key).status_code == 200


def test_without_keys_other_machines_are_refused(api: Served) -> None:
    async def ask(address: str) -> httpx.Response:
        transport = httpx.ASGITransport(api.app, client=(address, 4711))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get("/jobs")

    refused = asyncio.run(ask("192.0.2.7"))
    assert (refused.status_code, refused.json()["code"]) == (403, "local_only")
    assert "novel keys create" in refused.json()["hint"]
    assert asyncio.run(ask("::1")).status_code == 200
    assert asyncio.run(ask("127.8.8.8")).status_code == 200
