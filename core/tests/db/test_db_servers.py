"""Servers as people have them: behind PgBouncer, with a schema of their own, pg_trgm elsewhere, rights that are missing."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest
from pooler import Pooler, in_front_of
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from novel_core.db import migrate
from novel_core.db.engine import open_database, session, translated_errors
from novel_core.db.trigrams import use_trigrams
from novel_core.errors import InvalidSetting, StorageError
from novel_core.library.catalogue import NovelFilter, find_novels


@pytest.fixture
def pooler(database_url: str) -> Iterator[Pooler]:
    with in_front_of(database_url) as between:
        yield between


@pytest.fixture
def empty(database: Engine) -> Engine:
    with database.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE; CREATE SCHEMA public"))
    return database


def with_options(url: str, options: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}options={quote(options)}"


def count_advisory_locks(database: Engine) -> int:
    with database.connect() as connection:
        held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
        return int(connection.scalar(text(held)) or 0)


def test_a_pooler_of_transactions_serves_as_the_server_itself(pooler: Pooler) -> None:
    engine = open_database(pooler.url)
    for _ in range(5):  # each on another connection of the server
        with session(engine) as opened:
            assert find_novels(opened, NovelFilter(search="lantern")) == ([], 0)
            assert opened.scalar(text("SHOW timezone")) == "UTC"
            likeness = opened.scalar(text("SHOW pg_trgm.word_similarity_threshold"))
            assert likeness == "0.45"
    engine.dispose()


def test_upgrades_through_a_pooler_leave_no_lock_behind(empty: Engine, pooler: Pooler) -> None:
    engine = open_database(pooler.url)
    with ThreadPoolExecutor(2) as pool:
        assert any(pool.map(lambda _: migrate.upgrade(engine), range(2)))
    migrate.require_current(engine)
    assert count_advisory_locks(empty) == 0
    engine.dispose()


def test_a_pooler_that_refuses_what_the_url_asks_for_is_told_with_the_way_out(
    pooler: Pooler,
) -> None:
    engine = open_database(with_options(pooler.url, "-csearch_path=library"))
    with pytest.raises(StorageError, match="options") as caught:
        migrate.current_revision(engine)
    assert "ignore_startup_parameters" in caught.value.hint
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    "asked", ["-csearch_path=library", "-c search_path=library -c work_mem=8MB"]
)
def test_the_schema_that_the_url_names_is_the_one_used(
    empty: Engine, database_url: str, asked: str
) -> None:
    engine = open_database(with_options(database_url, asked))
    with pytest.raises(StorageError) as caught:
        migrate.upgrade(engine)
    assert "Create the schema" in caught.value.hint
    with empty.begin() as connection:
        connection.execute(text("CREATE SCHEMA library"))
    assert migrate.upgrade(engine)
    migrate.require_current(engine)
    assert "jobs" in inspect(empty).get_table_names(schema="library")
    assert inspect(empty).get_table_names(schema="public") == []
    with session(engine) as opened:
        assert opened.scalar(text("SHOW timezone")) == "UTC"
    engine.dispose()


def test_the_environment_of_the_client_library_is_heard(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGOPTIONS", "-c work_mem=7MB")
    engine = open_database(database_url)
    with session(engine) as opened:
        assert opened.scalar(text("SHOW work_mem")) == "7MB"
    engine.dispose()


def test_statements_are_bounded_unless_the_url_says_otherwise(
    database: Engine, database_url: str
) -> None:
    with session(database) as opened:
        assert opened.scalar(text("SHOW statement_timeout")) == "5min"
    engine = open_database(with_options(database_url, "-cstatement_timeout=7000"))
    with session(engine) as opened:
        assert opened.scalar(text("SHOW statement_timeout")) == "7s"
    engine.dispose()


def test_the_trigrams_are_found_in_a_schema_of_their_own(empty: Engine) -> None:
    with empty.begin() as connection:
        connection.execute(
            text('CREATE SCHEMA "The Extras"; CREATE EXTENSION pg_trgm SCHEMA "The Extras"')
        )
    assert migrate.upgrade(empty)
    with session(empty) as opened:
        assert find_novels(opened, NovelFilter(search="lantern")) == ([], 0)


def test_who_may_not_create_the_trigrams_learns_who_may(empty: Engine, database_url: str) -> None:
    with empty.begin() as connection:
        connection.execute(text("DROP ROLE IF EXISTS tenant; CREATE ROLE tenant"))
        connection.execute(text("GRANT CREATE, USAGE ON SCHEMA public TO tenant"))
    engine = open_database(with_options(database_url, "-crole=tenant"))
    with pytest.raises(StorageError, match="pg_trgm") as caught:
        migrate.upgrade(engine)
    assert "CREATE EXTENSION pg_trgm" in caught.value.hint
    assert "doctor" not in caught.value.hint
    assert migrate.current_revision(empty) is None
    with empty.begin() as connection:  # what the hint says
        connection.execute(text("CREATE EXTENSION pg_trgm"))
    assert migrate.upgrade(engine)
    engine.dispose()
    with empty.begin() as connection:
        connection.execute(text("DROP OWNED BY tenant; DROP ROLE tenant"))


def test_trigrams_that_were_dropped_later_are_told_of(database: Engine) -> None:
    with database.begin() as connection:
        connection.execute(text("DROP EXTENSION pg_trgm CASCADE"))
    with pytest.raises(StorageError, match="pg_trgm"), session(database) as opened:
        use_trigrams(opened)


@pytest.mark.parametrize(
    ("revision", "words"),
    [
        ("9999", "newer"),
        ("a1b2c3d4e5f6", "another program"),
        ("0000", "another program"),
        ("0005", "another program"),  # never released
        ("5", "another program"),  # as text it would come after all of ours
        ("20240101", "another program"),
        ("\u0669999", "another program"),
    ],
)
def test_a_schema_that_is_not_known_is_left_as_it_is(
    database: Engine, revision: str, words: str
) -> None:
    with database.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": revision})
    for look in (migrate.upgrade, migrate.require_current):
        with pytest.raises(StorageError, match=words):
            look(database)
    with pytest.raises(StorageError, match=words):
        migrate.is_outdated(revision)
    assert migrate.current_revision(database) == revision


def test_a_parameter_that_does_not_exist_is_a_wrong_setting(database_url: str) -> None:
    engine = open_database(f"{database_url}&pool_size=5")
    with pytest.raises(InvalidSetting, match="pool_size"):
        migrate.current_revision(engine)


def test_a_connection_that_breaks_without_a_word_is_a_storage_error(database: Engine) -> None:
    class Silent(Exception):
        pgcode = None

    error = DBAPIError("SELECT 1", {}, Silent(""), connection_invalidated=True)
    with pytest.raises(StorageError, match="Silent"), translated_errors():
        raise error
