"""The command on odd terminals, with odd arguments and odd titles: words and an exit code, never a traceback."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import Novel
from polling import eventually
from sqlalchemy import Engine, text

from novel_royalroad_lookalike import Fiction, LookalikeServer

URL = "https://www.royalroad.com/fiction/7"
HUGE = "9" * 30
SCRIPT = Path(sys.executable).with_name("novel")

Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start(site: LookalikeServer, database_url: str) -> Start:
    environment = dict(os.environ) | {
        "DATABASE_URL": database_url,
        "NOVEL_HOST_MAP": site.host_map,
        "NOVEL_SOURCES__ROYALROAD__REQUESTS_PER_SECOND": "0",
        "NOVEL_LEASE": "1",
    }

    def run(*arguments: str, **more: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [SCRIPT, *arguments],
            env=environment | more,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    return run


def finish(process: subprocess.Popen[bytes]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=60)
    return process.returncode, out.decode("latin-1"), err.decode("latin-1")


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", HUGE),
        ("show", "\udcff"),
        ("show", "a:\udcff"),
        ("read", "7", HUGE),
        ("read", "7", "1", "--version", HUGE),
        ("read", "royalroad:7", HUGE),
        ("read", "royalroad:7", "@\udcff"),
        ("read", "royalroad:7", "1", "--version", HUGE),
        ("read", "royalroad:7", "9" * 5000),
        ("job", HUGE),
        ("job", "-" + HUGE),
        ("novels", "--search", "\udcff"),
        ("novels", "--source", "\udcff"),
        ("ingest", URL, "--recheck", "9" * 5000),
        ("ingest", "https://www.royalroad.com/fiction/\udcff"),
        ("remove", "\udcff", "--yes"),
        ("remove", HUGE, "--yes"),
        ("reparse", "\udcff"),
        ("reparse", "--source", "\udcff"),
    ],
)
def test_arguments_the_database_cannot_take(novel: Novel, arguments: tuple[str, ...]) -> None:
    assert novel("ingest", URL).code == 0
    ran = novel(*arguments)
    assert "Traceback" not in ran.err
    assert ran.code in {0, 2, 5}


@pytest.mark.parametrize("title", ["[red]Warm[/red]", "[/b] closed", ":smile: [litrpg]"])
def test_a_title_is_printed_as_it_is(novel: Novel, database: Engine, title: str) -> None:
    novel("ingest", URL)
    with database.begin() as connection:
        connection.execute(text("UPDATE novels SET title = :title"), {"title": title})
    for arguments in (("novels",), ("jobs",), ("show", "royalroad:7")):
        ran = novel(*arguments)
        assert (ran.code, title in ran.out) == (0, True), ran


def test_no_text_of_a_site_commands_the_terminal(novel: Novel, database: Engine) -> None:
    novel("ingest", URL)
    with database.begin() as connection:
        connection.execute(text("UPDATE novels SET title = E'a\\x1b]0;b\\x07\\u202ec'"))
        connection.execute(text("UPDATE chapters SET title = E'a\\x1b[2Jc'"))
        connection.execute(text("UPDATE chapter_texts SET content_html = E'<p>a\\x1b[2Jc</p>'"))
    for arguments in (
        ("novels",),
        ("jobs",),
        ("show", "royalroad:7"),
        ("read", "royalroad:7", "1"),
    ):
        ran = novel(*arguments)
        assert ran.code == 0
        assert "\x1b" not in ran.out
        assert "\x07" not in ran.out


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_a_terminal_that_knows_few_letters(
    novel: Novel, monkeypatch: pytest.MonkeyPatch, database: Engine, encoding: str
) -> None:
    def printed(*arguments: str) -> str:
        with io.TextIOWrapper(io.BytesIO(), encoding) as terminal, monkeypatch.context() as there:
            there.setattr(sys, "stdout", terminal)
            ran = novel(*arguments)
            assert (ran.code, ran.err) == (0, "")
            terminal.flush()
            return terminal.buffer.getvalue().decode("latin-1")  # type: ignore[attr-defined]

    assert novel("ingest", URL).code == 0
    with database.begin() as connection:
        connection.execute(text("UPDATE novels SET title = '🦊 שלום'"))
    for arguments in (
        ("novels",),
        ("show", "royalroad:7"),
        ("jobs",),
        ("read", "royalroad:7", "1"),
    ):
        assert printed(*arguments)
    assert json.loads(printed("show", "royalroad:7", "--json"))["title"] == "🦊 שלום"


@pytest.mark.parametrize(
    "arguments", [("novels",), ("show", "royalroad:7"), ("show", "royalroad:7", "--json")]
)
def test_a_reader_that_has_gone_is_no_error(
    start: Start, novel: Novel, arguments: tuple[str, ...]
) -> None:
    assert novel("ingest", URL).code == 0
    process = start(*arguments)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    with process.stderr as stderr:
        assert stderr.read() == b""
    process.wait(30)


def test_a_process_that_slept_too_long_follows_the_one_that_took_over(
    start: Start, site: LookalikeServer, fiction: Fiction, database: Engine
) -> None:
    site.switches.latency = 0.3
    first = start("ingest", URL, "--json", NOVEL_SOURCES__ROYALROAD__CONCURRENCY="1")
    eventually(lambda: any("/chapter/" in path for path in site.paths()))
    first.send_signal(signal.SIGSTOP)
    second = start("ingest", URL, "--json")
    with database.connect() as watching:
        eventually(lambda: watching.execute(text("SELECT max(fence) FROM jobs")).scalar() == 2)
    first.send_signal(signal.SIGCONT)
    site.switches.latency = 0.0
    for process in (first, second):
        code, out, err = finish(process)
        assert (code, json.loads(out)["status"]) == (0, "done"), err
    with database.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM chapter_texts")).scalar() == 8


def test_ctrl_c_twice_ends_without_a_traceback(
    start: Start, novel: Novel, site: LookalikeServer, database: Engine
) -> None:
    site.switches.latency = 20.0
    process = start("ingest", URL)
    with database.connect() as watching:
        eventually(lambda: watching.execute(text("SELECT count(*) FROM jobs")).scalar())
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    code, _, err = finish(process)
    assert "Traceback" not in err
    assert code == 1
    site.switches.latency = 0.0
    assert novel("ingest", URL).code == 0


def test_a_dotenv_that_cannot_be_read_is_told(
    novel: Novel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_bytes(b"NOVEL_LEASE=\xff\xfe\n")
    ran = novel("novels")
    assert (ran.code, ".env" in ran.err) == (2, True)


def test_one_source_that_is_gone_does_not_stop_a_reparse_of_all(
    novel: Novel, database: Engine
) -> None:
    novel("ingest", URL)
    with database.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO novels (source, source_novel_id, slug, url, index_url, title, parser_version,"
                " updated_at) VALUES ('gone', '1', 'gone', 'u', 'u', 'Gone', '1', now() + interval '1 day')"
            )
        )
    ran = novel("reparse", "--json")
    assert ran.code == 1
    assert sorted(len(entry["counts"]["failed"]) for entry in ran.json) == [0, 1]
