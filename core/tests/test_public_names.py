"""The names that plugins import from novel_core: which they are, and what it costs to import them."""

from __future__ import annotations

import ast
import importlib
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import novel_core

#: Stable within a minor version: a plugin may import each of them.
NAMES = frozenset(
    [
        "Evidence",
        "Family",
        "Recognition",
        "Refusal",
        "RefusedHost",
        "SaveContext",
        "Site",
        "SkipItem",
        "Source",
        "read_refused_hosts",
        "read_sites",
        "PageKind",
        "Politeness",
        "Sample",
        "SourceInfo",
        "UrlKind",
        "UrlMatch",
        "Change",
        "FinishedJob",
        "SavedRef",
        "hookimpl",
        "ChangedNovel",
        "Follow",
        "Page",
        "PageRequest",
        "Parsed",
        "Parser",
        "Stated",
        "Access",
        "Author",
        "Chapter",
        "ChapterRef",
        "Item",
        "Novel",
        "NovelStatus",
        "Series",
        "Statistics",
        "Tag",
        "TagKind",
        "Volume",
        "Blocked",
        "Gated",
        "Locked",
        "LoginRequired",
        "Maintenance",
        "NotFound",
        "NotYet",
        "PageBroken",
        "PageChanged",
        "PageTooLarge",
        "RateLimited",
        "SiteUnavailable",
        "SourceError",
        "Document",
        "Element",
        "Feed",
        "FeedEntry",
        "Sheets",
        "absolute",
        "ancestors",
        "children",
        "drop",
        "fragment",
        "hidden_by_style",
        "inner_html",
        "parse_html",
        "replace_by_text",
        "reveal_emails",
        "select",
        "text_of",
        "texts",
        "written",
        "ChapterListTable",
        "ChapterTable",
        "DeclarativeParser",
        "NovelTable",
        "PageNumbers",
        "SiteTable",
        "read_date",
        "read_number",
        "NovelSpider",
        "check_complete",
        "is_challenge",
        "make_spoiler",
        "genre_of",
        "__version__",
    ]
)

HEAVY = (
    "scrapy",
    "twisted",
    "pydantic",
    "sqlalchemy",
    "psycopg2",
    "lxml",
    "selectolax",
    "aiohttp",
    "pluggy",
)
LOADED = f"""
import importlib, json, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))
"""


def homes() -> dict[str, str]:
    """The module of each name, as the stub has it."""
    stub = Path(novel_core.__file__).with_suffix(".pyi")
    imports = [
        node for node in ast.parse(stub.read_text()).body if isinstance(node, ast.ImportFrom)
    ]
    assert all(alias.asname == alias.name for node in imports for alias in node.names)
    return {alias.name: f"novel_core.{node.module}" for node in imports for alias in node.names}


def loaded(*modules: str) -> list[str]:
    """The heavy libraries that a new process has after it imported `modules`."""
    command = [sys.executable, "-c", LOADED, *modules]
    ran = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    found: list[str] = json.loads(ran.stdout)
    return found


def test_the_names_are_those_of_the_contract() -> None:
    assert set(novel_core.__all__) == NAMES
    assert sorted(homes()) == novel_core.__all__ == dir(novel_core)


@pytest.mark.parametrize(("name", "home"), homes().items())
def test_a_name_is_the_object_of_its_module(name: str, home: str) -> None:
    found = getattr(novel_core, name)
    assert found is getattr(importlib.import_module(home), name)
    assert not isinstance(found, ModuleType)


def test_a_star_imports_every_name() -> None:
    names: dict[str, Any] = {}
    exec("from novel_core import *", names)
    assert set(names) - {"__builtins__"} == NAMES


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(AttributeError, match="Parsre"):
        _ = novel_core.Parsre
    with pytest.raises(ImportError, match="Parsre"):
        exec("from novel_core import Parsre")


def test_importing_is_light() -> None:
    assert loaded("novel_core") == []
    assert loaded("novel_core.plugin", "novel_core.source") == []
    assert loaded("novel_royalroad", "novel_ao3", "novel_wordpress", "novel_xenforo") == ["pluggy"]
