"""The schema: upgrades are safe to repeat, failures have clear messages."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from novel_core.db import migrate
from novel_core.db.engine import open_database, session, translated_errors
from novel_core.db.tables import METADATA
from novel_core.errors import InvalidSetting, StorageError, StorageFull


def alembic_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrate.MIGRATIONS))
    return config


def test_the_revisions_are_those_of_the_migrations() -> None:
    scripts = ScriptDirectory.from_config(alembic_config())
    assert scripts.get_heads() == [migrate.HEAD]
    newest_first = [script.revision for script in scripts.walk_revisions()]
    assert newest_first == list(reversed(migrate.REVISIONS))


@pytest.mark.parametrize("revision", [None, *migrate.REVISIONS])
def test_an_older_revision_is_outdated(revision: str | None) -> None:
    assert migrate.is_outdated(revision) is (revision != migrate.HEAD)


def test_a_downgrade_leaves_nothing(database: Engine) -> None:
    config = alembic_config()
    with database.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        connection.commit()
    assert inspect(database).get_table_names() == ["alembic_version"]
    assert migrate.upgrade(database)
    assert set(METADATA.tables) < set(inspect(database).get_table_names())


def test_upgrades_at_the_same_time_do_not_collide(postgres: str, database: Engine) -> None:
    with database.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE; CREATE SCHEMA public"))
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(lambda _: migrate.upgrade(database), range(4))) >= 1
    assert migrate.current_revision(database) == migrate.HEAD


def test_an_empty_or_newer_database_is_refused_with_words(database: Engine) -> None:
    migrate.require_current(database)
    with database.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageError, match="newer"):
        migrate.require_current(database)
    with database.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    with pytest.raises(StorageError) as caught:
        migrate.require_current(database)
    assert "novel db upgrade" in caught.value.hint


def test_what_is_compressed_or_staged_is_stored_as_it_is(database: Engine) -> None:
    query = text(
        "SELECT attrelid::regclass::text, attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid"
        " WHERE attstorage = 'e' AND relnamespace = 'public'::regnamespace AND relkind = 'r'"
    )
    with database.connect() as connection:
        found = {(table, column) for table, column in connection.execute(query)}
    assert found == {("pages", "body"), ("staged_items", "payload")}


def test_every_time_is_timezone_aware_and_utc(database: Engine) -> None:
    columns = [
        (table, column["name"], column["type"])
        for table in inspect(database).get_table_names()
        for column in inspect(database).get_columns(table)
        if str(column["type"]).startswith("TIMESTAMP")
    ]
    assert columns
    assert [entry for entry in columns if not entry[2].timezone] == []
    with session(database) as opened:
        assert opened.execute(text("SHOW timezone")).scalar() == "UTC"


def test_a_server_that_is_not_there_is_a_storage_error() -> None:
    engine = open_database("postgresql://novel@127.0.0.1:1/none")
    with pytest.raises(StorageError), session(engine) as opened:
        opened.execute(text("SELECT 1"))


@pytest.mark.parametrize("url", ["sqlite:///novels.db", "not a url", "mysql://localhost/novels"])
def test_only_postgresql_is_taken(url: str) -> None:
    with pytest.raises(InvalidSetting):
        open_database(url)


def test_a_full_disk_has_a_class_of_its_own(database: Engine) -> None:
    full = "DO $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$"
    with pytest.raises(StorageFull), session(database) as opened:
        opened.execute(text(full))


def test_a_bug_of_ours_is_not_dressed_as_an_outage(database: Engine) -> None:
    with (
        pytest.raises(Exception, match="nonsense") as caught,
        translated_errors(),
        database.connect() as connection,
    ):
        connection.execute(text("SELECT nonsense"))
    assert not isinstance(caught.value, StorageError)
