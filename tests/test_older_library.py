"""A library written by an older version, brought up to date: nothing is lost, nothing changes its number.

`core/tests/db/library-0003.sql.gz` is a dump (pg_dump --inserts) of a small library at schema 0003: five novels of both
look-alikes with edited, renamed, removed and locked chapters, one with a gap, two watches, a key and a revoked one, an
open job and two failed ones. It is never made again: every later migration is tried on it.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, inspect, text
from workbench import Workbench, quick_settings, registry_of

from novel_core.content import to_text
from novel_core.db import migrate
from novel_core.db.engine import session
from novel_core.ingest.reparse import reparse_novel
from novel_core.library.catalogue import NovelFilter, find_novels
from novel_core.runtime import Runtime, Servers

DUMP = Path(__file__).parents[1] / "core/tests/db/library-0003.sql.gz"
#: What a migration may write anew: the table and the column.
REWRITTEN = {("novels", "search")}
#: Tables that have another name since.
RENAMED = {"sites": "origins"}
Rows = dict[tuple[Any, ...], Mapping[str, Any]]


def content(database: Engine) -> dict[str, Rows]:
    """Every row of every table, by its primary key."""
    described = inspect(database)
    found: dict[str, Rows] = {}
    with database.connect() as connection:
        for table in described.get_table_names():
            key = described.get_pk_constraint(table)["constrained_columns"]
            rows = connection.execute(text(f'SELECT * FROM "{table}"')).mappings()
            found[table] = {tuple(str(row[name]) for name in key): dict(row) for row in rows}
    return found


@pytest.fixture
def older(database: Engine) -> dict[str, Rows]:
    """The database with the older library in it, and what it held."""
    lines = gzip.decompress(DUMP.read_bytes()).decode().splitlines(keepends=True)
    statements = "".join(line for line in lines if not line.startswith("\\"))
    with database.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE; CREATE SCHEMA public"))
        connection.connection.cursor().execute(statements)
    database.dispose()  # the dump sets an empty search path for its connection
    assert migrate.current_revision(database) == "0003"
    return content(database)


@pytest.fixture
def bench(older: dict[str, Rows], database: Engine) -> Workbench:
    migrate.upgrade(database)
    registry = registry_of("royalroad=novel_royalroad", "ao3=novel_ao3")
    return Workbench(Runtime(quick_settings(), registry, database, Servers("", None)))


def test_no_row_and_no_value_is_lost(older: dict[str, Rows], database: Engine) -> None:
    migrate.upgrade(database)
    assert migrate.current_revision(database) == migrate.HEAD
    now = content(database)
    older = {RENAMED.get(table, table): rows for table, rows in older.items()}
    lost = [
        (table, key, column, value, now[table].get(key, {}).get(column))
        for table, rows in older.items()
        if table != "alembic_version"
        for key, row in rows.items()
        for column, value in row.items()
        if (table, column) not in REWRITTEN
        and (
            key not in now[table]
            or (column in now[table][key] and now[table][key][column] != value)
        )
    ]
    assert lost == []
    assert {table: len(now[table]) for table in older} == {
        table: len(rows) for table, rows in older.items()
    }


def test_chapters_keep_their_numbers_texts_and_revisions(bench: Workbench) -> None:
    chapters = bench.chapters("royalroad:7")
    assert [chapter.number for chapter in chapters] == list(range(1, 11))
    assert [chapter.source_id for chapter in chapters if chapter.state == "removed"] == ["7001016"]
    assert [chapter.source_id for chapter in chapters if chapter.state == "locked"] == ["7001046"]
    versions = [
        to_text(bench.read("royalroad:7", "2", version).content_html).splitlines()[0]
        for version in (1, 2, 3)
    ]
    assert versions[1:] == [
        "The text was changed once by its author.",
        "The text was changed twice by its author.",
    ]
    assert versions[0] not in versions[1:]
    assert bench.chapters("royalroad:9")[0].title == "The beginning, renamed"
    assert "Rewritten on the archive." in bench.read("ao3:21", "3").content_html
    assert [
        chapter.source_id
        for chapter in bench.chapters("royalroad:12")
        if chapter.state == "missing"
    ] == ["12001016"]


def test_every_novel_is_found_by_id_slug_and_address(bench: Workbench) -> None:
    with session(bench.database) as opened:
        found, total = find_novels(opened, NovelFilter(), limit=10)
    assert total == 5
    for novel in found:
        for reference in (str(novel.id), novel.slug, novel.url):
            assert bench.novel_id(reference) == novel.id


def test_texts_are_read_again_from_the_archive_without_a_revision(bench: Workbench) -> None:
    before = bench.rows("SELECT id, chapter_id, version, saved_at FROM chapter_texts ORDER BY 1, 2")
    for (novel_id,) in bench.rows("SELECT id FROM novels ORDER BY id"):
        assert reparse_novel(bench.runtime, novel_id).failed == []
    after = bench.rows("SELECT id, chapter_id, version, saved_at FROM chapter_texts ORDER BY 1, 2")
    assert after == before
