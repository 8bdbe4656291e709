"""A project of two sources and a family: recorded, checked and tried, each with its own source."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import Novel
from tablesite import TableSite, a_book

from novel_core import Site
from novel_core.lookalike import ThreadedServer
from novel_core.recording import read_recording

PROJECT = """
[project]
name = "novel-shelves"
version = "1"
[project.entry-points."novel.sources"]
shelves = "novel_shelves"
"""
PLUGIN = """
import re
from dataclasses import dataclass

import tablesite
from novel_core import (
    DeclarativeParser, Family, Recognition, Site, Source, SourceInfo, UrlKind, UrlMatch, hookimpl,
)


class Shelf(Source):
    @dataclass(frozen=True)
    class Options:
        prefix: str = ""

    def before_save(self, item, context):
        return item.model_copy(update={"title": self.options.prefix + item.title})

    def __init__(self, info):
        self.info = info

    def match(self, url):
        root = self.info.homepage
        found = re.fullmatch(re.escape(root) + r"/book/(\\d+)(?:/([a-z]+))?(?:\\?page=\\d+)?", url)
        if not found:
            return None
        novel = f"{root}/book/{found[1]}"
        if not found[2]:
            return UrlMatch(UrlKind.NOVEL, novel, novel_id=found[1])
        return UrlMatch(UrlKind.CHAPTER, f"{novel}/{found[2]}", found[1], found[2], novel)

    def parser(self):
        return DeclarativeParser(tablesite.TABLE, match_url=self.match, version="1")


def site(name):
    return Site(name, "shelves", f"https://{name}.example", title=name.title())


class Shelves(Family):
    name = "shelves"
    title = "Shelves"
    sites = (site("oak"), site("elm"))
    host_patterns = ("*.shelf.example",)

    def recognise(self, page):
        root = "/".join(page.url.split("/")[:3])
        return Recognition(0.9, root, time_zone="Asia/Tokyo") if b'class="toc"' in page.body else None

    def source(self, site):
        return Shelf(site.source_info())


@hookimpl
def novel_sources():
    yield Shelf(SourceInfo("ash", "Ash", "https://ash.example", ("ash.example",)))
    yield Shelf(SourceInfo("yew", "Yew", "https://yew.example", ("yew.example",)))
    yield Shelves()
"""
HOSTS = {
    "ash": "ash.example",
    "yew": "yew.example",
    "oak": "oak.example",
    "elm": "elm.example",
    "my-shelf-example": "my.shelf.example",
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all tests: a module is imported once."""
    folder = tmp_path_factory.mktemp("novel-shelves")
    (folder / "src" / "novel_shelves").mkdir(parents=True)
    (folder / "src" / "novel_shelves" / "__init__.py").write_text(PLUGIN)
    (folder / "pyproject.toml").write_text(PROJECT)
    return folder


