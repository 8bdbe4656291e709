"""Look-alike forums beside a workbench: the plugin, the engine and a real site together."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from boards import plugin
from sqlalchemy import Engine
from workbench import NO_LIMIT, Workbench, quick_settings

from novel_core import Site
from novel_core.registry import Registry
from novel_core.runtime import Runtime, Servers
from novel_xenforo import XenForoFamily
from novel_xenforo_lookalike import Forum, Forums, thread

SITES = (
    Site("forum", "xenforo", "https://forum.example"),
    Site("boards", "xenforo", "https://boards.example/forum"),
    Site("plain", "xenforo", "https://plain.example", options={"index_php": True}),
)


@pytest.fixture(scope="session")
def running() -> Iterator[Forums]:
    with Forums() as forums:
        yield forums


@pytest.fixture
def forum(running: Forums) -> Forum:
    """The forum at forum.example, with one thread of twelve threadmarks."""
    running.log.clear()
    running.forums.clear()
    made = Forum(threads={7: thread(7)})
    running.forums[made.host] = made
    return made


@pytest.fixture
def bench(running: Forums, forum: Forum, database: Engine) -> Workbench:
    family = XenForoFamily()
    family.sites = SITES
    settings = quick_settings(
        host_map=dict.fromkeys(running.hosts, running.url),
        sources={site.name: NO_LIMIT for site in SITES},
    )
    registry = Registry.load(entry_points=[plugin("xenforo", family)])
    return Workbench(Runtime(settings, registry, database, Servers("", None)))
