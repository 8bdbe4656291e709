"""Bad input: one clear line, the right exit code, and nothing saved before is lost or changed."""

from __future__ import annotations

import pytest
from commands import Novel
from sqlalchemy import Engine, text
from workbench import LIBRARY_TABLES

from novel_royalroad_lookalike import ChapterFault, Fiction, LookalikeServer

URL = "https://www.royalroad.com/fiction/7"


def dump(database: Engine) -> list[object]:
    with database.connect() as connection:
        return [
            connection.execute(text(f"SELECT * FROM {table} ORDER BY 1, 2")).all()
            for table in LIBRARY_TABLES
        ]


@pytest.mark.parametrize(
    ("url", "code", "words"),
    [
        ("", 2, "empty"),
        ("not a url", 2, "space"),
        ("https://", 2, "no host"),
        ("https://unknown.example/novel/1", 2, "unknown.example"),
        ("https://www.royalroad.com/fictions/best-rated", 2, "Royal Road"),
        ("ftp://www.royalroad.com/fiction/7", 2, "ftp"),
        ("https://user:pass@www.royalroad.com/fiction/7", 2, "password"),
        ("https://www.royalroad.com/fiction/" + "7" * 10_000, 2, "long"),
        ("https://www.royalroad.com/fiction/7\x00", 2, ""),
        ("javascript:alert(1)", 2, ""),
        ("file:///etc/passwd", 2, "file"),
        ("http://[::1", 2, "URL"),
        ("https://www.royalroad.com:99999/fiction/7", 2, "port"),
        ("http://127.0.0.1/fiction/7", 2, ""),
        ("https://www.royalroad.com/fiction/999999", 5, "not find"),
        ("https://www.royalroad.com/fiction/chapter/999999", 5, ""),
    ],
)
def test_urls_that_lead_nowhere(novel: Novel, url: str, code: int, words: str) -> None:
    ran = novel("ingest", url)
    assert (ran.code, ran.out) == (code, "")
    lines = [line for line in ran.err.splitlines() if line.startswith("novel: ")]
    assert len(lines) == 1
    assert words in lines[0]
    assert len(lines[0]) < 400
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (ChapterFault.NOT_FOUND, 5),
        (ChapterFault.NOT_FOUND_200, 5),
        (ChapterFault.CHALLENGE, 4),
        (ChapterFault.LOGIN, 4),
        (ChapterFault.UNKNOWN_LAYOUT, 6),
        (ChapterFault.TRUNCATED, 6),
        (ChapterFault.EMPTY, 6),
        (ChapterFault.BINARY, 6),
        (ChapterFault.NESTED, 6),
        (ChapterFault.HUGE, 1),
        (ChapterFault.GZIP_BOMB, 1),
        (ChapterFault.REDIRECT_LOOP, 1),
        (ChapterFault.REDIRECT_AWAY, 1),
        (ChapterFault.CUT, 6),
        (ChapterFault.RESET, 1),
        (ChapterFault.HANG, 1),
        (ChapterFault.ERROR_500, 1),
    ],
)
def test_pages_that_are_no_pages(
    novel: Novel, site: LookalikeServer, database: Engine, fault: ChapterFault, code: int
) -> None:
    assert novel("ingest", URL).code == 0
    before = dump(database)
    site.switches.faults["fiction:7"] = fault
    novel.set("NOVEL_HTTP_TIMEOUT", "1")
    ran = novel("ingest", URL)
    assert ran.code == code, ran.err
    lines = [line for line in ran.err.splitlines() if line.startswith("novel: ")]
    assert len(lines) == 1
    assert "Traceback" not in ran.err
    assert dump(database) == before


@pytest.mark.parametrize("fault", [ChapterFault.INVALID_UTF8, ChapterFault.NUL])
def test_odd_bytes_are_read_all_the_same(
    novel: Novel, site: LookalikeServer, fiction: Fiction, fault: ChapterFault
) -> None:
    site.switches.faults["fiction:7"] = fault
    site.switches.faults[f"chapter:{fiction.chapters[0].id}"] = fault
    ran = novel("ingest", URL, "--json")
    assert (ran.code, ran.json["chapters"]["new"]) == (0, 8)
    assert novel("read", URL, "1").code == 0


