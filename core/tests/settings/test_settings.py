"""Settings from the environment."""

from pathlib import Path

import pytest

from novel_core.errors import InvalidSetting
from novel_core.settings import load_settings


def test_nested_overrides_and_plain_names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://host/novels")
    monkeypatch.setenv("NOVEL_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("NOVEL_SOURCES__ROYALROAD__REQUESTS_PER_SECOND", "0")
    settings = load_settings()
    assert settings.database_url == "postgresql://host/novels"
    assert not settings.uses_embedded_postgres
    assert settings.redis_url is None
    assert settings.data_dir == tmp_path
    assert settings.sources["royalroad"].requests_per_second == 0
    assert settings.sources["royalroad"].concurrency is None


def test_the_host_map(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOVEL_HOST_MAP", "WWW.a.example=http://127.0.0.1:1/, b.example=https://c:2")
    assert load_settings().host_map == {
        "www.a.example": "http://127.0.0.1:1",
        "b.example": "https://c:2",
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NOVEL_HOST_MAP", "just-a-host"),
        ("NOVEL_HTTP_TIMEOUT", "soon"),
        ("NOVEL_RETRY_TIMES", "-1"),
        ("NOVEL_SOURCES__ROYALROAD__REQUESTS_PER_SECOND", "-1"),
        ("NOVEL_SOURCES__ROYALROAD__REQEUSTS", "1"),
    ],
)
def test_a_wrong_value_names_its_setting(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidSetting) as caught:
        load_settings()
    assert name in caught.value.message


def test_a_value_that_is_no_mapping_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOVEL_SOURCES", "royalroad")
    with pytest.raises(InvalidSetting, match="NOVEL_SOURCES"):
        load_settings()


def test_an_empty_server_url_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.setenv("REDIS_URL", "")
    settings = load_settings()
    assert (settings.uses_embedded_postgres, settings.redis_url) == (True, None)
