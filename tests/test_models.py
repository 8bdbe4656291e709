"""The models of the engine and of the API together are the schema that the migrations make."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, inspect

from novel_api import rows
from novel_core.db import migrate
from novel_core.db.tables import METADATA


def test_migrations_make_exactly_the_models(database: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrate.MIGRATIONS))
    with database.connect() as connection:
        config.attributes["connection"] = connection
        command.check(config)


def test_each_table_has_a_model(database: Engine) -> None:
    tables = set(inspect(database).get_table_names()) - {"alembic_version"}
    assert tables == set(METADATA.tables)
    assert {rows.ApiKeyRow.__tablename__, rows.IdempotencyRow.__tablename__} <= tables