def test_a_fiction_without_chapters_is_saved_as_that(novel: Novel, site: LookalikeServer) -> None:
    site.library.fictions[9] = Fiction.bare(9)
    ran = novel("ingest", "https://www.royalroad.com/fiction/9", "--json")
    assert (ran.code, ran.json["chapters"]["total"]) == (0, 0)
    shown = novel("show", "royalroad:9", "--json").json
    assert shown["statistics"]["views"] is None
    assert shown["cover_url"] is None
    assert shown["warnings"] == []


def test_ten_thousand_chapters_are_listed(novel: Novel, site: LookalikeServer) -> None:
    site.library.fictions[10] = Fiction.generate(10, chapters=10_000)
    for chapter in site.library.fictions[10].chapters[5:]:
        chapter.locked = True
    ran = novel("ingest", "https://www.royalroad.com/fiction/10", "--json")
    assert ran.code == 0, ran.err
    assert ran.json["chapters"] == {
        "total": 10_000,
        "new": 5,
        "changed": 0,
        "unchanged": 0,
        "locked": 9_995,
        "removed": 0,
        "failed": 0,
        "unlisted": 0,
    }


def test_a_chapter_list_beyond_the_limit_says_which_limit(
    novel: Novel, site: LookalikeServer, database: Engine
) -> None:
    assert novel("ingest", URL).code == 0
    before = dump(database)
    novel.set("NOVEL_MAX_INDEX_BYTES", "10000")
    ran = novel("ingest", URL)
    assert ran.code == 1
    assert "NOVEL_MAX_INDEX_BYTES" in ran.err
    assert dump(database) == before


def test_a_site_that_asks_for_a_long_pause_is_left_alone(
    novel: Novel, site: LookalikeServer
) -> None:
    site.switches.limited = 100
    site.switches.retry_after = 3600
    ran = novel("ingest", URL)
    assert ran.code == 1
    assert "Run again after the pause" in ran.err
    assert len([path for path in site.paths() if path.startswith("/fiction")]) == 1


def test_a_short_pause_is_waited_for(novel: Novel, site: LookalikeServer) -> None:
    site.switches.limited = 1
    site.switches.retry_after = 0
    assert novel("ingest", URL).code == 0


def test_done_with_gaps_has_its_own_exit_code(
    novel: Novel, site: LookalikeServer, fiction: Fiction
) -> None:
    site.switches.faults[f"chapter:{fiction.chapters[1].id}"] = ChapterFault.NOT_FOUND
    ran = novel("ingest", URL)
    assert ran.code == 3
    assert "1 missing" in ran.out
    assert str(fiction.chapters[1].id) in ran.err
    assert novel("ingest", URL, "--json").code == 3


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "nothing-here"),
        ("read", "nothing-here", "1"),
        ("remove", "nothing-here", "--yes"),
        ("reparse", "nothing-here"),
        ("job", "999"),
        ("job", "9" * 40),
    ],
)
def test_what_does_not_exist_is_told(novel: Novel, arguments: tuple[str, ...]) -> None:
    ran = novel(*arguments)
    assert ran.code in {2, 5}
    assert "Traceback" not in ran.err
    assert ran.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("ingest",),
        ("ingest", URL, "--recheck", "some"),
        ("nonsense",),
        ("read", URL, "1", "--version", "0"),
    ],
)
def test_wrong_usage_is_exit_code_two(novel: Novel, arguments: tuple[str, ...]) -> None:
    assert novel(*arguments).code == 2


def test_a_database_that_is_not_there_is_told_in_words(novel: Novel) -> None:
    novel.set("DATABASE_URL", "postgresql://novel@127.0.0.1:1/none")
    ran = novel("ingest", URL)
    assert ran.code == 1
    assert ran.err.startswith("novel: The database cannot be used")
    assert "DATABASE_URL" in ran.err
