"""`novel record`, `check` and `try` with a site on loopback and a plugin that is not installed."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import tablesite
from commands import Novel
from tablesite import TableSite, a_book

from novel_core.lookalike import ThreadedServer
from novel_royalroad_lookalike import Library, LookalikeServer

URL = f"{tablesite.ROOT}/book/1"


@pytest.fixture
def books() -> TableSite:
    return TableSite(a_book())


@pytest.fixture
def authoring(
    books: TableSite,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> Iterator[Novel]:
    command = Novel(monkeypatch, capsys)
    with ThreadedServer(books.app) as served:
        command.set("NOVEL_HOST_MAP", f"{tablesite.HOST}={served.url}")
        command.set("NOVEL_SOURCES__TABLESITE__REQUESTS_PER_SECOND", "0")
        command.set("NOVEL_DATA_DIR", str(tmp_path / "data"))
        monkeypatch.chdir(tmp_path)
        yield command


def record(novel: Novel, *arguments: str, url: str = URL) -> list[dict[str, object]]:
    ran = novel(
        "record", url, "--plugin", "tablesite", "--into", "recordings", "--json", *arguments
    )
    assert ran.code == 0, ran.err
    found: list[dict[str, object]] = ran.json
    return found


def test_a_novel_is_recorded_politely(authoring: Novel, books: TableSite) -> None:
    written = record(authoring, "--chapters", "2")
    assert {Path(str(entry["recording"])).name for entry in written} == {
        "novel-1",
        "novel-1-page-minus-1",
        "novel-1-page-minus-2",
        "chapter-five",
        "chapter-six",
    }
    assert all(entry["error"] is None for entry in written)
    pages = json.loads(Path("recordings/novel-1/page.json").read_text())
    assert pages["headers"] == {"content-type": "text/html; charset=utf-8"}
    assert len(books.requests) == 5


def test_pages_beyond_the_limit_are_named(authoring: Novel, books: TableSite) -> None:
    books.books["1"].chapters *= 3  # a list of seven pages
    ran = authoring("record", URL, "--plugin", "tablesite", "--into", "recordings")
    assert (ran.code, "1 further page not fetched: see --pages." in ran.err) == (0, True)
    [named] = [line for line in ran.err.splitlines() if line.startswith("  http")]
    assert named == f"  {URL}?page=3"
    record(authoring, "--pages", "20", "--update")
    assert len(list(Path("recordings").glob("novel-1-page-minus-*"))) == 6


@pytest.mark.parametrize("chapters", ["0", "1"])
def test_a_chapter_is_recorded_with_all_its_parts(
    authoring: Novel, books: TableSite, chapters: str
) -> None:
    two = next(chapter for chapter in books.books["1"].chapters if chapter.id == "two")
    two.parts *= 2
    ran = authoring(
        "record", f"{URL}/two", "--plugin", "tablesite", "--into", "recordings",
        "--chapters", chapters,
    )  # fmt: skip
    assert ran.code == 0, ran.err
    names = {place.name for place in Path("recordings").iterdir()}
    assert names == {"chapter-two", "chapter-two-part-2", "chapter-two-part-3"}
    assert f"not fetched: see --pages.\n  {URL}/two?page=3\n" in ran.err


FAILING = """
import tablesite
from novel_core import DeclarativeParser, PageKind, hookimpl

class Failing(DeclarativeParser):
    def parse(self, page):
        if page.kind is PageKind.CHAPTER:
            return {}["text"]
        return super().parse(page)

class Source(tablesite.TableSource):
    def parser(self):
        return Failing(tablesite.TABLE, match_url=tablesite.match_url, version="1")

@hookimpl
def novel_sources():
    return [Source()]
