"""The contract suite of a family: a good one passes, and each fault fails the test that tells it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.kit

PLUGIN = """
import re

from novel_core import (
    Family, PageKind, Parsed, Parser, Recognition, Sample, Site, Source, UrlKind, UrlMatch, hookimpl,
)


class Reader(Parser):
    def __init__(self, match):
        self.match = match

    def parse(self, page):
        from novel_core import Novel, PageChanged

        match = self.match(page.url)
        title = re.search("<h1>([^<]+)</h1>", page.text)
        if match is None or title is None or "Inkstand" not in page.text:
            raise PageChanged("The page has no title", url=page.url)
        return Parsed(items=(Novel(source_id=match.novel_id, url=match.url, title=title[1]),))


class Ink(Source):
    def __init__(self, site):
        self.site = site
        self.info = site.source_info()
        samples = {"shore": "https://shore.example/story/7"}
        self.samples = tuple(
            Sample(url, UrlKind.NOVEL, url, novel_id="7")
            for name, url in samples.items() if name == site.name
        )

    def match(self, url):
        if not self.site.owns(url):
            return None
        found = re.fullmatch("/story/([0-9]+)", url.removeprefix(self.site.base_url))
        if not found:
            return None
        return UrlMatch(UrlKind.NOVEL, f"{self.site.base_url}/story/{found[1]}", found[1])

    def parser(self):
        return Reader(self.match)


class Inks(Family):
    name = "inkstand"
    title = "Inkstand"
    sites = (
        Site("harbour", "inkstand", "https://harbour.example"),
        Site("tales", "inkstand", "https://example.net/tales"),
        Site("shore", "inkstand", "https://shore.example"),
    )
    host_patterns = ("*.ink.example",)

    def recognise(self, page):
        generator = re.search(b'content="Inkstand"', page.body)
        home = re.search(b'rel="home" href="([^"]+)"', page.body)
        return Recognition(0.9, home[1].decode()) if generator and home else None

    def source(self, site):
        return Ink(site)


@hookimpl
def novel_sources():
    yield Inks()
"""
METADATA = (
    "Metadata-Version: 2.1\nName: novel-ink\nVersion: 1.0\nRequires-Dist: novel-core>=0.1,<0.2\n"
)
TEST = """
from novel_core.testing import FamilyContract, RecordedPages

class TestContract(FamilyContract):
    family = "inkstand"
"""
#: The recordings' sources, by base address: two that are shipped, one by a pattern.
RECORDED = {
    "https://harbour.example": "harbour",
    "https://example.net/tales": "tales",
    "https://mine.ink.example": "mine-ink-example",
}


@dataclass(frozen=True)
class Suite:
    folder: Path

    def run(self, plugin: str = PLUGIN, test: str = TEST, only: str = "") -> str:
        """What pytest prints about the family's contract, or about `only` one test of it."""
        info = self.folder / "novel_ink-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(METADATA)
        (info / "entry_points.txt").write_text("[novel.sources]\nink = novel_ink\n")
        (self.folder / "novel_ink.py").write_text(plugin)
        (self.folder / "test_contract.py").write_text(test)
        (self.folder / "pytest.ini").write_text("[pytest]\naddopts = -p no:cacheprovider -rfEs\n")
        for base, source in RECORDED.items():
            self._record(base, source)
        command = [sys.executable, "-m", "pytest", "-v", "test_contract.py", "-k", only]
        environment = os.environ | {"PYTHONPATH": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )
        return done.stdout + done.stderr

    def _record(self, base: str, source: str) -> None:
        place = self.folder / "recordings" / source / "novel-7"
        place.mkdir(parents=True)
        (place / "body.html").write_text(
            f'<html><meta name="generator" content="Inkstand"><a rel="home" href="{base}">'
            "<body><h1>A Tale</h1></body></html>"
        )
        page = {
            "source": source,
            "url": f"{base}/story/7",
            "kind": "index",
            "headers": {"content-type": "text/html"},
            "fetched_at": "2026-01-01T00:00:00+00:00",
        }
        (place / "page.json").write_text(json.dumps(page))


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    return Suite(tmp_path)


