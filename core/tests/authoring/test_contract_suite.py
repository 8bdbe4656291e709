"""The contract suite: a good plugin passes, and each fault fails the test that says what to change.

The plugins are installed into a separate folder and tested in a separate process, as by an author.
"""

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
from dataclasses import dataclass

from novel_core import (
    PageKind, Parsed, Parser, Politeness, Sample, Source, SourceInfo, UrlKind, UrlMatch, hookimpl,
)

ROOT = "https://novels.example"

class Tiny(Source):
    info = SourceInfo("tiny", "Tiny", ROOT, ("novels.example",), politeness=Politeness(1.0))
    samples = (Sample(f"{ROOT}/n/7", UrlKind.NOVEL, f"{ROOT}/n/7", novel_id="7"),)

    @dataclass(frozen=True)
    class Options:
        mirror: bool = False

    def match(self, url):
        found = re.fullmatch(r"https?://novels\\.example/n/([0-9]{1,9})", url)
        return UrlMatch(UrlKind.NOVEL, f"{ROOT}/n/{found[1]}", novel_id=found[1]) if found else None

    def before_save(self, item, context):
        return item.model_copy(update={"title": item.title.strip("*")})

    def parser(self):
        from novel_core import Chapter, ChapterRef, Novel, PageChanged

        class TinyParser(Parser):
            version = "1"

            def parse(self, page):
                title = re.search(rb'<h1 class="?title"?>([^<]+)</h1>', page.body)
                if not title or page.kind is not PageKind.INDEX:
                    raise PageChanged("The page has no title", url=page.url)
                novel = Novel(source_id="7", url=page.url, title=title[1].decode("utf-8", "replace"))
                rows = re.findall(r'<a href="/c/([0-9]+)"[^>]*>([^<]+)</a>', page.text)
                refs = [
                    ChapterRef(source_id=number, title=title, url=f"{ROOT}/c/{number}")
                    for number, title in rows
                ]
                return Parsed(items=(novel, *refs))

        return TinyParser()

@hookimpl
def novel_sources():
    yield Tiny()
"""
METADATA = (
    "Metadata-Version: 2.1\nName: novel-tiny\nVersion: 1.0\nRequires-Dist: novel-core>=0.1,<0.2\n"
)
TEST = """
from novel_core.testing import SourceContract

class TestContract(SourceContract):
    source = "tiny"
"""


BODY = """<!DOCTYPE html><html><body data-novel="7"><h1 class="title">A Tale</h1>
<ol><li><a href="/c/1">One</a></li><li><a href="/c/2">Two</a></li></ol></body></html>
"""
SCRIPT_BODY = BODY.replace(
    "</body>",
    '<script id="toc">window.toc = {"work": {"words": 90, "likes": null}, "dates": [3, 2, 5]};'
    "</script></body>",
)
#: First visited at the canonical URL, which leads to another one.
RECORDED = {
    "source": "tiny",
    "url": "https://novels.example/n/7?list=all",
    "requested_url": "https://novels.example/n/7",
    "kind": "index",
    "headers": {"content-type": "text/html; charset=utf-8"},
    "fetched_at": "2026-01-01T00:00:00+00:00",
}


@dataclass(frozen=True)
class Suite:
    folder: Path

    def run(
        self,
        plugin: str = PLUGIN,
        metadata: str = METADATA,
        test: str = TEST,
        only: str = "",
        body: str = BODY,
    ) -> str:
        """What pytest prints about the plugin's contract, or about `only` one test of it."""
        info = self.folder / "novel_tiny-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(metadata)
        (info / "entry_points.txt").write_text("[novel.sources]\ntiny = novel_tiny\n")
        (self.folder / "novel_tiny.py").write_text(plugin)
        (self.folder / "test_contract.py").write_text(test)
        place = self.folder / "recordings" / "novel-7"
        place.mkdir(parents=True)
        (place / "body.html").write_text(body)
        (place / "page.json").write_text(json.dumps(RECORDED))
        (self.folder / "pytest.ini").write_text(
            "[pytest]\naddopts = -p no:cacheprovider -q -rfEs\n"
        )
        command = [sys.executable, "-m", "pytest", "test_contract.py", "-k", only]
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