"""


@pytest.mark.parametrize("redact", [(), ("--redact",)])
def test_a_page_on_which_the_parser_fails_is_kept(
    authoring: Novel, redact: tuple[str, ...]
) -> None:
    name = f"failing_{len(redact)}.py"
    Path(name).write_text(FAILING)
    ran = authoring("record", URL, "--plugin", name, "--into", "recordings", *redact)
    assert ran.code == 1
    assert "chapter-five: the parser fails on" in ran.err
    frames = r'failing_\d\.py", line \d+, in parse\n    return \{\}\["text"\]\nKeyError: \'text\'\n'
    assert re.search(frames, ran.err)
    assert "novel_core" not in ran.err
    assert "Not all pages" not in ran.err  # said once
    assert "Traceback" not in ran.err
    assert Path("recordings/novel-1/expected.json").exists()
    assert Path("recordings/chapter-five/body.html").exists()
    assert not Path("recordings/chapter-five/expected.json").exists()


@pytest.mark.parametrize("fault", ["raise SystemExit(3)", "raise RecursionError", "return None"])
def test_a_novels_page_on_which_the_parser_fails_is_kept(authoring: Novel, fault: str) -> None:
    name = f"leaving_{sum(map(ord, fault))}.py"
    failing = FAILING.replace('return {}["text"]', fault).replace(
        "PageKind.CHAPTER", "PageKind.INDEX"
    )
    Path(name).write_text(failing)
    ran = authoring("record", URL, "--plugin", name, "--into", "recordings", "--redact")
    assert ran.code == 1
    assert "novel-1: the parser fails on" in ran.err
    assert "Traceback" not in ran.err
    assert Path("recordings/novel-1/body.html").exists()
    assert not Path("recordings/novel-1/expected.json").exists()


def test_recordings_are_found_at_any_depth(authoring: Novel) -> None:
    record(authoring)
    Path("recordings").rename("tablesite")
    Path("recordings/deep").mkdir(parents=True)
    Path("tablesite").rename("recordings/deep/tablesite")
    asked = ("check", "tablesite", "--plugin", "tablesite", "--recordings")
    ran = authoring(*asked, "recordings")
    assert (ran.code, "4 recordings" in ran.out) == (0, True), ran.out


@pytest.mark.parametrize("named", [("tablesite",), ()])
def test_no_recordings_are_an_error_that_says_where(
    authoring: Novel, named: tuple[str, ...]
) -> None:
    Path("empty").mkdir()
    ran = authoring("check", *named, "--plugin", "tablesite", "--recordings", "empty")
    assert ran.code == 3
    assert "There are no recordings to check. Looked in empty." in ran.err
    assert "novel record URL" in ran.err


def test_what_is_there_is_not_overwritten_unasked(authoring: Novel, books: TableSite) -> None:
    record(authoring)
    before = Path("recordings/novel-1/body.html").read_bytes()
    books.books["1"].title = "Another Name"
    ran = authoring("record", URL, "--plugin", "tablesite", "--into", "recordings")
    assert ran.code == 2
    assert "--update" in ran.err
    assert Path("recordings/novel-1/body.html").read_bytes() == before
    written = record(authoring, "--update")
    assert written[0]["differences"] == ['novel.title\n  - "A Tale of Lamps"\n  + "Another Name"']


def test_an_error_is_recorded_as_what_it_is(authoring: Novel) -> None:
    [written] = record(authoring, url=f"{tablesite.ROOT}/book/404")
    assert written["error"] == {
        "code": "not_found",
        "message": "The site says: This book has been withdrawn.",
    }
    ran = authoring("check", "tablesite", "--plugin", "tablesite", "--recordings", "recordings")
    assert (ran.code, "all as expected" in ran.out) == (0, True)


def test_redacted_pages_hold_no_prose(authoring: Novel) -> None:
    record(authoring, "--redact")
    for path in Path("recordings").rglob("*"):
        if path.is_file():
            assert b"Fifth" not in path.read_bytes(), path


CHECKING = """
import tablesite
from novel_core import LoginRequired, NovelSpider, hookimpl

