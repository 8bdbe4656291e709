"""The table of sites: permanent names, two processes at once, what is remembered."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import get_args

import pytest
from polling import eventually
from sqlalchemy import Engine, text

from novel_core import Site
from novel_core.db.engine import open_database, session
from novel_core.errors import StorageError
from novel_core.sites.naming import AddedBy, assign_name
from novel_core.sites.store import NAMES_REMEMBERED, REMEMBERED, SiteStore

FORUM = Site(
    "forum",
    "forums",
    "https://forum.example/xf",
    title="The Forum",
    language="de",
    time_zone="Europe/Berlin",
    rate_group="example",
    aliases=("www.forum.example",),
    options={"reader": True, "labels": ["a"]},
)


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def store(database: Engine, site: Site, added_by: AddedBy = "operator") -> str:
    with session(database) as opened:
        return assign_name(opened, site, added_by)


def test_a_site_comes_back_as_it_was_stored(database: Engine) -> None:
    assert store(database, FORUM) == "forum"
    sites = SiteStore(database)
    assert sites.by_name("forum") == FORUM
    assert list(sites.by_host("forum.example")) == [FORUM]
    assert list(sites.by_host("www.forum.example")) == [FORUM]
    assert sites.by_name("other") is None
    assert list(sites.by_host("other.example")) == []


def test_a_name_is_given_once_for_an_address(database: Engine) -> None:
    store(database, FORUM)
    renamed = replace(FORUM, name="renamed", title="Another title")
    insecure = replace(renamed, base_url="http://forum.example/xf/")
    for site in (FORUM, renamed, insecure):
        for added_by in get_args(AddedBy):
            assert store(database, site, added_by) == "forum"
    assert SiteStore(database).by_name("forum") == FORUM


def test_a_name_of_another_site_is_varied_and_kept(database: Engine) -> None:
    store(database, FORUM)
    folder = replace(FORUM, base_url="https://forum.example/old")
    family = replace(FORUM, family="boards")
    names = [store(database, site) for site in (folder, family)]
    assert len({"forum", *names}) == 3
    assert all(name.startswith("forum-") for name in names)
    assert [store(database, site) for site in (folder, family)] == names


def test_a_name_that_novels_have_is_only_a_packages(database: Engine) -> None:
    with database.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO jobs (source, source_url, url, kind) VALUES"
                " ('forum', 'https://f.example/1', 'https://f.example/1', 'novel')"
            )
        )
    other = replace(FORUM, base_url="https://other.example")
    assert store(database, other) != "forum"
    assert store(database, replace(FORUM, base_url="https://more.example"), "wildcard") != "forum"
    assert store(database, FORUM, "package") == "forum"


def test_a_removed_site_is_gone_and_comes_back_with_its_name(database: Engine) -> None:
    store(database, FORUM)
    with database.begin() as connection:
        connection.execute(text("UPDATE sites SET removed_at = now()"))
    sites = SiteStore(database)
    assert sites.by_name("forum") is None
    assert list(sites.by_host("forum.example")) == []
    assert store(database, replace(FORUM, name="again")) == "forum"
    assert SiteStore(database).by_name("forum") == FORUM


def test_an_answer_is_remembered_for_seconds(database: Engine) -> None:
    clock = Clock()
    sites = SiteStore(database, clock=clock)
    assert list(sites.by_host("forum.example")) == []
    store(database, FORUM)
    clock.now += REMEMBERED - 0.1
    assert list(sites.by_host("forum.example")) == []
    clock.now += 0.2
    assert list(sites.by_host("forum.example")) == [FORUM]
    with database.begin() as connection:
        connection.execute(text("UPDATE sites SET removed_at = now()"))
    assert list(sites.by_host("forum.example")) == [FORUM]
    clock.now += REMEMBERED
    assert list(sites.by_host("forum.example")) == []


def test_what_is_remembered_is_bounded(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("novel_core.sites.store.MOST", 3)
    sites = SiteStore(database, clock=Clock())
    for number in range(10):
        sites.by_host(f"{number}.example")
    assert len(sites._answers) <= 3


@pytest.fixture
def away(database: Engine) -> Iterator[Engine]:
    """A pool whose server does not answer."""
    engine = open_database("postgresql://novel@127.0.0.1:1/none")
    yield engine
    engine.dispose()


def test_an_older_answer_serves_while_the_database_is_away(database: Engine, away: Engine) -> None:
    clock = Clock()
    sites = SiteStore(database, clock=clock)
    store(database, FORUM)
    sites.by_host("forum.example")
    sites.by_name("forum")
    sites._database = away
    clock.now += REMEMBERED + 1
    assert list(sites.by_host("forum.example")) == [FORUM]
    assert sites.by_name("forum") == FORUM


def test_without_an_older_answer_the_error_is_told(away: Engine) -> None:
    sites = SiteStore(away)
    for ask in (sites.by_host, sites.by_name):
        with pytest.raises(StorageError):
            ask("forum.example")


def test_sites_alike_are_read_at_once(database: Engine) -> None:
    """By address, with any name, and by name, at any address; removed ones too."""
    shipped = tuple(Site(f"site-{n}", "forums", f"https://s{n}.example") for n in range(5))
    first = replace(shipped[0], name="first", base_url="http://s0.example")
    other = replace(shipped[1], base_url="https://elsewhere.example")
    for site in (first, other, FORUM):
        store(database, site)
    with database.begin() as connection:
        connection.execute(text("UPDATE sites SET removed_at = now() WHERE name = 'first'"))
    sites = SiteStore(database)
    found = sites.alike(shipped)
    assert list(found) == [first, other]
    assert sites.alike(shipped) is found
    assert sites.alike(()) == ()


def test_the_same_answer_is_the_same_object(database: Engine) -> None:
    clock = Clock()
    sites = SiteStore(database, clock=clock)
    store(database, FORUM)
    shipped = (FORUM,)
    before = sites.alike(shipped)
    clock.now += NAMES_REMEMBERED + 1
    assert sites.alike(shipped) is before


_PROCESS = """
import sys
from novel_core import Site
from novel_core.db.engine import open_database, session
from novel_core.sites.naming import assign_name
database = open_database(sys.argv[1])
sys.stdin.readline()
for number in range(30):
    site = Site(f"wish-{sys.argv[2]}", "forums", f"https://s{number}.example")
    with session(database) as opened:
        print(assign_name(opened, site, "operator"))
