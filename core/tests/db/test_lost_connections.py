"""A connection that carries nothing any more is closed when its answer is overdue."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import cast

import pytest
from polling import eventually
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url
from swallowing import SwallowingProxy

from novel_core.db import answers
from novel_core.db.answers import WaitingConnection, close_lost_connections
from novel_core.db.engine import lift_time_limit, open_database, session
from novel_core.errors import StorageError


@pytest.fixture
def proxy(database_url: str) -> Iterator[SwallowingProxy]:
    with SwallowingProxy(f"{make_url(database_url).query['host']}/.s.PGSQL.5432") as between:
        yield between


def through(proxy: SwallowingProxy, database_url: str, timeout: str) -> Engine:
    place = make_url(database_url)
    return open_database(
        f"postgresql://{place.username}@127.0.0.1:{proxy.port}/{place.database}"
        f"?options=-cstatement_timeout%3D{timeout}"
    )


def ask(engine: Engine) -> int:
    with session(engine) as opened:
        return int(opened.execute(text("SELECT 1")).scalar_one())


def test_who_waits_on_a_lost_connection_goes_on_with_another(
    proxy: SwallowingProxy, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "SLACK", 0.0)
    engine = through(proxy, database_url, "200ms")
    with ThreadPoolExecutor(1) as threads, session(engine) as opened:
        opened.execute(text("SELECT 1"))
        assert proxy.swallow() == 1
        waits = threads.submit(opened.execute, text("SELECT 2"))
        eventually(close_lost_connections)
        with pytest.raises(Exception, match="closed the connection"):
            waits.result()
        opened.rollback()
    assert ask(engine) == 1
    engine.dispose()


def test_the_next_use_of_a_lost_connection_takes_another(
    proxy: SwallowingProxy, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also one that rested in the pool, and one lost at the commit."""
    monkeypatch.setattr(answers, "SLACK", 0.0)
    engine = through(proxy, database_url, "200ms")
    assert ask(engine) == 1
    with ThreadPoolExecutor(1) as threads:
        assert proxy.swallow() == 1
        answer = threads.submit(ask, engine)
        eventually(close_lost_connections)
        assert answer.result() == 1

        def commit() -> None:
            with session(engine) as opened:
                opened.execute(text("SELECT 1"))
                proxy.swallow()

        lost = threads.submit(commit)
        eventually(close_lost_connections)
        with pytest.raises(StorageError):
            lost.result()
    engine.dispose()


@pytest.mark.parametrize(("timeout", "limit"), [("7000", 7.0), ("5min", 300.0), ("0", math.inf)])
def test_the_limit_is_that_of_the_statements(
    proxy: SwallowingProxy, database_url: str, timeout: str, limit: float
) -> None:
    engine = through(proxy, database_url, timeout)
    with engine.begin() as connection:
        raw = cast(WaitingConnection, connection.connection.dbapi_connection)
        assert raw.limit == limit
        now = time.monotonic()
        assert raw.is_lost(now, now + 306) is (limit < math.inf)
        assert not raw.is_lost(now, now + 6)
        lift_time_limit(connection)
        assert connection.execute(text("SHOW statement_timeout")).scalar_one() == "0"
        assert not raw.is_lost(now, now + 1e9)
    assert raw.is_lost(now, now + 306) is (limit < math.inf)
    engine.dispose()


def test_nothing_is_closed_that_does_not_wait(database: Engine) -> None:
    with session(database) as opened:
        opened.execute(text("SELECT 1"))
        assert close_lost_connections() == 0
        assert opened.execute(text("SELECT 2")).scalar_one() == 2