@pytest.fixture
def novel(
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> Iterator[Novel]:
    command = Novel(monkeypatch, capsys)
    with ThreadedServer(TableSite(a_book()).app) as served:
        command.set("NOVEL_HOST_MAP", ",".join(f"{host}={served.url}" for host in HOSTS.values()))
        for name in HOSTS:
            command.set(f"NOVEL_SOURCES__{name.upper()}__REQUESTS_PER_SECOND", "0")
        command.set("NOVEL_DATA_DIR", str(tmp_path / "data"))
        monkeypatch.chdir(project)
        yield command


def url_of(name: str) -> str:
    return f"https://{HOSTS[name]}/book/1"


@pytest.fixture
def recorded(novel: Novel, tmp_path: Path) -> Path:
    for name in HOSTS:
        ran = novel(
            "record", url_of(name), "--plugin", ".", "--into", str(tmp_path / "kept" / name)
        )
        assert ran.code == 0, ran.err
    return tmp_path / "kept"


def test_each_source_records_into_its_own_folder(novel: Novel, project: Path) -> None:
    for name in HOSTS:
        ran = novel(
            "record", url_of(name), "--plugin", ".", "--chapters", "0", "--pages", "0", "--json"
        )
        assert ran.code == 0, ran.err
        [written] = ran.json
        place = project / "tests" / "recordings" / name / "novel-1"
        assert (Path(written["recording"]), written["source"]) == (place, name)
        assert json.loads((place / "page.json").read_text())["source"] == name
    ran = novel("check", ".", "--json")
    assert ran.code == 0, ran.err
    assert [found["source"] for found in ran.json["sources"]] == list(HOSTS)


def test_a_project_is_checked_each_recording_by_its_own_source(
    novel: Novel, recorded: Path
) -> None:
    ran = novel("check", ".", "--recordings", str(recorded))
    assert (ran.code, ran.err) == (0, ""), ran.out
    for name in HOSTS:
        assert f"{name}: 4 recordings" in ran.out
    one = novel("check", ".", "--source", "elm", "--recordings", str(recorded), "--json")
    assert (one.code, [found["source"] for found in one.json["sources"]]) == (0, ["elm"])
    sites = novel("check", "shelves", "--plugin", ".", "--recordings", str(recorded), "--json")
    assert [found["source"] for found in sites.json["sources"]] == ["oak", "elm"]


def test_a_recording_of_nobody_is_told(novel: Novel, recorded: Path) -> None:
    page = recorded / "ash" / "novel-1" / "page.json"
    page.write_text(page.read_text().replace('"ash"', '"birch"'))
    ran = novel("check", ".", "--recordings", str(recorded))
    assert ran.code == 1
    assert "recordings of no source" in ran.out
    assert "No source called 'birch' is installed." in ran.out


def test_a_recording_is_read_again_by_its_own_source(novel: Novel, recorded: Path) -> None:
    for name in HOSTS:
        ran = novel("record", str(recorded / name / "novel-1"), "--plugin", ".")
        assert (ran.code, ran.err) == (0, ""), name


@pytest.mark.parametrize("name", ["yew", "elm", "my-shelf-example"])
def test_the_url_chooses_what_is_tried(novel: Novel, name: str) -> None:
    ran = novel("try", ".", url_of(name), "--chapters", "1", "--json")
    assert ran.code == 0, ran.err
    assert (ran.json["novel"]["url"], len(ran.json["chapters"])) == (url_of(name), 7)


def test_a_source_is_named(novel: Novel) -> None:
    ran = novel("try", ".", url_of("yew"), "--source", "ash")
    assert (ran.code, "ash does not match https://yew.example/book/1" in ran.err) == (2, True)
    ran = novel("try", ".", url_of("yew"), "--source", "shelves")
    assert "shelves (" in ran.err
    assert "is a family of sites, not a source" in ran.err


def test_an_unlisted_site_is_recorded_by_recognise(novel: Novel, tmp_path: Path) -> None:
    into = tmp_path / "kept"
    with ThreadedServer(TableSite(a_book()).app) as served:
        novel.set("NOVEL_HOST_MAP", f"fir.example={served.url}")
        novel.set("NOVEL_SOURCES__FIR_EXAMPLE__REQUESTS_PER_SECOND", "0")
        asked = ("record", "https://fir.example/book/1", "--plugin", ".", "--into", str(into))
        ran = novel(*asked)
        assert ran.code == 0, ran.err
        assert "named fir-example" in ran.err
        ran = novel("record", "https://fir.example/book/99", "--plugin", ".", "--into", str(into))
        assert (ran.code, "recognise of Shelves does not know" in ran.err) == (2, True)
    # Its recordings are read again wherever they are, without a list of sites.
    page = json.loads((into / "novel-1" / "page.json").read_text())
    assert page["site"] == {
        "name": "fir-example",
        "family": "shelves",
        "base_url": "https://fir.example",
        "time_zone": "Asia/Tokyo",
    }
    ran = novel("check", ".", "--recordings", str(into))
    assert (ran.code, "fir-example: 4 recordings" in ran.out) == (0, True), ran.out
    for update in ((), ("--update",)):
        ran = novel("record", str(into / "novel-1"), "--plugin", ".", *update)
        assert (ran.code, ran.err) == (0, "")
    assert read_recording(into / "novel-1").site == Site(
        "fir-example", "shelves", "https://fir.example", time_zone="Asia/Tokyo"
    )


def test_recordings_of_a_hosted_site_have_what_its_pages_tell(novel: Novel, tmp_path: Path) -> None:
    """As a job has it: the zone of its dates, here."""
    into = tmp_path / "kept"
    ran = novel("record", url_of("my-shelf-example"), "--plugin", ".", "--into", str(into))
    assert ran.code == 0, ran.err
    assert read_recording(into / "novel-1").site == Site(
        "my-shelf-example",
        "shelves",
        "https://my.shelf.example",
        time_zone="Asia/Tokyo",
        rate_group="*.shelf.example",
    )
    ran = novel("check", ".", "--recordings", str(into))
    assert (ran.code, "my-shelf-example: " in ran.out) == (0, True), ran.out


def test_a_recorded_site_that_is_none_is_told(novel: Novel, recorded: Path) -> None:
    page = recorded / "ash" / "novel-1" / "page.json"
    page.write_text(page.read_text().replace('"source"', '"site": {"nam": 1}, "source"'))
    ran = novel("check", ".", "--recordings", str(recorded))
    assert (ran.code, "does not describe a page" in ran.out) == (1, True), ran.out


def test_an_unlisted_site_is_tried_by_recognise(
    novel: Novel, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ThreadedServer(TableSite(a_book()).app) as served:
        novel.set("NOVEL_HOST_MAP", f"fir.example={served.url}")
        novel.set("NOVEL_SOURCES__FIR_EXAMPLE__REQUESTS_PER_SECOND", "0")
        ran = novel("try", ".", "https://fir.example/book/1", "--chapters", "1")
        assert ran.code == 0, ran.err
        assert "recognise of shelves finds https://fir.example (time zone Asia/Tokyo)" in ran.err
        assert "named fir-example" in ran.err
        assert "A Tale of Lamps" in ran.out
        ran = novel("try", ".", "https://fir.example/book/99")
        assert ran.code != 0
        assert "recognise of Shelves does not know its page https://fir.example/book/99" in ran.err
        ran = novel("ingest", "https://fir.example/book/1")
        assert "No source handles fir.example" in ran.err


@pytest.mark.parametrize("name", ["ash", "oak"])
def test_a_tried_source_has_its_options(novel: Novel, name: str) -> None:
    """The options of one source are no other's."""
    novel.set(f"NOVEL_SOURCES__{name.upper()}__OPTIONS__PREFIX", "The ")
    ran = novel("try", ".", url_of(name), "--chapters", "0", "--json")
    assert ran.code == 0, ran.err
    assert ran.json["novel"]["title"] == "The A Tale of Lamps"
    ran = novel("try", ".", url_of("yew"), "--chapters", "0", "--json")
    assert ran.json["novel"]["title"] == "A Tale of Lamps"


def test_an_option_that_is_none_is_told(novel: Novel) -> None:
    novel.set("NOVEL_SOURCES__ASH__OPTIONS__PREFLIX", "The ")
    ran = novel("try", ".", url_of("ash"))
    assert (ran.code, "NOVEL_SOURCES__ASH__OPTIONS__PREFLIX" in ran.err) == (2, True), ran.err
