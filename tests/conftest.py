"""The Royal Road look-alike beside a workbench: the plugin, the engine and a real site together."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from workbench import Workbench, quick_settings, registry_of

from novel_core.runtime import Runtime
from novel_royalroad.lookalike import Fiction, Library, LookalikeServer

FICTION = 7


@pytest.fixture
def fiction() -> Fiction:
    return Fiction.generate(FICTION, chapters=8)


@pytest.fixture
def site(fiction: Fiction) -> Iterator[LookalikeServer]:
    with LookalikeServer(Library([fiction])) as served:
        yield served


@pytest.fixture
def bench(site: LookalikeServer, database: Engine) -> Workbench:
    hosts = dict(entry.split("=", 1) for entry in site.host_map.split(","))
    registry = registry_of("royalroad=novel_royalroad")
    return Workbench(Runtime(quick_settings(host_map=hosts), registry, database))
