"""`novel import`: exit codes, words, JSON, and a process that is interrupted."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from commands import Novel
from elsewhere import other_database
from workbench import Workbench

from novel_core.cli.main import COMMANDS
from novel_core.warc import write_warc_file
from novel_royalroad_lookalike import Fiction, LookalikeServer

URL = "https://www.royalroad.com/fiction/7"


@pytest.fixture
def file(bench: Workbench, site: LookalikeServer, tmp_path: Path) -> Path:
    bench.ingest(URL)
    path = tmp_path / "novel.warc.gz"
    write_warc_file(bench.database, bench.novel_id(URL), path)
    site.clear()
    return path


@pytest.fixture
def away(novel: Novel, postgres: str, template: str) -> Novel:
    """The command over another, empty library."""
    with other_database(postgres, template) as url:
        novel.set("DATABASE_URL", url)
        yield novel


def test_import_saves_the_novel_and_says_so(
    away: Novel, site: LookalikeServer, fiction: Fiction, file: Path
) -> None:
    ran = away("import", str(file))
    assert (ran.code, site.requests) == (0, [])
    assert fiction.title in ran.out
    assert "8 new" in ran.out
    assert "no request" in ran.out
    assert away("read", "1", "3").out.count("\n") > 3
    again = away("import", str(file))
    assert (again.code, again.out) == (0, f"{URL}: the library has all of it already.\n")


def test_import_prints_one_json_object(away: Novel, fiction: Fiction, file: Path) -> None:
    ran = away("import", str(file), "--json")
    assert list(ran.json) == ["file", "records", "novels"]
    (told,) = ran.json["novels"]
    assert (told["status"], told["novel"]["title"], told["requests"]) == ("done", fiction.title, 0)
    assert (told["chapters"]["new"], told["missing"], len(told["jobs"])) == (8, [], 1)
    (again,) = away("import", str(file), "--json").json["novels"]
    assert (again["status"], again["job_id"], again["jobs"]) == ("done", None, [])


def test_gaps_have_their_exit_code_and_are_named(
    away: Novel, bench: Workbench, site: LookalikeServer, tmp_path: Path
) -> None:
    bench.ingest(URL)
    lost = bench.rows("DELETE FROM text_pages WHERE text_id IN (2, 5) RETURNING page_id")
    urls = [
        bench.value("DELETE FROM pages WHERE id = :page RETURNING requested_url", page=row[0])
        for row in lost
    ]
    path = tmp_path / "gaps.warc"
    write_warc_file(bench.database, bench.novel_id(URL), path)
    site.clear()
    ran = away("import", str(path))
    assert (ran.code, site.requests) == (3, [])
    assert "2 missing" in ran.out
    assert all(url in ran.err for url in urls)
    assert f"novel ingest {URL}" in ran.err
    assert away("ingest", URL).code == 0
    assert away("novels", "--json").json[0]["held"] == 8


@pytest.mark.parametrize("as_json", [False, True])
def test_a_file_that_cannot_be_used_is_a_clear_error(
    away: Novel, file: Path, tmp_path: Path, as_json: bool
) -> None:
    cut = tmp_path / "cut.warc.gz"
    cut.write_bytes(file.read_bytes()[:20_000])
    for path, code in ((cut, "unreadable_warc"), (tmp_path / "none.warc", "file_unusable")):
        ran = away("import", str(path), *(["--json"] if as_json else []))
        assert ran.code == 2
        if as_json:
            assert (ran.json["error_code"], ran.json["novels"]) == (code, [])
            assert ran.json["hint"]
        else:
            assert ran.err.startswith("novel: ")
            assert len(ran.err.splitlines()) == 2
    assert away("novels", "--json").json == []


def test_a_missing_source_is_told(away: Novel, file: Path) -> None:
    away.set("NOVEL_DISABLED_SOURCES", "royalroad")
    ran = away("import", str(file))
    assert ran.code == 2
    assert "NOVEL_DISABLED_SOURCES" in ran.err


def test_interrupted_it_ends_its_job_and_can_be_run_again(
    away: Novel, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGINT in the middle of the pages: the same process then does it all."""
    program = """
import os, signal
from novel_core.warc.index import WarcIndex
load = WarcIndex.load
def interrupted(self, indexed):
    if indexed.note.kind == "chapter":
        os.kill(os.getpid(), signal.SIGINT)
    return load(self, indexed)
WarcIndex.load = interrupted
from novel_core.cli import main
main()
"""
    command = [sys.executable, "-c", program, "import", str(file)]
    ran = subprocess.run(
        command, env=os.environ.copy(), capture_output=True, text=True, check=False
    )
    assert (ran.returncode, "Stopped." in ran.stderr) == (1, True), ran.stderr
    (job,) = away("jobs", "--json").json
    assert (job["status"], job["error_code"]) == ("error", "stopped")
    assert away("import", str(file)).code == 0


def test_the_command_is_listed() -> None:
    assert "import" in COMMANDS


def test_export_and_import_are_each_other_s_way_back(
    novel: Novel,
    bench: Workbench,
    site: LookalikeServer,
    tmp_path: Path,
    postgres: str,
    template: str,
) -> None:
    bench.ingest(URL)
    site.clear()
    folder, plain = tmp_path / "out", tmp_path / "plain.warc"
    folder.mkdir()
    told = novel("export", URL, "--format", "warc", "-o", str(folder), "--json").json
    packed = Path(told["path"])
    assert packed.name.endswith(".warc.gz")
    assert packed.read_bytes()[:2] == b"\x1f\x8b"
    assert told["pages"] == 10
    assert novel("export", URL, "-o", str(plain)).code == 0
    assert plain.read_bytes().startswith(b"WARC/1.1\r\n")
    assert novel("export", URL, "-o", str(plain)).code == 2
    assert novel("export", URL, "-o", str(plain), "--force").code == 0
    assert novel("export", URL, "--format", "warc", "--chapters", "1-2").code == 2
    with other_database(postgres, template) as url:
        novel.set("DATABASE_URL", url)
        assert novel("import", str(plain)).code == 0
        assert novel("read", "1", "8").out == novel("read", "1", "8").out != ""
        assert novel("import", str(packed), "--json").json["novels"][0]["jobs"] == []
    assert site.requests == []