class Spider(NovelSpider):
    def check(self, page):
        if {mark!r} in page.body:
            raise LoginRequired("For members only.", url=page.url)

class Source(tablesite.TableSource):
    def spider(self):
        return Spider

@hookimpl
def novel_sources():
    return [Source()]
"""


def test_a_spiders_check_of_bytes_works_on_the_redacted_page(
    authoring: Novel, books: TableSite
) -> None:
    books.books["1"].author = "<FORM class=login Action='/in'></form>"
    Path("checking_markup.py").write_text(CHECKING.format(mark=b"<FORM class=login Action='/in'>"))
    asked = ("record", URL, "--plugin", "checking_markup.py", "--into", "recordings", "--json")
    ran = authoring(*asked, "--redact")
    assert [entry["error"]["code"] for entry in ran.json] == ["login_required"]
    assert ran.code == 0


def test_a_page_with_another_outcome_is_not_recorded(authoring: Novel, books: TableSite) -> None:
    sentence = "You are not a member of this site, and so you may not read any of its many books."
    books.books["1"].author = f"<p>{sentence}</p>"
    Path("checking_words.py").write_text(CHECKING.format(mark=sentence.encode()))
    asked = ("record", URL, "--plugin", "checking_words.py", "--into", "recordings")
    ran = authoring(*asked, "--redact")
    assert ran.code == 1
    assert "novel-1: not recorded, since the parser reads the redacted page otherwise" in ran.err
    assert "login_required" in ran.err
    assert not Path("recordings/novel-1").exists()
    assert authoring(*asked).code == 0
    assert Path("recordings/novel-1/expected.json").exists()


def test_a_recording_is_read_again(authoring: Novel) -> None:
    record(authoring)
    expected = Path("recordings/novel-1/expected.json")
    expected.write_text(expected.read_text().replace("A Tale of Lamps", "A Tail"))
    arguments = ("record", "recordings/novel-1", "--plugin", "tablesite")
    ran = authoring(*arguments)
    assert ran.code == 1
    assert '- "A Tail"' in ran.out
    assert "A Tail" in expected.read_text()
    assert authoring(*arguments, "--update").code == 0
    assert "A Tail" not in expected.read_text()
    assert authoring(*arguments).code == 0


def check(novel: Novel, *arguments: str) -> tuple[int, dict[str, object]]:
    ran = novel(
        "check",
        "tablesite",
        "--plugin",
        "tablesite",
        "--recordings",
        "recordings",
        "--json",
        *arguments,
    )
    [found] = ran.json["sources"]
    return ran.code, found


def test_check_replays_the_recordings(authoring: Novel, books: TableSite) -> None:
    record(authoring)
    books.requests.clear()
    code, found = check(authoring)
    assert (code, found["right"], found["live"]) == (0, True, None)
    assert books.requests == []
    body = Path("recordings/novel-1/body.html")
    body.write_text(body.read_text().replace('class="by"', 'class="of"'))
    code, found = check(authoring)
    assert code == 1
    [wrong] = [replay for replay in found["replays"] if replay["differences"]]  # type: ignore[attr-defined]
    assert wrong["recording"] == "novel-1"
    assert wrong["differences"][0].startswith("novel.authors")


def test_a_live_check_tells_a_drift_by_field(authoring: Novel, books: TableSite) -> None:
    record(authoring)
    code, found = check(authoring, "--live")
    assert (code, found["live"]["drift"]) == (0, [])  # type: ignore[index]
    books.books["1"].title = "Renamed"  # a value, not the shape
    assert check(authoring, "--live")[0] == 0
    books.broken = True
    code, found = check(authoring, "--live")
    assert code == 1
    assert found["live"]["drift"] == [{"field": "novel.authors", "empty": 1, "of": 1}]  # type: ignore[index]
    text = authoring(
        "check", "tablesite", "--plugin", "tablesite", "--recordings", "recordings", "--live"
    )
    assert "novel.authors now empty on 1 of 1" in text.out


def test_a_sample_that_cannot_be_had(authoring: Novel, books: TableSite) -> None:
    books.books.clear()
    Path("recordings").mkdir()
    code, found = check(authoring, "--live")
    assert code == 3
    [missing] = found["live"]["unreachable"]  # type: ignore[index]
    assert missing["code"] == "not_found"
    told = authoring(
        "check", "tablesite", "--plugin", "tablesite", "--recordings", "recordings", "--live"
    )
    assert (told.code, "1 sample, 2 requests: nothing to compare" in told.out) == (3, True), (
        told.out
    )


NO_SAMPLES = """
import tablesite
from novel_core import hookimpl

