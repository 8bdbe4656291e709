"""Every command of `novel`, over the look-alike."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from commands import Novel
from sqlalchemy import Engine, text

from novel_core.cli.main import COMMANDS
from novel_royalroad_lookalike import ChapterFault, Fiction, LookalikeServer, chapter_lists

URL = "https://www.royalroad.com/fiction/7"


@pytest.fixture
def ingested(novel: Novel) -> Novel:
    assert novel("ingest", URL).code == 0
    return novel


def test_ingest_prints_one_json_object(novel: Novel, fiction: Fiction) -> None:
    ran = novel("ingest", URL, "--json")
    assert ran.code == 0
    result = ran.json
    assert list(result) == [
        "job_id",
        "status",
        "error_code",
        "error_message",
        "source",
        "novel",
        "chapters",
        "warnings",
        "requests",
        "seconds",
    ]
    assert result["novel"]["title"] == fiction.title
    assert list(result["chapters"]) == [
        "total",
        "new",
        "changed",
        "unchanged",
        "locked",
        "removed",
        "failed",
        "unlisted",
    ]


def test_ingest_prints_the_novel_what_is_new_and_how_to_read_it(
    novel: Novel, fiction: Fiction
) -> None:
    ran = novel("ingest", URL)
    assert fiction.title in ran.out
    assert "8 new" in ran.out
    assert "novel read" in ran.out
    # A job as short as this may pass a state before anybody looks, or be seen among its pages.
    line = r"queued|crawling(: \d+ of \d+ pages)?|parsing|saving|done"
    assert [said for said in ran.err.splitlines() if not re.fullmatch(line, said)] == []


def test_an_error_in_json(novel: Novel) -> None:
    ran = novel("ingest", "https://unknown.example/1", "--json")
    assert ran.code == 2
    assert ran.json["error_code"] == "unsupported_url"
    assert (ran.json["job_id"], ran.json["status"], ran.json["novel"]) == (None, "error", None)


def test_novels(ingested: Novel, fiction: Fiction) -> None:
    assert fiction.title[:10] in ingested("novels").out
    [found] = ingested("novels", "--json").json
    assert (found["title"], found["chapters"], found["held"]) == (fiction.title, 8, 8)
    assert ingested("novels", "--search", fiction.author.upper(), "--json").json == [found]
    assert ingested("novels", "--search", "%", "--json").json == []
    assert ingested("novels", "--source", "other", "--json").json == []


def test_show(ingested: Novel, fiction: Fiction) -> None:
    shown = ingested("show", URL, "--json").json
    assert shown["title"] == fiction.title
    assert shown["authors"] == [fiction.author]
    assert len(shown["chapter_list"]) == 8
    text = ingested("show", shown["slug"]).out
    assert fiction.chapters[0].title in text
    assert f"{shown['chapter_list'][0]['published_at'][:4]}-" in text
    for reference in (shown["slug"], str(shown["id"]), "royalroad:7", f"{URL}/any-slug"):
        assert ingested("show", reference, "--json").json["id"] == shown["id"]


def test_show_has_volumes_and_edits(ingested: Novel, database: Engine) -> None:
    with database.begin() as connection:
        for position, title in enumerate(("Lamps", "Oil")):
            connection.execute(
                text(
                    "INSERT INTO volumes (novel_id, position, source_volume_id, title)"
                    " SELECT id, 10 + :position, :title, :title FROM novels"
                ),
                {"position": position, "title": title},
            )
            connection.execute(
                text(
                    "UPDATE chapters SET edited_at = '2026-02-03 12:00Z', volume_id ="
                    " (SELECT id FROM volumes WHERE title = :title) WHERE number = :number"
                ),
                {"title": title, "number": 3 + position},
            )
        connection.execute(
            text("UPDATE chapters SET statistics = :numbers WHERE number = 3"),
            {"numbers": '{"words": 1001, "other": {"kudos": 5}}'},
        )
    lines = ingested("show", "royalroad:7").out.splitlines()
    first = lines.index("Lamps")
    assert lines[first + 1].lstrip().startswith("3 ")
    assert "[edited 2026-02-03, words 1,001, kudos 5]" in lines[first + 1]
    assert lines[first + 2] == "Oil"
    listed = ingested("show", "royalroad:7", "--json").json["chapter_list"]
    assert [chapter["volume"] for chapter in listed[2:4]] == ["Lamps", "Oil"]
    assert listed[2]["edited_at"].startswith("2026-02-03")


def test_what_the_site_states_is_shown_beside_what_is_held(
    novel: Novel, database: Engine, fiction: Fiction, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert novel("ingest", URL).code == 0
    shown = novel("show", "royalroad:7", "--json").json
    assert (shown["stated_chapters"], shown["stated_words"], shown["series"]) == (8, None, [])
    assert "states" not in novel("show", "royalroad:7").out
    with database.begin() as connection:
        connection.execute(text("UPDATE novels SET stated_chapters = 11, stated_words = 1"))
        connection.execute(
            text(
                "INSERT INTO novel_series (novel_id, position, name, number)"
                " SELECT id, 0, 'The Lamp Cycle', 2.5 FROM novels"
            )
        )
    out = novel("show", "royalroad:7").out
    assert "8 saved, 8 on the site (the site states 11)" in out
    assert "(the site states 1)" in out
    assert "Series:    The Lamp Cycle (2.5)" in out
    table = chapter_lists.table
    monkeypatch.setattr(
        chapter_lists, "table", lambda *given: table(*given).replace('rs="9"', 'rs="11"')
    )
    fiction.add_chapter()
    ran = novel("ingest", URL)
    assert ran.code == 3
    assert "9 chapters, 1 new, 8 unchanged, 2 not listed by the site" in ran.out
    job = novel("jobs", "--json").json[0]["id"]
    assert "The site states 11 chapters and lists 9: 2 are missing." in novel("job", str(job)).out


def test_a_chapter_that_is_not_held_is_shown_in_its_place(
    novel: Novel, site: LookalikeServer, fiction: Fiction
) -> None:
    dead = fiction.chapters[3]
    site.switches.faults[f"chapter:{dead.id}"] = ChapterFault.NOT_FOUND
    assert novel("ingest", URL).code == 3
    ran = novel("read", "royalroad:7", "4")
    assert ran.code == 5
    assert dead.title in ran.out
    assert "its text could not be fetched from the site" in ran.out
    assert f"At the site: https://www.royalroad.com{fiction.chapter_path(dead)}" in ran.out
    slug = novel("show", "royalroad:7", "--json").json["slug"]
    assert f"Previous: novel read {slug} 3\nNext: novel read {slug} 5" in ran.out
    assert novel("read", slug, "4", "--json").json["error_code"]


def test_read(ingested: Novel, fiction: Fiction) -> None:
    text = ingested("read", "royalroad:7", "1")
    assert text.code == 0
    assert fiction.chapters[0].title in text.out
    assert "<p" not in text.out
    assert "<p" in ingested("read", "royalroad:7", "1", "--html").out
    by_id = ingested("read", "royalroad:7", f"@{fiction.chapters[2].id}", "--json").json
    assert by_id["number"] == 3
    missing = ingested("read", "royalroad:7", "99")
    assert missing.code == 5
    assert "1 to 8" in missing.err


def test_jobs_and_job(ingested: Novel) -> None:
    assert "done" in ingested("jobs").out
    [job] = ingested("jobs", "--json").json
    assert ingested("jobs", "--status", "error", "--json").json == []
    story = ingested("job", str(job["id"]), "--json").json
    assert [event["status"] for event in story["events"] if event["status"]] == [
        "queued",
        "crawling",
        "parsing",
        "saving",
        "done",
    ]
    assert "done" in ingested("job", str(job["id"])).out


def test_ingest_sweeps_after_its_job(novel: Novel) -> None:
    novel.set("NOVEL_KEEP_EVENT_DAYS", "0.000000001")
    assert novel("ingest", URL).code == 0
    [job] = novel("jobs", "--json").json
    assert (job["status"], novel("job", str(job["id"]), "--json").json["events"]) == ("done", [])


def test_reparse_and_remove(ingested: Novel, site: LookalikeServer) -> None:
    site.clear()
    ran = ingested("reparse", "--source", "royalroad", "--json")
    assert (ran.code, ran.json[0]["counts"]["texts"]) == (0, 8)
    assert "8 texts read" in ingested("reparse", URL).out
    assert site.requests == []
    assert ingested("remove", URL, "--yes").code == 0
    assert ingested("novels", "--json").json == []


def test_db(novel: Novel) -> None:
    assert "already" in novel("db", "upgrade").out
    status = novel("db", "status", "--json").json
    assert status["revision"] == status["head"]
    assert novel("db", "sweep").code == 0


def test_doctor_finds_nothing_wrong(novel: Novel, tmp_path: Path) -> None:
    novel.set("NOVEL_DATA_DIR", str(tmp_path))
    ran = novel("doctor", "--json")
    findings = {finding["subject"]: finding for finding in ran.json}
    assert findings["database"]["ok"]
    assert findings["source royalroad"]["ok"]
    assert findings["jobs"]["message"] == "0 queued or running"
    assert "this machine only" in findings["API keys"]["message"]
    assert ran.code == 0


def test_doctor_says_what_is_wrong_and_what_to_do(novel: Novel) -> None:
    novel.set("DATABASE_URL", "postgresql://novel@127.0.0.1:1/none")
    novel.set("REDIS_URL", "redis://127.0.0.1:1")
    novel.set("NOVEL_ALLOW_PRIVATE_HOSTS", "1")
    novel.set("NOVEL_LEESE", "5")
    ran = novel("doctor")
    assert ran.code == 1
    assert "BAD database" in ran.out
    assert "BAD redis" in ran.out
    assert "NOVEL_ALLOW_PRIVATE_HOSTS" in ran.out
    assert "there is no setting NOVEL_LEESE" in ran.out
    assert "NOVEL_LEASE?" in ran.out
    assert "novel doctor" not in ran.out


def test_doctor_checks_the_settings_of_sources(novel: Novel, tmp_path: Path) -> None:
    novel.set("NOVEL_DATA_DIR", str(tmp_path))
    novel.set("NOVEL_SOURCES__ROYALROAD__JITTER", "0.5")
    novel.set("NOVEL_SOURCES__ELSEWHERE__JITTER", "0.5")
    ran = novel("doctor")
    assert ran.code == 0
    assert "ok  settings: NOVEL_SOURCES__ELSEWHERE names no installed source" in ran.out
    novel.set("NOVEL_SOURCES__ROYALRAOD__JITTER", "0.5")
    novel.set("NOVEL_SOURCES__AO3__OPTIONS__WARNINGS", "1")
    ran = novel("doctor")
    assert ran.code == 1
    assert "BAD settings: NOVEL_SOURCES__ROYALRAOD names no installed source" in ran.out
    assert "Did you mean NOVEL_SOURCES__ROYALROAD?" in ran.out
    assert "BAD settings: NOVEL_SOURCES__AO3__OPTIONS__WARNINGS: the source ao3 has no" in ran.out
    refused = novel("ingest", "https://archiveofourown.org/works/1")
    assert refused.code == 2
    assert "NOVEL_SOURCES__AO3__OPTIONS__WARNINGS" in refused.err


def test_a_variable_of_a_plugin_is_no_fault(novel: Novel, tmp_path: Path) -> None:
    novel.set("NOVEL_DATA_DIR", str(tmp_path))
    novel.set("NOVEL_MYSITE_TOKEN", "hunter2")
    ran = novel("doctor")
    assert ran.code == 0
    assert "NOVEL_MYSITE_TOKEN is not a setting" in ran.out
    assert "hunter2" not in ran.out


def test_doctor_misses_the_key_that_is_demanded(novel: Novel, tmp_path: Path) -> None:
    novel.set("NOVEL_DATA_DIR", str(tmp_path))
    novel.set("NOVEL_API_REQUIRE_KEYS", "1")
    ran = novel("doctor")
    assert ran.code == 1
    assert "BAD API keys" in ran.out
    assert novel("keys", "create", "first", "--scope", "read").code == 0
    assert novel("doctor").code == 0


def test_doctor_and_upgrade_do_not_send_one_to_each_other(novel: Novel, database: Engine) -> None:
    with database.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for command in (("doctor",), ("db", "upgrade"), ("novels",), ("ingest", URL)):
        ran = novel(*command)
        said = ran.out + ran.err
        assert ran.code == 1
        assert "newer than this version's" in said
        assert "novel db upgrade" not in said
        assert "Traceback" not in said


def test_help_lists_every_command(novel: Novel) -> None:
    text = novel("--help").out
    assert [name for name in COMMANDS if f"  {name} " not in text] == []
    for name in COMMANDS:
        assert novel(name, "--help").code == 0


@pytest.mark.parametrize(
    ("arguments", "forbidden"),
    [
        (["--help"], ["scrapy", "sqlalchemy", "pydantic", "novel_core.registry"]),
        (
            ["ingest", "--help"],
            ["scrapy", "sqlalchemy", "pydantic", "aiohttp", "rich", "novel_core.document"],
        ),
        (["sources"], ["scrapy", "sqlalchemy", "pydantic_settings"]),
    ],
)
def test_light_commands_import_nothing_heavy(arguments: list[str], forbidden: list[str]) -> None:
    program = (
        "import json, sys\n"
        "from novel_core.cli import main\n"
        f"sys.argv = ['novel', *{arguments!r}]\n"
        "try:\n    main()\n"
        "except SystemExit:\n    pass\n"
        f"print(json.dumps([name for name in {forbidden!r} if name in sys.modules]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "NO_COLOR": "1"},
    )
    assert json.loads(done.stdout.splitlines()[-1]) == []


def test_the_first_request_needs_no_sanitiser_queue_migration_or_upkeep() -> None:
    later = ["rich", "redis", "rq", "alembic", "nh3", "novel_core.document.tree", "novel_core.warc"]
    later += ["novel_core.ingest.announcing", "novel_core.archive.retention"]
    later += ["novel_core.backup.restoring", "novel_core.webhooks.delivering"]
    program = (
        "import json, sys\n"
        "import novel_core.cli.ingest_run, novel_core.cli.job_run\n"
        f"print(json.dumps([name for name in {later!r} if name in sys.modules]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert json.loads(done.stdout) == []


def test_a_dotenv_file_is_read(
    novel: Novel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("NOVEL_DISABLED_SOURCES=royalroad\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NOVEL_DISABLED_SOURCES", "placeholder")
    monkeypatch.delenv("NOVEL_DISABLED_SOURCES")
    assert novel("ingest", URL).code == 2
    monkeypatch.setenv("NOVEL_DISABLED_SOURCES", "")
    assert novel("ingest", URL).code == 0
