"""Addresses of servers as people get them wrong: one clear line, and never the password."""

from __future__ import annotations

import pytest

from novel_core.errors import InvalidSetting
from novel_core.settings import load_settings
from novel_core.settings.server_urls import (
    checked_database_url,
    checked_redis_url,
    without_password,
)

SECRET = "hunter2"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (f"postgresql://ada:{SECRET}@127.0.0.1:port/novels", "port is not a number"),
        (f"postgresql://ada:{SECRET}@127.0.0.1:99999/novels", "no such port"),
        (f"postgresql://ada:{SECRET}", "port is not a number"),
        (f"postgresql://ada:x@{SECRET}@127.0.0.1/novels", "more than one @"),
        (f"mysql://ada:{SECRET}@127.0.0.1/novels", "only PostgreSQL"),
        (f"'postgresql://ada:{SECRET}@127.0.0.1/novels'", "not the address"),
        ("novels", "not the address"),
        ("postgresql://ada:${POSTGRES_PASSWORD}@127.0.0.1/novels", "where the password belongs"),
        ("postgresql://ada:PASSWORD@127.0.0.1/novels", "where the password belongs"),
        ("postgresql://ada:<your password>@127.0.0.1/novels", "where the password belongs"),
        (f"postgresql://ada:{SECRET}@HOST/novels", "where the host belongs"),
        (f"postgresql://ada:{SECRET}@127.0.0.1/{{name}}", "where the database's name belongs"),
        ("postgresql://user:password@host/name", "placeholder"),
    ],
)
def test_a_wrong_database_url(monkeypatch: pytest.MonkeyPatch, url: str, words: str) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(InvalidSetting, match=words) as caught:
        load_settings()
    assert "DATABASE_URL" in caught.value.message
    assert SECRET not in f"{caught.value.message} {caught.value.hint}"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (f"redis://:{SECRET}#x@127.0.0.1:6379/0", "#"),
        (f"redis://:x#{SECRET}@127.0.0.1:6379/0", "#"),
        (f"redis://:x/{SECRET}@127.0.0.1:6379/0", "host and port"),
        (f"redis://:x?{SECRET}@127.0.0.1:6379/0", "host and port"),
        (f"redis://ada:x[{SECRET}@127.0.0.1:6379/0", "host and port"),
        (f"redis://:{SECRET}@127.0.0.1:port/0", "host and port"),
        (f"redis://:{SECRET}@127.0.0.1:6379/queue", "not a number"),
        (f"redis://:{SECRET}@/0", "no host"),
        (f"http://:{SECRET}@127.0.0.1:6379/0", "not the address"),
        ("127.0.0.1:6379", "not the address"),
        ("redis://:PASSWORD@127.0.0.1:6379/0", "where the password belongs"),
        ("redis://:{password}@127.0.0.1:6379/0", "where the password belongs"),
    ],
)
def test_a_wrong_redis_url(monkeypatch: pytest.MonkeyPatch, url: str, words: str) -> None:
    monkeypatch.setenv("REDIS_URL", url)
    with pytest.raises(InvalidSetting, match=words) as caught:
        load_settings()
    assert "REDIS_URL" in caught.value.message
    assert SECRET not in f"{caught.value.message} {caught.value.hint}"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://host/novels",
        "postgres://ada:p%40ss%23@[::1]:5432/novels?sslmode=verify-full",
        "postgresql+psycopg2://novel@/novel?host=/run/novel",
        "postgresql:///novel",
    ],
)
def test_good_database_urls_stay_as_they_are(url: str) -> None:
    assert checked_database_url(f" {url}\n") == url


@pytest.mark.parametrize(
    "url",
    [
        "redis://cache",
        "redis://:p%23ss@127.0.0.1:6379/0",
        "rediss://ada:p@ss@[::1]:6379/15?ssl_ca_certs=/etc/ssl/own.pem",
        "unix:///run/novel/valkey.sock?db=0",
        "redis://127.0.0.1:6379?db=2",
    ],
)
def test_good_redis_urls_stay_as_they_are(url: str) -> None:
    assert checked_redis_url(f" {url}\n") == url


def test_what_people_see_holds_no_password() -> None:
    assert without_password("postgresql://ada:p@ss@h/d") == "postgresql://ada:***@h/d"
    assert without_password("unix:///run/valkey.sock?db=0") == "unix:///run/valkey.sock?db=0"
