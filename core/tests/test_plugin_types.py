"""A type checker finds what is wrong with a plugin, before anything loads it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

GOOD = """
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from novel_core import (
    Change, Chapter, Family, FinishedJob, Novel, NovelSpider, Page, Parsed, Parser, Recognition,
    Sample, SaveContext, SavedRef, Site, Source, SourceInfo, UrlKind, UrlMatch, __version__,
    hookimpl,
)

class DiaryParser(Parser):
    def parse(self, page: Page) -> Parsed:
        return Parsed()

class Diary(Source):
    @dataclass(frozen=True)
    class Options:
        adult: bool = False

    info = SourceInfo("diary", f"Diary {__version__}", "https://diary.example", ("diary.example",))
    samples = (Sample("https://diary.example/1", UrlKind.NOVEL, "https://diary.example/1"),)

    def match(self, url: str) -> UrlMatch | None:
        return UrlMatch(UrlKind.NOVEL, url, novel_id="1")

    def parser(self) -> Parser:
        return DiaryParser()

    def spider(self) -> type[NovelSpider]:
        return NovelSpider

    def before_save(self, item: Novel | Chapter, context: SaveContext, /) -> Novel | Chapter:
        return item

class Board(Diary):
    def __init__(self, site: Site) -> None:
        self.info = site.source_info()

class Forums(Family):
    name = "forums"
    title = "Forums"
    sites = [Site("one", "forums", "https://one.example")]

    def recognise(self, page: Page) -> Recognition | None:
        return Recognition(1.0, "https://one.example") if "forum" in page.text else None

    def source(self, site: Site) -> Source:
        return Board(site)

@hookimpl
def novel_sources() -> Iterable[Source | Family]:
    yield Diary()
    yield Forums()

@hookimpl(specname="novel_item_saved")
def remember(item: Novel | Chapter, ref: SavedRef, change: Change) -> None:
    print(item.title, ref.slug, change)

class Listener:
    @hookimpl
    def novel_job_finished(self, job: FinishedJob, saved: Sequence[SavedRef]) -> None:
        print(job.id, saved)
"""

#: What is replaced in the good plugin, by what, and a part of the error.
WRONG = {
    "no parser": ("def parser(self)", "def parse(self)", "abstract attribute"),
    "a match of another type": ("-> UrlMatch | None:", "-> str | None:", '"match"'),
    "a match without its argument": ("def match(self, url: str)", "def match(self)", '"match"'),
    "a method that gives no parser": (
        "def parser(self) -> Parser",
        "def parser(self) -> None",
        '"parser"',
    ),
    "an item of another type": (
        "/) -> Novel | Chapter:\n        return item",
        "/) -> str:\n        return item.title",
        '"before_save"',
    ),
    "one host as a text": ('("diary.example",)', '"diary.example"', 'expected "tuple[str, ...]"'),
    "options of another type": ('novel_id="1"', "novel_id=1", 'expected "str | None"'),
    "no recognition": ("def recognise(self", "def recognize(self", "abstract attribute"),
    "a list of sites": ('[Site("one"', '["one", Site("one"', "List item 0"),
    "a class in place of a source": ("yield Diary()", "yield Diary", "expected"),
    "sources of another type": (
        "def novel_sources() -> Iterable[Source | Family]",
        "def novel_sources() -> Iterable[type[Source] | Family]",
        '"HookT"',
    ),
    "a listener that returns": (
        "-> None:\n    print(item.title, ref.slug, change)",
        "-> int:\n    return 1",
        '"HookT"',
    ),
    "a wrapper": ('@hookimpl(specname="novel_item_saved")', "@hookimpl(wrapper=True)", "overload"),
    "a name that is not there": ("Change, Chapter,", "Change, Chaptre,", '"Chaptre"'),
    "a field that is not there": ("item.title,", "item.titel,", '"titel"'),
}


@pytest.fixture(scope="module")
def errors(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The errors of each plugin: one run of mypy for all."""
    folder: Path = tmp_path_factory.mktemp("types")
    (folder / "good.py").write_text(GOOD)
    for number, (old, new, _) in enumerate(WRONG.values()):
        assert old in GOOD
        (folder / f"wrong_{number}.py").write_text(GOOD.replace(old, new))
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(folder / "cache")]
    files = sorted(file.name for file in folder.glob("*.py"))
    ran = subprocess.run(
        [*command, *files], cwd=folder, capture_output=True, text=True, timeout=170, check=False
    )
    found: dict[str, list[str]] = {file: [] for file in files}
    for line in ran.stdout.splitlines():
        if told := re.match(r"(\w+\.py):\d+: error: (.*)", line):
            found[told[1]].append(told[2])
    assert ran.stderr == ""
    return found


def test_a_good_plugin_has_no_error(errors: dict[str, list[str]]) -> None:
    assert errors["good.py"] == []


@pytest.mark.parametrize("case", WRONG)
def test_an_error_is_found(errors: dict[str, list[str]], case: str) -> None:
    found = errors[f"wrong_{list(WRONG).index(case)}.py"]
    assert WRONG[case][2] in "\n".join(found)