def failed(report: str) -> set[str]:
    return set(re.findall(r"^(?:FAILED|ERROR) [^:]+::TestContract::(\w+)", report, re.MULTILINE))


def test_a_good_family_passes_at_each_site(suite: Suite) -> None:
    report = suite.run()
    assert failed(report) == set(), report
    for source in RECORDED.values():
        assert f"test_mutated_pages_raise_typed_errors[{source}] PASSED" in report
    assert "test_samples_match_as_they_state[shore] PASSED" in report
    assert "harbour has no samples: set them in its source" in report


def test_without_sites_and_recordings_the_tests_say_so(suite: Suite) -> None:
    plugin = re.sub(r"    sites = \(.*?\n    \)\n", "", PLUGIN, flags=re.DOTALL)
    report = suite.run(plugin, TEST + "    recordings = __import__('pathlib').Path('nowhere')\n")
    assert failed(report) == set(), report
    assert "inkstand ships no site, and has no recordings" in report
    assert "inkstand has no recordings in nowhere" in report


# ruff: noqa: ISC004 - faults of two lines
FAULTS = {
    "a site without a host": (
        ("https://harbour.example", "harbour.example"),
        "test_every_shipped_site_is_a_valid_source",
        "Not every site can be loaded: harbour",
    ),
    "a homepage elsewhere": (
        ("site.source_info()", "site.source_info('a.example').__class__("
         "site.name, 'T', 'https://a.example', (site.host, 'a.example'))"),
        "test_every_shipped_site_is_a_valid_source",
        "make its info with site.source_info()",
    ),
    "two sites of one name": (
        ('Site("tales"', 'Site("harbour"'),
        "test_names_and_addresses_are_unique",
        "Two sites have harbour",
    ),
    "a heavy import": (
        ("import re\n", "import re\nimport lxml.html\n"),
        "test_the_import_is_light_and_opens_no_connection",
        "imports lxml",
    ),
    "a match at any host": (
        ("if not self.site.owns(url)", "if found := re.search('/story/([0-9]+)$', url):\n"
                                       "            return UrlMatch(UrlKind.NOVEL, url, found[1])\n"
                                       "        if not self.site.owns(url)"),
        "test_each_site_matches_its_own_addresses_only",
        "ask site.owns(url) first",
    ),
    "a sample that says otherwise": (
        ('novel_id="7")', 'novel_id="8")'),
        "test_samples_match_as_they_state",
        "disagree",
    ),
    "a recognition with a memory": (
        ("        generator =", "        self.seen = getattr(self, 'seen', 0) + 1\n"
                               "        if self.seen > 9: return None\n        generator ="),
        "test_recognise_is_pure",
        "keep no state between two pages",
    ),
    "a site that is not known again": (
        ("if generator and home", "if generator and home and b'tales' not in page.body"),
        "test_its_recordings_are_recognised",
        "recognise knows no recorded page of tales",
    ),
    "another site's address": (
        ("home[1].decode())", "home[1].decode().removesuffix('/tales'))"),
        "test_its_recordings_are_recognised",
        "finds the site https://example.net on",
    ),
    "all software": (
        ("Recognition(0.9, home[1].decode()) if generator and home else None",
         "Recognition(0.9, home[1].decode() if home else 'https://a.example')"),
        "test_other_software_is_not_recognised",
        "takes a page of other software for Inkstand",
    ),
    "a parser that takes parts for granted": (
        ("title is None or", "title[0] and"),
        "test_mutated_pages_raise_typed_errors",
        "TypeError",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_told(suite: Suite, fault: str) -> None:
    (old, new), test, words = FAULTS[fault]
    assert old in PLUGIN
    report = suite.run(PLUGIN.replace(old, new, 1), only=test)
    assert test in failed(report), report
    assert words in report, report


def test_a_family_that_is_not_there(suite: Suite) -> None:
    report = suite.run(test=TEST.replace('"inkstand"', '"inkwell"'))
    assert "No family called 'inkwell' is loaded" in report
    assert "pip install -e ." in report
