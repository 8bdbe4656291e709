"""What a backup holds and gives back: every row, at any moment, and nothing by halves."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest
from alembic import command
from elsewhere import other_database, rows_of
from sqlalchemy import Engine, text
from workbench import Workbench

from novel_core.backup import restore_backup, write_backup
from novel_core.db import migrate
from novel_core.db.engine import open_database
from novel_core.errors import (
    BackupMismatch,
    FileTaken,
    FileUnusable,
    LibraryNotEmpty,
    StorageError,
    UnreadableBackup,
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "library.backup"


def test_every_row_comes_back(library: Workbench, elsewhere: Engine, file: Path) -> None:
    written = write_backup(library.database, file)
    restored = restore_backup(elsewhere, file)
    before, after = rows_of(library.database), rows_of(elsewhere)
    assert after == before
    assert [table for table, rows in before.items() if not rows] == ["staged_items"]
    assert (restored.manifest, restored.replaced, restored.reopened) == (written, {}, 0)
    assert {entry.name: entry.rows for entry in written.tables} == {
        table: len(rows)
        for table, rows in before.items()
        if table not in {"alembic_version", "staged_items"}
    }


def test_the_restored_library_goes_on(library: Workbench, elsewhere: Engine, file: Path) -> None:
    """Ids go on after those once in use, foreign keys hold, an update works."""
    library.write("INSERT INTO tags (kind, slug, name) VALUES ('tag', 'gone', 'Gone')")
    library.write("DELETE FROM tags WHERE slug = 'gone'")
    last = library.value("SELECT last_value FROM tags_id_seq")
    write_backup(library.database, file)
    restore_backup(elsewhere, file)
    other = Workbench(
        library.runtime.__class__(
            library.runtime.settings, library.runtime.registry, elsewhere, library.runtime.servers
        )
    )
    other.write("INSERT INTO tags (kind, slug, name) VALUES ('tag', 'new', 'New')")
    assert other.value("SELECT id FROM tags WHERE slug = 'new'") == last + 1
    job = other.ingest("https://toy.example/works/1", recheck="all")
    assert (job.status, job.chapters["unchanged"], job.chapters["changed"]) == ("done", 5, 0)
    keys = "SELECT conname FROM pg_constraint ORDER BY 1"
    assert other.rows(keys) == library.rows(keys)


def test_servers_may_be_set_up_differently(
    library: Workbench, elsewhere: Engine, file: Path
) -> None:
    """A day before a month, Latin-1 to the client: what is written by one is read alike by the other."""
    library.write("UPDATE novels SET published_at = '2026-03-04 05:06:07.891+00'")
    before = rows_of(library.database)
    for engine, settings in (
        (library.database, {"datestyle": "SQL, DMY", "bytea_output": "escape"}),
        (elsewhere, {"datestyle": "SQL, MDY", "client_encoding": "LATIN1"}),
    ):
        with engine.begin() as connection:
            for name, value in settings.items():
                database = engine.url.database
                connection.execute(text(f"ALTER DATABASE \"{database}\" SET {name} = '{value}'"))
        engine.dispose()
    write_backup(library.database, file)
    restore_backup(elsewhere, file)
    with elsewhere.begin() as connection:
        for name in ("datestyle", "client_encoding"):
            connection.execute(text(f'ALTER DATABASE "{elsewhere.url.database}" RESET {name}'))
    elsewhere.dispose()
    assert rows_of(elsewhere) == before


def test_a_backup_is_of_one_moment(library: Workbench, elsewhere: Engine, file: Path) -> None:
    """A novel committed while tables are being written is in none of them."""
    before = rows_of(library.database)
    seen: list[str] = []

    def meddle(step: str, table: str, done: int, total: int | None) -> None:
        if not seen:
            library.write("UPDATE novels SET title = 'Changed meanwhile'")
            library.write("INSERT INTO tags (kind, slug, name) VALUES ('tag', 'late', 'Late')")
        seen.append(table)

    # The snapshot is taken by the first statement, which has run by then.
    write_backup(library.database, file, progress=meddle)
    restore_backup(elsewhere, file)
    assert rows_of(elsewhere) == before
    assert seen == sorted(seen)


def test_jobs_under_way_wait_again(library: Workbench, elsewhere: Engine, file: Path) -> None:
    library.write(
        "UPDATE jobs SET status = 'saving', fence = 4, lease_owner = 'x/1/2', lease_until = now() WHERE id = 1"
    )
    library.write("UPDATE jobs SET status = 'queued', enqueued_at = now() WHERE id = 2")
    write_backup(library.database, file)
    assert restore_backup(elsewhere, file).reopened == 1
    with elsewhere.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT id, status, fence, lease_owner, enqueued_at FROM jobs WHERE id < 3 ORDER BY id"
            )
        ).all()
        event = connection.scalar(
            text("SELECT message FROM job_events WHERE job_id = 1 ORDER BY id DESC LIMIT 1")
        )
    assert rows == [(1, "queued", 5, None, None), (2, "queued", rows[1][2], None, None)]
    assert event == "restored from a backup"


def test_a_library_is_replaced_only_by_force(
    library: Workbench, elsewhere: Engine, file: Path, tmp_path: Path
) -> None:
    write_backup(library.database, file)
    restore_backup(elsewhere, file)
    with elsewhere.begin() as connection:
        connection.execute(text("DELETE FROM chapters WHERE novel_id = 1"))
        connection.execute(text("DELETE FROM novels WHERE id = 1"))
        connection.execute(text("INSERT INTO origins (origin) VALUES ('https://else.example')"))
    changed = rows_of(elsewhere)
    with pytest.raises(LibraryNotEmpty, match=r"1 novel, 3 chapters"):
        restore_backup(elsewhere, file)
    assert rows_of(elsewhere) == changed
    restored = restore_backup(elsewhere, file, force=True)
    assert rows_of(elsewhere) == rows_of(library.database)
    assert restored.replaced["novels"] == 1
    # The same once more, from one to the other: a backup of what was restored is the same rows.
    second = tmp_path / "second.backup"
    first, again = write_backup(library.database, file, force=True), write_backup(elsewhere, second)
    assert [e.sha256 for e in first.tables] == [e.sha256 for e in again.tables]


def _flip(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :]


def test_a_damaged_file_changes_nothing(
    library: Workbench, elsewhere: Engine, file: Path, tmp_path: Path
) -> None:
    write_backup(library.database, file)
    whole = file.read_bytes()
    migrate.upgrade(elsewhere)
    before = rows_of(elsewhere)
    broken = tmp_path / "broken"
    with zipfile.ZipFile(file) as archive:
        pages = archive.getinfo("tables/pages.copy.zst").header_offset + 200
        manifest = archive.getinfo("manifest.json").header_offset + 200
    cases = [
        b"",
        b"not a backup",
        whole[: len(whole) // 2],
        whole[:-1],
        _flip(whole, pages),
        _flip(whole, manifest),
        whole[:pages] + whole[pages + 1 :],
    ]
    for data in cases:
        broken.write_bytes(data)
        with pytest.raises(UnreadableBackup) as caught:
            restore_backup(elsewhere, broken)
        assert caught.value.hint
        assert rows_of(elsewhere) == before
    broken.write_bytes(whole)
    restore_backup(elsewhere, broken)


def _rewritten(file: Path, target: Path, **changes: object) -> None:
    """The backup with another manifest, all checksums of the archive in order."""
    with zipfile.ZipFile(file) as archive, zipfile.ZipFile(target, "w") as copy:
        for info in archive.infolist():
            data = archive.read(info)
            if info.filename == "manifest.json":
                data = json.dumps(json.loads(data) | changes).encode()
            copy.writestr(info.filename, data)


def test_a_manifest_that_lies_changes_nothing(
    library: Workbench, elsewhere: Engine, file: Path, tmp_path: Path
) -> None:
    tables = write_backup(library.database, file).model_dump(mode="json")["tables"]
    migrate.upgrade(elsewhere)
    before = rows_of(elsewhere)
    odd = tmp_path / "odd"

    def one(**changes: object) -> list[dict[str, object]]:
        return [*tables[:-1], tables[-1] | changes]

    cases: list[tuple[dict[str, object], type[Exception], str]] = [
        ({"tables": one(rows=7000)}, UnreadableBackup, "not what was written"),
        ({"tables": one(bytes=3)}, UnreadableBackup, "too long"),
        ({"tables": one(sha256="0" * 64)}, UnreadableBackup, "not what was written"),
        ({"tables": one(name="../../etc/passwd")}, UnreadableBackup, "broken at"),
        ({"tables": one(name="elsewhere")}, UnreadableBackup, "lacks the table"),
        ({"tables": one(columns=["id"])}, UnreadableBackup, "other columns"),
        ({"tables": tables[:-1]}, UnreadableBackup, "tables are not those"),
        ({"tables": [*tables, tables[0]]}, UnreadableBackup, "twice"),
        ({"revision": "9999", "program": "7.1"}, BackupMismatch, "7.1"),
        ({"format": 2, "program": "7.1"}, BackupMismatch, "format 2"),
        ({"product": "other"}, UnreadableBackup, "no backup"),
    ]
    for changes, error, words in cases:
        _rewritten(file, odd, **changes)
        with pytest.raises(error, match=words):
            restore_backup(elsewhere, odd)
        assert rows_of(elsewhere) == before


@pytest.mark.parametrize(
    ("revision", "words"), [("9999", "newer"), ("a1b2c3d4e5f6", "another program")]
)
def test_a_database_of_an_unknown_schema_takes_no_backup(
    library: Workbench, elsewhere: Engine, file: Path, revision: str, words: str
) -> None:
    write_backup(library.database, file)
    migrate.upgrade(elsewhere)
    with elsewhere.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": revision})
    with pytest.raises(StorageError, match=words):
        restore_backup(elsewhere, file, force=True)
    assert migrate.current_revision(elsewhere) == revision


def test_rows_that_contradict_each_other_change_nothing(
    library: Workbench, elsewhere: Engine, file: Path
) -> None:
    library.write("ALTER TABLE watches DROP CONSTRAINT fk_watches_novel_id_novels")
    library.write("INSERT INTO watches (novel_id, interval, due_at) VALUES (999, 1, now())")
    write_backup(library.database, file)
    migrate.upgrade(elsewhere)
    before = rows_of(elsewhere)
    with pytest.raises(UnreadableBackup, match="do not fit"):
        restore_backup(elsewhere, file)
    assert rows_of(elsewhere) == before


def test_a_restore_that_is_killed_leaves_everything_as_it_was(
    library: Workbench, elsewhere: Engine, file: Path
) -> None:
    write_backup(library.database, file)
    restore_backup(elsewhere, file)
    with elsewhere.begin() as connection:
        connection.execute(text("UPDATE novels SET title = 'Mine'"))
    before = rows_of(elsewhere)
    program = f"""
