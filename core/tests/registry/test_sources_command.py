"""`novel sources`, run as a person or a script runs it."""

import contextlib
import json
import os
import re
from typing import Any

import pytest

from novel_core.errors import InvalidSetting, UnknownSource
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
    assert ran.returncode == 0
    assert rows(ran.stdout) == [
        ["name", "kind", "state", "version", "distribution", "hosts", "error or listens to"],
        [
            *("bad", "plugin", "failed", "1.0", "novel-bad", "-"),
            "it cannot be imported: RuntimeError: [red]broken[/]",
        ],
        ["good", "source", "loaded", "1.0", "novel-good", "good.example"],
        ["off", "plugin", "disabled", "1.0", "novel-off", "-"],
    ]
    assert "NOVEL_DISABLED_SOURCES names 'typo', which is not installed." in ran.stderr


def test_the_json(three: Any) -> None:
    listed = three.sources(disabled="off")
    assert listed["good"] == {
        "name": "good",
        "title": "Good",
        "state": "loaded",
        "version": "1.0",
        "distribution": "novel-good",
        "kind": "source",
        "domains": ["good.example"],
        "site_count": None,
        "hooks": ["novel_sources"],
        "error": None,
    }
    assert listed["off"]["state"] == "disabled"
    assert listed["bad"]["error"] == "it cannot be imported: RuntimeError: [red]broken[/]"


FAMILY = """
from novel_core import Family, Site, hookimpl

class Forums(Family):
    name = "forums"
    title = "Forums"
    host_patterns = ("*.forums.example",)
    sites = [
        Site("one", "forums", "https://one.example/board", title="One"),
        Site("two", "forums", "https://two.example"),
        Site("torn", "forums", "torn"),
    ]

    def recognise(self, page):
        return None

    def source(self, site):
        from boards import Board
        return Board(site)

@hookimpl
def novel_sources():
    return [Forums()]

@hookimpl
def novel_item_saved(item):
    pass
"""
BOARD = """
from dataclasses import dataclass
from novel_core import Source

class Board(Source):
    @dataclass(frozen=True)
    class Options:
        reader: bool = False
        pages: int = 20

    def __init__(self, site):
        self.info = site.source_info()

    def match(self, url):
        return None

    def parser(self):
        raise NotImplementedError
"""


@pytest.fixture
def forums(site: Any) -> Any:
    (site.folder / "boards.py").write_text(BOARD)
    site.add("forums", FAMILY)
    return site


def rows(text: str) -> list[list[str]]:
    """The lines of the test's own plugins, by their version."""
    lines = [line for line in text.splitlines() if not re.search(r" 0\.1\.0 ", line)]
    return [re.split(r" {2,}", line.rstrip()) for line in lines]


def test_a_family_is_one_line_with_the_number_of_its_sites(forums: Any) -> None:
    assert rows(forums.run("sources").stdout)[1:] == [
        [
            *("torn", "site", "failed", "1.0", "novel-forums", "-"),
            "its base_url: “torn” is not a URL",
        ],
        [
            *("forums", "family", "loaded", "1.0", "novel-forums"),
            "2 sites, *.forums.example",
            "item_saved",
        ],
    ]
    listed = forums.sources()
    assert {name for name, one in listed.items() if one["version"] == "1.0"} == {"forums", "torn"}
    assert (listed["forums"]["kind"], listed["forums"]["site_count"]) == ("family", 2)
    assert (listed["torn"]["kind"], listed["torn"]["site_count"]) == ("site", None)


def test_the_sites_of_one_family(forums: Any) -> None:
    shown = rows(forums.run("sources", "forums").stdout)
    assert ["title", "Forums"] in shown
    assert ["hosts", "*.forums.example"] in shown
    assert ["site_count", "2"] in shown
    assert ["one", "https://one.example/board", "One"] in shown
    told = json.loads(forums.run("sources", "forums", "--json").stdout)
    assert [site["name"] for site in told["sites"]] == ["one", "two"]
    assert told["sites"][0]["base_url"] == "https://one.example/board"


def test_one_site_with_the_options_of_its_source(forums: Any) -> None:
    shown = rows(forums.run("sources", "one").stdout)
    assert ["kind", "site"] in shown
    assert ["hosts", "one.example"] in shown
    assert ["NOVEL_SOURCES__ONE__OPTIONS__PAGES", "20"] in shown
    told = json.loads(forums.run("sources", "one", "--json").stdout)
    assert (told["kind"], told["title"], told["sites"]) == ("site", "One", [])
    assert told["options"] == [
        {"variable": "NOVEL_SOURCES__ONE__OPTIONS__READER", "default": False},
        {"variable": "NOVEL_SOURCES__ONE__OPTIONS__PAGES", "default": 20},
    ]


def test_a_name_that_nothing_has(forums: Any) -> None:
    ran = forums.run("sources", "onee")
    assert ran.returncode == UnknownSource.exit_code
    assert ran.stderr.startswith("novel: No source called 'onee' is installed. Did you mean one?")


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
    assert "error or listens to" in text
    assert "RuntimeError: [red]broken[/]" in text
