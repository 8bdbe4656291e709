"""A plugin's own options: read from variables by the types of its dataclass."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

from novel_core.errors import InvalidSetting, PluginError
from novel_core.settings import Settings, load_settings, read_options


@dataclass(frozen=True)
class Limits:
    pages: int = 3


@dataclass(frozen=True)
class Options:
    reader: bool = False
    order: Literal["oldest", "newest"] = "oldest"
    rate: float | None = None
    labels: tuple[str, ...] = ()
    names: dict[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)


def options(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Any:
    for name, value in variables.items():
        monkeypatch.setenv(f"NOVEL_SOURCES__MY_FORUM__OPTIONS__{name}", value)
    return read_options(load_settings(), "my-forum", Options, {})


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("READER", "1", Options(reader=True)),
        ("READER", "off", Options()),
        ("reader", "true", Options(reader=True)),
        ("ORDER", "newest", Options(order="newest")),
        ("RATE", "0.5", Options(rate=0.5)),
        ("LABELS", "a, b", Options(labels=("a", "b"))),
        ("LABELS", '["a, b"]', Options(labels=("a, b",))),
        ("NAMES", '{"a": "b"}', Options(names={"a": "b"})),
        ("NAMES__A", "b", Options(names={"a": "b"})),
        ("LIMITS__PAGES", "5", Options(limits=Limits(5))),
        ("LABELS", "", Options()),
    ],
)
def test_a_variable_is_read_as_its_field_asks(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: Options
) -> None:
    found = options(monkeypatch, **{name: value})
    assert found == expected
    assert isinstance(found, Options)


@pytest.mark.parametrize(
    ("name", "value", "told", "hint"),
    [
        ("READER", "maybe", "OPTIONS__READER: Input should be a valid boolean", ""),
        ("ORDER", "random", "OPTIONS__ORDER: Input should be 'oldest' or 'newest'", ""),
        ("LIMITS__PAGES", "some", "OPTIONS__LIMITS__PAGES: Input should be a valid integer", ""),
        (
            "READR",
            "1",
            "OPTIONS__READR: the source my-forum has no such option",
            "OPTIONS__READER?",
        ),
        ("ZZZ", "1", "OPTIONS__ZZZ: the source my-forum has no such option", "reader, order, rate"),
    ],
)
def test_a_wrong_option_is_named_with_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str, hint: str
) -> None:
    with pytest.raises(InvalidSetting) as caught:
        options(monkeypatch, **{name: value})
    assert f"NOVEL_SOURCES__MY_FORUM__{told}" in caught.value.message
    assert hint in caught.value.hint


def test_a_site_s_options_are_the_defaults() -> None:
    given = Settings(sources={"my-forum": {"options": {"reader": "0"}}})
    defaults = {"reader": True, "order": "newest", "api": "https://forum.example/api"}
    assert read_options(given, "my-forum", Options, defaults) == Options(order="newest")
    with pytest.raises(PluginError, match="my-forum are wrong: labels: "):
        read_options(given, "my-forum", Options, {"labels": "a, b"})


def test_the_options_of_a_family_hold_below_those_of_the_site() -> None:
    shared = {"ORDER": "newest", "rate": "0.5"}
    given = Settings(
        sources={"forums": {"options": shared}, "my-forum": {"options": {"RATE": "2"}}}
    )
    found = read_options(given, "my-forum", Options, {"reader": True}, "forums")
    assert found == Options(reader=True, order="newest", rate=2.0)
    assert read_options(given, "other", Options, {}, "forums").rate == 0.5
    wrong = Settings(sources={"forums": {"options": {"rate": "fast"}}})
    with pytest.raises(InvalidSetting, match="NOVEL_SOURCES__FORUMS__OPTIONS__RATE: "):
        read_options(wrong, "my-forum", Options, {}, "forums")
    unknown = Settings(sources={"forums": {"options": {"raet": "1"}}})
    with pytest.raises(InvalidSetting, match="NOVEL_SOURCES__FORUMS__OPTIONS__RAET: ") as caught:
        read_options(unknown, "my-forum", Options, {}, "forums")
    assert "NOVEL_SOURCES__FORUMS__OPTIONS__RATE?" in caught.value.hint


def test_a_source_without_options_has_none() -> None:
    assert read_options(Settings(), "toysite", None, {"reader": True}) is None
    given = Settings(sources={"toysite": {"options": {"reader": "1"}}})
    with pytest.raises(InvalidSetting, match="OPTIONS__READER: the source toysite has no options"):
        read_options(given, "toysite", None, {})


def test_options_that_are_no_dataclass_are_the_plugins_fault() -> None:
    with pytest.raises(PluginError, match="its Options are no dataclass"):
        read_options(Settings(), "toysite", dict, {})