NO_SAMPLES = ("    samples = (Sample", "    samples: tuple = ()\n    unused = (Sample")


def test_without_samples_and_recordings_the_tests_say_so(suite: Suite) -> None:
    test = TEST + "    recordings = __import__('pathlib').Path('nowhere')\n"
    report = suite.run(PLUGIN.replace(*NO_SAMPLES), test=test)
    assert failed(report) == {"test_there_are_samples"}, report
    assert "IndexError" not in report
    assert "tiny has no samples: see test_there_are_samples" in report
    assert "tiny has no recordings in nowhere: make some with `novel record URL`" in report


OTHER_ZONE = """
        from novel_core import (
            ChapterListTable, ChapterTable, DeclarativeParser, NovelTable, SiteTable,
        )
        table = SiteTable(
            novel=NovelTable(title="h1"),
            chapters=ChapterListTable(rows="li"),
            chapter=ChapterTable(title="h1", content="p@html"),
        )
        return DeclarativeParser(
            table, match_url=self.match, version="1", time_zone="Asia/Tokyo"
        )
"""
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
            "        found = re",
            "        import socket; socket.create_connection(('127.0.0.1', 9))\n        found = re",
        ),
        "test_the_import_is_light_and_opens_no_connection",
        "opens a connection",
    ),
    "no sample": (
        NO_SAMPLES,
        "test_there_are_samples",
        "have no novel",
    ),
    "a sample that says otherwise": (
        ('n/7", novel_id="7"),)', 'n/7", novel_id="8"),)'),
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
        ("        found = re", "        assert len(url) < 200\n        found = re"),
        "test_other_urls_do_not_match",
        "AssertionError",
    ),
    "no version": (
        ('version = "1"', 'version = ""'),
        "test_the_parser_has_a_version",
        'version = "1"',
    ),
    "a parser without the time zone": (
        (
            "        return TinyParser()",
            OTHER_ZONE,
        ),
        "test_the_parser_has_the_sites_time_zone",
        "time_zone=self.info.time_zone",
    ),
    "a parser with another site's address": (
        (
            "        return TinyParser()",
            OTHER_ZONE.replace('time_zone="Asia/Tokyo"', 'base_url="https://other.example"'),
        ),
        "test_the_parser_has_the_sites_address",
        "base_url=self.info.homepage",
    ),
    "an attribute of None": (
        ("if not title or page.kind", "if page.kind"),
        "test_unexpected_pages_raise_typed_errors",
        "TypeError",
    ),
    "a novel in any page": (
        ("if not title or", "title = title or (0, b'x')\n                if"),
        "test_unexpected_pages_raise_typed_errors",
        "finds 1 items",
    ),
    "a fault on a page of another kind": (
        ("if not title", "page.part and page.chapters[9]\n                if not title"),
        "test_unexpected_pages_raise_typed_errors",
        "IndexError",
    ),
    "a fault at the recordings' address": (
        ("title = re", "assert '?' not in page.url\n                title = re"),
        "test_unexpected_pages_raise_typed_errors",
        "at https://novels.example/n/7?list=all (page of kind index)",
    ),
    "a part that is taken for granted": (
        ("rows = re", "re.search('<ol>', page.text)[0]\n                rows = re"),
        "test_mutated_pages_raise_typed_errors",
        "the recording novel-7, ",
    ),
    "an end that is taken for granted": (
        ("rows = re", "page.body.index(b'</html>')\n                rows = re"),
        "test_cut_pages_raise_typed_errors",
        "bytes:\n",
    ),
    "another novel's id": (
        ('source_id="7"', "source_id=str(1 + len(re.findall('<(?:ol|li|a) ?', page.text)))"),
        "test_mutated_pages_raise_typed_errors",
        "in place of ",
    ),
    "the address of the first visit": (
        ("if not title or", "if page.requested_url != f'{ROOT}/n/7' or not title or"),
        "test_a_second_visit_finds_the_same_novel",
        "starts at https://novels.example/n/7?list=all, and the parser fails there",
    ),
    "other chapters at the second visit": (
        ("in rows\n", "in rows if page.url != page.requested_url\n"),
        "test_a_second_visit_finds_the_same_novel",
        "later it is the page's own",
    ),
    "a match at any host": (
        ("novels\\.example/n", "[a-z.]+/n"),
        "test_other_hosts_do_not_match",
        "taken for one of the source's own",
    ),
    "options that change": (
        ("@dataclass(frozen=True)", "@dataclass"),
        "test_options_are_a_frozen_dataclass_with_defaults",
        "write @dataclass(frozen=True)",
    ),
    "an option without a default": (
        ("mirror: bool = False", "mirror: bool"),
        None,
        "missing 1 required positional argument: 'mirror'",
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
    report = suite.run(PLUGIN.replace(old, new, 1), only=test or "version")
    assert test is None or test in failed(report), report
    assert words in report, report


#: What a parser reads of a script with every care, before it reads one thing without.
OF_SCRIPT = """
                import json
                texts = re.findall('<script[^>]*>window.toc = ([^<]+?);?</script>', page.text)
                values = []
                for text in texts:
                    try:
                        values.append(json.loads(text))
                    except ValueError:
                        continue
                first = values[-1] if values and isinstance(values[-1], dict) else {}
                work, dates = first.get("work"), first.get("dates")
                dates = dates if isinstance(dates, list) else [0]
                """
JSON_FAULTS = {
    "none": ("isinstance(work, dict) and work.get('words')", "", ""),
    "a key": (
        "isinstance(work, dict) and work['words']",
        "in the script #toc: work.words is missing",
        "KeyError: 'words'",
    ),
    "a value that is never null": (
        "'work' in first and isinstance(work, list) or first.get('work', {}).get('words')",
        "in the script #toc: work is null",
        "AttributeError: 'NoneType' object has no attribute 'get'",
    ),
    "numbers that are numbers": (
        "max((one for one in dates if isinstance(one, int | str)), default=0)",
        "in the script #toc: dates[] is a number as text, or a text as number (one of 3)",
        "TypeError: '>' not supported between instances of",
    ),
    "a whole script": (
        "[json.loads(text) for text in texts]",
        "the script #toc is cut off",
        "JSONDecodeError",
    ),
    "one script": (
        "[only] = texts or ['']",
        "the script #toc is there twice",
        "ValueError: too many values to unpack",
    ),
}


@pytest.mark.parametrize("granted", JSON_FAULTS)
def test_what_is_taken_for_granted_of_a_scripts_json_is_told(suite: Suite, granted: str) -> None:
    line, mutation, error = JSON_FAULTS[granted]
    plugin = PLUGIN.replace(
        "rows = re", f"{OF_SCRIPT.strip()}\n                {line}\n                rows = re"
    )
    report = suite.run(plugin, only="mutated", body=SCRIPT_BODY)
    assert failed(report) == ({"test_mutated_pages_raise_typed_errors"} if mutation else set())
    assert mutation in report, report
    assert error in report, report


def test_a_package_without_a_range(suite: Suite) -> None:
    report = suite.run(metadata=METADATA.replace(">=0.1,<0.2", ""))
    assert failed(report) == {"test_the_package_requires_a_range_of_the_core"}
    assert 'write a range such as "novel-core>=0.1,<0.2"' in report


def test_a_plugin_that_does_not_load(suite: Suite) -> None:
    report = suite.run(PLUGIN.replace("import re\n", "import re\nimport nowhere_to_be_found\n", 1))
    assert "No module named 'nowhere_to_be_found'" in report
    assert "pip install -e ." in report