class Source(tablesite.TableSource):
    samples = ()

@hookimpl
def novel_sources():
    return [Source()]
"""


def test_a_live_check_without_samples_is_no_success(authoring: Novel) -> None:
    record(authoring)
    Path("no_samples.py").write_text(NO_SAMPLES)
    ran = authoring("check", "no_samples.py", "--recordings", "recordings", "--live")
    assert (ran.code, "live: no samples" in ran.out) == (3, True), ran.out + ran.err
    assert "There are no samples to request." in ran.err


def test_try_shows_what_would_be_saved(authoring: Novel, books: TableSite) -> None:
    ran = authoring("try", "tablesite", URL, "--chapters", "2")
    assert ran.code == 0, ran.err
    assert "A Tale of Lamps" in ran.out
    assert "7 listed, 2 fetched" in ran.out
    assert "4 further chapters not requested: see --chapters" in ran.out
    assert "listed chapters" not in ran.err  # the limit is no fault
    assert "Starting a temporary database" in ran.err
    volumes = [line.strip() for line in ran.out.splitlines() if line.startswith("  Book ")]
    assert volumes == ["Book One: 3 chapters", "Book Two: 4 chapters"]
    [three] = [line for line in ran.out.splitlines() if line.startswith("  three ")]
    assert "2026-01-03" in three
    [edited] = [line for line in ran.out.splitlines() if "marker" in line]
    assert edited.endswith("  [marker 5]")
    assert "seven" in authoring("try", "tablesite", URL, "--json", "--chapters", "0").out
    [empty] = [line for line in ran.out.splitlines() if line.strip().startswith("empty")]
    assert "warnings" in empty
    assert "title" not in empty


def test_try_says_an_error_once_and_what_url_was_given(authoring: Novel) -> None:
    given = f"{tablesite.ROOT}/book/99?page=0"
    ran = authoring("try", "tablesite", given)
    assert (ran.code, ran.err.count("The site says: This book has been withdrawn.")) == (5, 1)
    assert "  Check the address in a browser.\n" in ran.err  # nothing was saved before
    assert f"  The URL that was given: {given}\n" in ran.err


def test_try_promises_no_later_request(authoring: Novel, tmp_path: Path) -> None:
    code = Path(tablesite.__file__).read_text().replace('"not_found":', '"not_yet":')
    (tmp_path / "later_site.py").write_text(code)
    ran = authoring("try", str(tmp_path / "later_site.py"), f"{tablesite.ROOT}/book/99?page=0")
    assert ran.code == 1
    assert "Try it again when the site shows it." in ran.err
    assert "requested again later" not in ran.err


def test_try_takes_a_project_a_package_and_a_file(authoring: Novel, tmp_path: Path) -> None:
    module = (Path(tablesite.__file__)).read_text().replace('"tablesite"', '"copied_site"')
    project = tmp_path / "project"
    (project / "src").mkdir(parents=True)
    (project / "src" / "copied_site.py").write_text(module)
    (project / "pyproject.toml").write_text(
        '[project]\nname = "novel-copied"\nversion = "1"\n[project.entry-points."novel.sources"]\ncopied_site = "copied_site"\n'
    )
    package = tmp_path / "copied_package"
    package.mkdir()
    (package / "__init__.py").write_text(module)
    shutil.copy(project / "src" / "copied_site.py", tmp_path / "copied_file.py")
    for plugin in (project, package, tmp_path / "copied_file.py"):
        ran = authoring("try", str(plugin), URL, "--chapters", "1", "--json")
        assert ran.code == 0, ran.err
        assert ran.json["novel"]["title"] == "A Tale of Lamps"
        assert len(ran.json["chapters"]) == 7


@pytest.mark.parametrize(
    ("plugin", "words"),
    [
        ("nowhere/at/all", "no folder and no module"),
        (".", "neither pyproject.toml nor __init__.py"),
        ("json", "it does not implement novel_sources()"),
    ],
)
def test_try_says_what_is_no_plugin(authoring: Novel, plugin: str, words: str) -> None:
    ran = authoring("try", plugin, URL)
    assert ran.code in {1, 2}
    assert words in ran.err


def test_try_refuses_an_address_the_plugin_does_not_claim(authoring: Novel) -> None:
    ran = authoring("try", "tablesite", "https://other.example/1")
    assert ran.code == 2
    assert "No source handles other.example" in ran.err


BROKEN = {
    "parse": ("def parse(self, page):", "page.url.nothing()"),
    "check": ("def check(self, page):", "page.url.nothing()"),
    "match": ("def match(self, url):", "url.nothing()"),
    "before_save": ("def before_save(self, item, context):", "item.title.nothing()"),
    "the import": ("", "''.nothing()"),
}
TRIED = """
import tablesite
from novel_core import DeclarativeParser, NovelSpider, hookimpl

