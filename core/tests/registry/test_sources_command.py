"""`novel sources`, run as a person or a script runs it."""

import contextlib
import json
import os
import re
from typing import Any

import pytest

from novel_core.errors import InvalidSetting
from novel_core.registry import PluginSwitches, read_switches

HEAVY = ("scrapy", "twisted", "sqlalchemy", "pydantic_settings", "pydantic", "aiohttp", "psycopg2")

LIGHT = f"""
import json, sys
from novel_core.cli.sources import sources
try:
    sources(["--json"])
except SystemExit:
    pass
from novel_core.registry import load_registry
load_registry().resolve("https://good.example/n/7")
print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))
"""


@pytest.fixture
def three(site: Any) -> Any:
    site.add("good")
    site.add("bad", "raise RuntimeError('[red]broken[/]')")
    site.add("off")
    return site


def test_the_table_of_a_pipe(three: Any) -> None:
    ran = three.run("sources", disabled="off,typo")
    lines = [line for line in ran.stdout.splitlines() if not line.startswith(("royalroad", "ao3"))]
    assert ran.returncode == 0
    assert [re.split(r" {2,}", line.rstrip()) for line in lines] == [
        ["name", "state", "version", "distribution", "domains", "error or hooks"],
        [
            *("bad", "failed", "1.0", "novel-bad", "-"),
            "it cannot be imported: RuntimeError: [red]broken[/]",
        ],
        [
            *("good", "loaded", "1.0", "novel-good", "good.example"),
            "sources",
        ],
        ["off", "disabled", "1.0", "novel-off", "-"],
    ]
    assert "NOVEL_DISABLED_SOURCES names 'typo', which is not installed." in ran.stderr


def test_the_json(three: Any) -> None:
    listed = three.sources(disabled="off")
    assert listed["good"] == {
        "name": "good",
        "state": "loaded",
        "version": "1.0",
        "distribution": "novel-good",
        "kind": "source",
        "domains": ["good.example"],
        "hooks": ["novel_sources"],
        "error": None,
    }
    assert listed["off"]["state"] == "disabled"
    assert listed["bad"]["error"] == "it cannot be imported: RuntimeError: [red]broken[/]"


def test_strict_ends_with_1_and_lists_all_the_same(three: Any) -> None:
    assert three.run("sources").returncode == 0
    strict = three.run("sources", "--strict", "--json")
    by_environment = three.run("sources", "--json", NOVEL_STRICT_PLUGINS="yes")
    assert (strict.returncode, by_environment.returncode) == (1, 1)
    assert json.loads(strict.stdout) == json.loads(by_environment.stdout)
    assert three.run("sources", "--strict", disabled="bad").returncode == 0


def test_a_switch_that_is_neither_on_nor_off(three: Any) -> None:
    ran = three.run("sources", "--json", NOVEL_STRICT_PLUGINS="maybe")
    assert ran.returncode == InvalidSetting.exit_code
    assert json.loads(ran.stdout)["error_message"] == (
        "NOVEL_STRICT_PLUGINS is 'maybe'; it can be 1 or 0."
    )


def test_switches_of_an_empty_environment() -> None:
    assert read_switches({}) == PluginSwitches()
    assert read_switches({"NOVEL_STRICT_PLUGINS": " True "}).strict


def test_listing_and_resolving_import_nothing_heavy(site: Any) -> None:
    site.add("good")
    assert site.python(LIGHT) == []


def test_the_table_of_a_terminal(three: Any) -> None:
    master, terminal = os.openpty()
    ran = three.run("sources", disabled="off", stdout=terminal, COLUMNS="200")
    os.close(terminal)
    printed = b""
    with contextlib.suppress(OSError):  # what a terminal reads after the last writer is gone
        while chunk := os.read(master, 65536):
            printed += chunk
    os.close(master)
    text = printed.decode()
    assert ran.returncode == 0
    assert "error or hooks" in text
    assert "RuntimeError: [red]broken[/]" in text
