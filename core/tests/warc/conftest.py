"""A library with an ingested novel, and an empty one beside it: two workbenches over the same look-alike."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from elsewhere import other_database
from sqlalchemy import Engine
from workbench import Workbench, quick_settings, registry_of

from novel_core.db.engine import open_database
from novel_core.runtime import Runtime, Servers
from novel_core.warc import write_warc_file
from novel_royalroad_lookalike import Fiction, Library, LookalikeServer

URL = "https://www.royalroad.com/fiction/7"


@pytest.fixture
def fiction() -> Fiction:
    fiction = Fiction.generate(7, chapters=8)
    first = fiction.chapters[0]
    first.paragraphs = [
        *first.paragraphs,
        '<p><img src="https://i.imgur.com/lantern.png" alt="a"></p>',
        '<p><img src="https://gone.invalid/dead.png" alt="b"></p>',
    ]
    return fiction


@pytest.fixture
def site(fiction: Fiction) -> Iterator[LookalikeServer]:
    with LookalikeServer(Library([fiction])) as served:
        yield served


def _bench(site: LookalikeServer, database: Engine) -> Workbench:
    hosts = dict(entry.split("=", 1) for entry in site.host_map.split(","))
    registry = registry_of("royalroad=novel_royalroad", "toysite")
    return Workbench(Runtime(quick_settings(host_map=hosts), registry, database, Servers("", None)))


@pytest.fixture
def bench(site: LookalikeServer, database: Engine) -> Workbench:
    return _bench(site, database)


@pytest.fixture
def empty(site: LookalikeServer, postgres: str, template: str) -> Iterator[Workbench]:
    """A workbench over another, empty database."""
    with other_database(postgres, template) as url:
        engine = open_database(url)
        yield _bench(site, engine)
        engine.dispose()


@pytest.fixture
def file(bench: Workbench, site: LookalikeServer, tmp_path: Path) -> Path:
    """The novel as a WARC file; the site's log is empty again."""
    bench.ingest(URL)
    path = tmp_path / "novel.warc.gz"
    write_warc_file(bench.database, bench.novel_id(URL), path)
    site.clear()
    return path