class Parser(DeclarativeParser):
    {parse}

class Spider(NovelSpider):
    {check}

class Source(tablesite.TableSource):
    {match}
    {before_save}
    def parser(self):
        return Parser(tablesite.TABLE, match_url=tablesite.match_url, version="1")
    def spider(self):
        return Spider

{the import}
@hookimpl
def novel_sources():
    return [Source()]
"""


@pytest.mark.parametrize("where", BROKEN)
def test_try_shows_the_plugins_own_lines(authoring: Novel, where: str) -> None:
    head, code = BROKEN[where]
    code = f"{head} {code}" if head else code
    given = {name: code if name == where else "pass" for name in BROKEN}
    given["the import"] = given["the import"].replace("pass", "")
    name = f"tried_{where.replace(' ', '_')}.py"
    Path(name).write_text(TRIED.format_map(given))
    ran = authoring("try", name, URL, "--chapters", "1")
    assert ran.code != 0
    told = ran.err + ran.out
    number = 1 + Path(name).read_text().splitlines().index(f"    {code}" if head else code)
    assert f'{name}", line {number}, in ' in told
    assert f"    {code}\n" in told
    assert "AttributeError: 'str' object has no attribute 'nothing'" in told
    assert not re.search(r'File "[^"]*(novel_core|pluggy)/', told)


def test_try_shows_a_parsers_error(authoring: Novel, tmp_path: Path) -> None:
    broken = (Path(tablesite.__file__)).read_text().replace('title="h1.title"', 'title="h1.none"')
    (tmp_path / "broken_site.py").write_text(broken)
    ran = authoring("try", str(tmp_path / "broken_site.py"), URL, "--chapters", "1")
    assert ran.code == 6
    assert "The page has no title (looked for h1.none)" in ran.err


def test_installed_sources_are_checked_in_their_project(authoring: Novel) -> None:
    with LookalikeServer(Library([])) as site:
        authoring.set("NOVEL_HOST_MAP", site.host_map)
        ran = authoring("check", "royalroad", "--json")
    assert ran.code == 0
    [found] = ran.json["sources"]
    assert found["replays"]
    assert site.requests == []
