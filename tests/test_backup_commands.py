"""`novel backup` and `novel restore`: words, JSON, exit codes, and embedded servers on an empty machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from commands import Novel
from elsewhere import other_database, rows_of
from workbench import Workbench

from novel_core import services
from novel_core.db.engine import open_database

URL = "https://www.royalroad.com/fiction/7"


@pytest.fixture
def file(novel: Novel, tmp_path: Path) -> Path:
    assert novel("ingest", URL).code == 0
    path = tmp_path / "library.backup"
    assert novel("backup", str(path)).code == 0
    return path


def test_backup_says_what_it_wrote_and_replaces_nothing(novel: Novel, file: Path) -> None:
    written = file.read_bytes()
    refused = novel("backup", str(file))
    assert (refused.code, file.read_bytes()) == (2, written)
    assert "--force" in refused.err
    ran = novel("backup", str(file), "--force")
    assert ran.code == 0
    assert "1 novel, 8 chapters" in ran.out
    assert ran.err == "saving\n"
    told = novel("backup", str(file), "--force", "--json").json
    assert (told["rows"]["chapter_texts"], told["revision"]) == (8, told["revision"])
    assert told["size"] == file.stat().st_size


def test_restore_fills_an_empty_library_and_asks_before_it_replaces_one(
    novel: Novel, bench: Workbench, file: Path, postgres: str
) -> None:
    with other_database(postgres) as url:
        novel.set("DATABASE_URL", url)
        ran = novel("restore", str(file))
        assert (ran.code, ran.err) == (0, "checking\nrestoring\n")
        assert "1 novel, 8 chapters" in ran.out
        refused = novel("restore", str(file))
        assert refused.code == 2
        assert "1 novel, 8 chapters" in refused.err
        assert "--force" in refused.err
        forced = novel("restore", str(file), "--force")
        assert forced.code == 0
        assert forced.err.startswith("Replacing 1 novel, 8 chapters")
        told = novel("restore", str(file), "--force", "--json").json
        assert (told["replaced"]["novels"], told["reopened"], told["upgraded"]) == (1, 0, False)
        other = open_database(url)
        assert rows_of(other) == rows_of(bench.database)
        other.dispose()
        assert novel("read", "1", "8").code == 0
        # What is fetched of the novel from now on is an update.
        assert novel("ingest", URL, "--json").json["chapters"]["unchanged"] == 8


@pytest.mark.parametrize("as_json", [False, True])
def test_a_damaged_backup_is_a_clear_error(
    novel: Novel, bench: Workbench, file: Path, as_json: bool
) -> None:
    file.write_bytes(file.read_bytes()[:-100])
    before = rows_of(bench.database)
    ran = novel("restore", str(file), "--force", *(["--json"] if as_json else []))
    assert ran.code == 2
    if as_json:
        assert ran.json["error_code"] == "unreadable_backup"
    else:
        assert "unchanged" in ran.err
    assert rows_of(bench.database) == before


def test_help_tells_of_the_keys(novel: Novel) -> None:
    assert "API keys" in novel("backup", "--help").out


def test_from_one_embedded_machine_to_another(file: Path, tmp_path: Path) -> None:
    """No DATABASE_URL, no pg_dump: the servers of the wheels, started and stopped by need."""
    away = tmp_path / "away"
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment = kept | {"NOVEL_DATA_DIR": str(away), "PATH": os.defpath}
    novel = [str(Path(sys.executable).parent / "novel")]
    second = tmp_path / "second.backup"
    try:
        for arguments in (["restore", file], ["read", "1", "2"], ["backup", second]):
            ran = subprocess.run(
                [*novel, *map(str, arguments)],
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            assert ran.returncode == 0, ran.stderr
    finally:
        services.stop(away, force=True)
    assert second.stat().st_size > 1000