"""


def test_two_processes_at_once_give_each_site_one_name(database: Engine) -> None:
    url = database.url.render_as_string(hide_password=False).replace("+psycopg2", "")
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _PROCESS, url, wish],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for wish in ("same", "same", "other")
    ]
    with ThreadPoolExecutor(3) as pool:
        told = list(pool.map(lambda process: process.communicate("\n")[0].split(), processes))
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert told[0] == told[1] == told[2]
    assert len(set(told[0])) == 30


def test_an_open_transaction_holds_the_name_it_gives(database: Engine) -> None:
    """Who comes second waits for the first, and gets its name, or its own if that was rolled back."""
    for commits, expected in ((False, "second"), (True, "first")):
        site = replace(FORUM, base_url=f"https://{expected}.example")
        with ThreadPoolExecutor(1) as pool:
            first = database.connect()
            with session(first) as opened:
                assert assign_name(opened, replace(site, name="first"), "operator") == "first"
                second = pool.submit(store, database, replace(site, name="second"))
                _wait_for_a_lock(database)
                if not commits:
                    opened.rollback()
            assert second.result() == expected
            first.close()


def _wait_for_a_lock(database: Engine) -> None:
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        " AND datname = current_database()"
    )
    with database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        eventually(lambda: connection.scalar(waiting))
