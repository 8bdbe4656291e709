"""The command at a terminal: help that loads nothing, tables on narrow screens, files that are none, zones, odd characters."""

from __future__ import annotations

import json
import logging
import os
import pty
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from commands import Novel

from novel_core.cli.ingest import Recheck
from novel_core.cli.output import moment
from novel_core.content.control_characters import escaped, printable
from novel_core.content.layout import cells
from novel_core.export.tree import legal
from novel_core.logs import set_up_logging

URL = "https://www.royalroad.com/fiction/7"
ODD = "a\u202ereversed\u2066x\x9b31m\u200d\u200f"
HEAVY = {"scrapy", "twisted", "sqlalchemy", "aiohttp", "pydantic"}


@pytest.fixture
def ingested(novel: Novel) -> Novel:
    assert novel("ingest", URL).code == 0
    return novel


def test_help_needs_no_crawler_and_no_database() -> None:
    script = (
        "import sys; from novel_core.cli.main import cli; cli(['ingest', '--help'], standalone_mode=False);"
        "print(*sys.modules, file=sys.stderr)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert "--recheck N|ALL" in ran.stdout
    assert HEAVY.isdisjoint(ran.stderr.split())


def test_all_is_taken_as_the_help_spells_it() -> None:
    recheck = Recheck()
    assert [recheck.convert(value, None, None) for value in ("ALL", "all", "All", "5", 0)] == [
        "all",
        "all",
        "all",
        5,
        0,
    ]


def on_terminal(columns: int, *arguments: str) -> list[str]:
    """The lines that `novel` prints at a terminal of this width."""
    leader, follower = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(columns), "TERM": "xterm"}
    with subprocess.Popen(
        [sys.executable, "-m", "novel_core", *arguments],
        stdout=follower,
        stdin=follower,
        env=environment,
    ) as process:
        os.close(follower)
        read = b""
        while True:
            try:
                part = os.read(leader, 65536)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            read += part
        assert process.wait(60) == 0
    os.close(leader)
    return re.sub(r"\x1b\[[0-9;]*m", "", read.decode()).replace("\r", "").splitlines()


@pytest.mark.parametrize("columns", [40, 80, 200])
@pytest.mark.parametrize("command", ["novels", "jobs", "sources"])
def test_lists_fit_the_terminal(ingested: Novel, columns: int, command: str) -> None:
    lines = on_terminal(columns, command)
    assert lines
    assert max(map(cells, lines)) <= columns
    words = " ".join(" ".join(lines).split())
    assert {"novels": "royalroad", "jobs": "8 new", "sources": "royalroad"}[command] in words


def test_a_narrow_list_keeps_words_whole(ingested: Novel) -> None:
    title = ingested("show", "royalroad:7", "--json").json["title"]
    narrow = " ".join(" ".join(on_terminal(40, "novels")).split())
    assert title in narrow
    assert "source: royalroad" in narrow


@pytest.mark.parametrize(
    ("arguments", "begins"),
    [((), b"PK"), (("--format", "txt"), None), (("--format", "warc"), b"\x1f\x8b")],
)
def test_a_book_goes_to_standard_output(
    ingested: Novel, tmp_path: Path, arguments: tuple[str, ...], begins: bytes | None
) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "novel_core", "export", "royalroad:7", "-o", "-", *arguments],
        capture_output=True,
        cwd=tmp_path,
        check=True,
        timeout=120,
    )
    title = ingested("show", "royalroad:7", "--json").json["title"]
    assert ran.stdout.startswith(begins or title.encode())
    assert title.encode() in ran.stderr
    assert list(tmp_path.iterdir()) == []
    both = ingested("export", "royalroad:7", "-o", "-", "--json")
    assert (both.code, both.json["error_code"]) == (2, "usage")


def test_a_pipe_is_written_to_and_stays_one(ingested: Novel, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE) as reader:
        assert (
            ingested("export", "royalroad:7", "-o", str(pipe), "--format", "txt", "--force").code
            == 0
        )
        out, _ = reader.communicate(timeout=60)
    assert out
    assert pipe.is_fifo()
    device = Path("/dev/null")
    assert (
        ingested("export", "royalroad:7", "-o", str(device), "--format", "txt", "--force").code == 0
    )
    assert device.is_char_device()


def test_what_turns_words_over_is_shown_nowhere() -> None:
    shown = "areversedx31m\u200d\u200f"
    assert printable(ODD) == shown
    assert legal(ODD) == shown
    told = escaped(json.dumps(ODD, ensure_ascii=False))
    assert json.loads(told) == ODD
    assert printable(told) == told


def test_times_tell_their_zone(capsys: pytest.CaptureFixture[str]) -> None:
    at = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    assert moment(at) == at.astimezone().strftime("%Y-%m-%d %H:%M %Z")
    root = logging.getLogger()
    before = root.handlers[:], root.level
    try:
        set_up_logging("json")
        logging.getLogger("test").warning("hello")
        set_up_logging()
        logging.getLogger("test").warning("hello again")
    finally:
        root.handlers[:], root.level = before
    line, text = capsys.readouterr().err.splitlines()
    for told in (json.loads(line)["time"], text.split()[0]):
        when = datetime.fromisoformat(told)
        assert when.utcoffset() is not None
        assert abs(datetime.now(UTC) - when) < timedelta(hours=1)
