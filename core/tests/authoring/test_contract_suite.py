"""The contract suite: a good plugin passes, and each fault fails the test that says what to change.

The plugins are installed into a separate folder and tested in a separate process, as by an author.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

PLUGIN = """
import re

from novel_core import (
    PageKind, Parsed, Parser, Politeness, Sample, SourceInfo, UrlKind, UrlMatch, hookimpl,
)

ROOT = "https://novels.example"

@hookimpl
def novel_source_info():
    return SourceInfo("tiny", "Tiny", ROOT, ("novels.example",), politeness=Politeness(1.0))

@hookimpl
def novel_match_url(url):
    found = re.fullmatch(r"https?://novels\\.example/n/([0-9]{1,9})", url)
    return UrlMatch(UrlKind.NOVEL, f"{ROOT}/n/{found[1]}", novel_id=found[1]) if found else None

@hookimpl
def novel_samples():
    yield Sample(f"{ROOT}/n/7", UrlKind.NOVEL, f"{ROOT}/n/7", novel_id="7")

@hookimpl
def novel_before_save(item, context):
    return item.model_copy(update={"title": item.title.strip("*")})

@hookimpl
def novel_parser():
    from novel_core.errors import PageChanged
    from novel_core.items import Chapter, Novel

    class TinyParser(Parser):
        version = "1"

        def parse(self, page):
            title = re.search(rb"<h1 class=title>([^<]+)</h1>", page.body)
            if not title:
                raise PageChanged("The page has no title", url=page.url)
            return Parsed(items=(Novel(source_id="7", url=page.url, title=title[1].decode()),))

    return TinyParser()
"""
METADATA = (
    "Metadata-Version: 2.1\nName: novel-tiny\nVersion: 1.0\nRequires-Dist: novel-core>=0.1,<0.2\n"
)
TEST = """
from novel_core.testing import SourceContract

class TestContract(SourceContract):
    source = "tiny"
"""


@dataclass(frozen=True)
class Suite:
    folder: Path

    def run(self, plugin: str = PLUGIN, metadata: str = METADATA) -> str:
        """What pytest prints about the plugin's contract."""
        info = self.folder / "novel_tiny-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(metadata)
        (info / "entry_points.txt").write_text("[novel.sources]\ntiny = novel_tiny\n")
        (self.folder / "novel_tiny.py").write_text(plugin)
        (self.folder / "test_contract.py").write_text(TEST)
        (self.folder / "pytest.ini").write_text("[pytest]\naddopts = -p no:cacheprovider -q\n")
        command = [sys.executable, "-m", "pytest", "test_contract.py"]
        environment = os.environ | {"PYTHONPATH": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )
        return done.stdout + done.stderr


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    return Suite(tmp_path)


def failed(report: str) -> set[str]:
    return set(re.findall(r"^FAILED [^:]+::TestContract::(\w+)", report, re.MULTILINE))


def test_a_good_plugin_passes(suite: Suite) -> None:
    report = suite.run()
    assert failed(report) == set(), report
    assert " passed" in report


def test_without_samples_one_test_says_so(suite: Suite) -> None:
    report = suite.run(PLUGIN.replace("    yield Sample", "    return\n    yield Sample"))
    assert failed(report) == {"test_there_are_samples"}, report
    assert "IndexError" not in report


FAULTS = {
    "a homepage elsewhere": (
        ('novels.example",), pol', 'www.novels.example",), pol'),
        "test_source_info_is_valid",
        "add it there",
    ),
    "no pace": (
        ("Politeness(1.0)", "Politeness(0)"),
        "test_source_info_is_valid",
        "more than 0",
    ),
    "a heavy import": (
        ("import re\n", "import re\nimport scrapy\n"),
        "test_the_import_is_light_and_opens_no_connection",
        "imports scrapy",
    ),
    "a connection while it is asked": (
        (
            "    found = re",
            "    import socket; socket.create_connection(('127.0.0.1', 9))\n    found = re",
        ),
        "test_the_import_is_light_and_opens_no_connection",
        "opens a connection",
    ),
    "no sample": (
        ("    yield Sample", "    return\n    yield Sample"),
        "test_there_are_samples",
        "gives no novel",
    ),
    "a sample that says otherwise": (
        ('n/7", novel_id="7")', 'n/7", novel_id="8")'),
        "test_samples_match_as_they_state",
        "disagree",
    ),
    "a canonical address that moves": (
        ('f"{ROOT}/n/{found[1]}", novel_id', 'f"{ROOT}/n/{int(found[1]) + 1}", novel_id'),
        "test_canonical_urls_match_themselves",
        "as the canonical form",
    ),
    "a homepage that is a novel": (
        ("n/([0-9]{1,9})", "(?:n/)?([0-9]{0,9})"),
        "test_other_urls_do_not_match",
        "which is no novel",
    ),
    "an odd address that hurts": (
        ("    found = re", "    assert len(url) < 200\n    found = re"),
        "test_other_urls_do_not_match",
        "AssertionError",
    ),
    "no version": (
        ('version = "1"', 'version = ""'),
        "test_the_parser_has_a_version",
        'version = "1"',
    ),
    "an attribute of None": (
        (
            '            if not title:\n                raise PageChanged("The page has no title", url=page.url)\n',
            "",
        ),
        "test_unexpected_pages_raise_typed_errors",
        "TypeError",
    ),
    "a novel in any page": (
        (
            "            if not title:",
            "            title = title or (0, b'x')\n            if not title:",
        ),
        "test_unexpected_pages_raise_typed_errors",
        "finds 1 items",
    ),
    "a save hook that goes on": (
        ('item.title.strip("*")', 'item.title + "!"'),
        "test_save_hooks_are_idempotent",
        "changes its own result",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_told(suite: Suite, fault: str) -> None:
    (old, new), test, words = FAULTS[fault]
    assert old in PLUGIN
    report = suite.run(PLUGIN.replace(old, new, 1))
    assert test in failed(report), report
    assert words in report


def test_a_package_without_a_range(suite: Suite) -> None:
    report = suite.run(metadata=METADATA.replace(">=0.1,<0.2", ""))
    assert failed(report) == {"test_the_package_requires_a_range_of_the_core"}
    assert 'write a range such as "novel-core>=0.1,<0.2"' in report


def test_a_plugin_that_does_not_load(suite: Suite) -> None:
    report = suite.run(PLUGIN.replace("import re\n", "import re\nimport nowhere_to_be_found\n", 1))
    assert "No module named 'nowhere_to_be_found'" in report
    assert "pip install -e ." in report