import os, signal
from pathlib import Path
from novel_core.backup import restore_backup
from novel_core.db.engine import open_database

def die(step, table, done, total):
    if (step, table) == ("restoring", "tags"):
        os.kill(os.getpid(), signal.SIGKILL)

restore_backup(open_database({elsewhere.url.render_as_string(hide_password=False)!r}), Path({str(file)!r}), force=True, progress=die)
"""
    ran = subprocess.run([sys.executable, "-c", program], check=False, env=os.environ.copy())
    assert ran.returncode == -signal.SIGKILL
    assert rows_of(elsewhere) == before
    # The ids too: a sequence that had been set back would give one that is in use.
    with elsewhere.begin() as connection:
        connection.execute(text("INSERT INTO tags (kind, slug, name) VALUES ('t', 's', 'n')"))


@pytest.mark.parametrize("revision", ["0001", "0002"])
def test_an_older_backup_is_migrated(
    postgres: str, elsewhere: Engine, file: Path, revision: str
) -> None:
    with other_database(postgres) as url:
        old = open_database(url)
        with old.connect() as connection:
            command.upgrade(migrate.alembic_config(connection), revision)
            connection.commit()
            connection.execute(
                text(
                    "INSERT INTO novels (source, source_novel_id, slug, url, index_url, title, parser_version)"
                    " VALUES ('toysite', '1', 'a', 'u', 'u', 'An old one', '1')"
                )
            )
            connection.commit()
        write_backup(old, file)
        old.dispose()
    migrate.upgrade(elsewhere)
    restored = restore_backup(elsewhere, file)
    assert restored.upgraded
    assert migrate.current_revision(elsewhere) == migrate.HEAD
    with elsewhere.connect() as connection:
        assert connection.scalars(text("SELECT title FROM novels")).all() == ["An old one"]
    fresh = migrate.upgrade(elsewhere)
    assert not fresh


def test_a_failed_migration_of_an_older_backup_changes_nothing(
    postgres: str, library: Workbench, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with other_database(postgres) as url:
        old = open_database(url)
        with old.connect() as connection:
            command.upgrade(migrate.alembic_config(connection), "0001")
            connection.commit()
        write_backup(old, file)
        old.dispose()
    before = rows_of(library.database)
    upgrade = command.upgrade

    def failing(config: object, revision: str) -> None:
        if revision == "head":
            raise StorageError("The last step fails.")
        upgrade(config, revision)  # type: ignore[arg-type]

    monkeypatch.setattr(command, "upgrade", failing)
    with pytest.raises(StorageError, match="last step"):
        restore_backup(library.database, file, force=True)
    assert rows_of(library.database) == before


def test_a_library_in_use_is_told_and_left(
    library: Workbench, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("novel_core.backup.restoring.PATIENCE", "100ms")
    write_backup(library.database, file)
    with library.database.begin() as reader:
        reader.execute(text("SELECT count(*) FROM novels"))
        with pytest.raises(StorageError, match="in use") as caught:
            restore_backup(library.database, file, force=True)
    assert "novel up" in caught.value.hint


def test_two_restores_at_once_do_not_mix(library: Workbench, elsewhere: Engine, file: Path) -> None:
    write_backup(library.database, file)
    outcomes: list[object] = []

    def restore() -> None:
        try:
            outcomes.append(restore_backup(elsewhere, file).replaced)
        except LibraryNotEmpty as error:
            outcomes.append(type(error))

    threads = [threading.Thread(target=restore) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, outcomes)) == sorted(map(str, [{}, LibraryNotEmpty]))
    assert rows_of(elsewhere) == rows_of(library.database)


def test_a_file_is_whole_or_not_there(library: Workbench, file: Path) -> None:
    def fail(step: str, table: str, done: int, total: int | None) -> None:
        if table == "pages":
            raise StorageError("Gone.")

    with pytest.raises(StorageError):
        write_backup(library.database, file, progress=fail)
    assert list(file.parent.iterdir()) == []
    write_backup(library.database, file)
    written = file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileTaken):
        write_backup(library.database, file)
    with pytest.raises(StorageError):
        write_backup(library.database, file, force=True, progress=fail)
    assert file.read_bytes() == written
    file.unlink()

    def come_first(step: str, table: str, done: int, total: int | None) -> None:
        file.write_text("somebody else's")

    with pytest.raises(FileTaken):
        write_backup(library.database, file, progress=come_first)
    assert [path.read_text() for path in file.parent.iterdir()] == ["somebody else's"]
    for path in (file.parent, file / "below", file.parent / "none" / "x"):
        with pytest.raises(FileUnusable):
            write_backup(library.database, path)
    with pytest.raises(FileUnusable):
        restore_backup(library.database, file.parent / "none")
