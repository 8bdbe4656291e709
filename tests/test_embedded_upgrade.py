"""The embedded database of an older version: who only reads leaves it alone, who migrates it keeps a copy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from commands import Novel
from sqlalchemy import Engine, text

from novel_core import services
from novel_core.backup.upgrading import KEPT
from novel_core.db import migrate
from novel_core.db.engine import open_database, session

OLDER = "0002"


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NOVEL_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def embedded(data_dir: Path) -> Iterator[Engine]:
    with services.attach(data_dir, valkey=False) as attachment:
        assert attachment.services.database_url
        engine = open_database(attachment.services.database_url)
        yield engine
        engine.dispose()
    services.stop(data_dir, force=True)


@pytest.fixture
def novel(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Novel:
    return Novel(monkeypatch, capsys)


def go_back(database: Engine) -> None:
    """What a version before would have left."""
    config = Config()
    config.set_main_option("script_location", str(migrate.MIGRATIONS))
    with database.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, OLDER)
        connection.commit()


def test_an_older_library_is_migrated_by_what_writes_and_kept_before(
    novel: Novel, embedded: Engine, data_dir: Path
) -> None:
    assert novel("novels").code == 0, "an empty database gets its schema from any command"
    with session(embedded) as opened:
        opened.execute(
            text(
                "INSERT INTO jobs (source, source_url, url, kind)"
                " VALUES ('toy', 'https://a.example', 'https://a.example', 'novel')"
            )
        )
    go_back(embedded)

    for reading in (("novels",), ("jobs", "--json"), ("keys", "list"), ("db", "status")):
        ran = novel(*reading)
        assert "novel db upgrade" in ran.out + ran.err
    assert "novel db upgrade" in novel("doctor").out
    assert migrate.current_revision(embedded) == OLDER
    assert not (data_dir / "backups").exists()

    ran = novel("db", "upgrade")
    assert ran.code == 0
    copies = list((data_dir / "backups").iterdir())
    assert len(copies) == 1
    assert str(copies[0]) in ran.out
    assert migrate.current_revision(embedded) == migrate.HEAD

    with session(embedded) as opened:
        opened.execute(text("DELETE FROM jobs"))
    assert novel("restore", str(copies[0]), "--force").code == 0
    assert len(novel("jobs", "--json").json) == 1

    for _ in range(KEPT):
        go_back(embedded)
        assert novel("db", "sweep").code == 0
    kept = list((data_dir / "backups").iterdir())
    assert len(kept) == KEPT
    assert copies[0] not in kept
