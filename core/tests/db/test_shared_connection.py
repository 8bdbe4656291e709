"""Threads over one connection, as a rehearsal uses it."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Engine, text

from novel_core.db.engine import session, shared_by_threads


def test_threads_that_share_a_connection_take_turns(database: Engine) -> None:
    with database.connect() as connection:
        whole = connection.begin()
        shared = shared_by_threads(connection)

        def add(number: int) -> None:
            with session(shared) as opened:
                opened.execute(
                    text("INSERT INTO origins (origin) VALUES (:origin)"), {"origin": str(number)}
                )
                opened.execute(text("SELECT pg_sleep(0.001)"))

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(add, range(100)))
        with session(shared) as opened:
            assert opened.scalar(text("SELECT count(*) FROM origins")) == 100
        whole.rollback()
    with session(database) as opened:
        assert opened.scalar(text("SELECT count(*) FROM origins")) == 0
