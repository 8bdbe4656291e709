"""The look-alike beside a workbench: the plugin, the engine and a real site together."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from workbench import Workbench, quick_settings, registry_of

from novel_ao3_lookalike import Library, LookalikeServer, LookalikeWork
from novel_core.runtime import Runtime, Servers
from novel_core.settings import SourceOverride

NO_LIMIT = SourceOverride(requests_per_second=0)


@pytest.fixture
def work() -> LookalikeWork:
    return LookalikeWork.generate(7, chapters=4)


@pytest.fixture
def site(work: LookalikeWork) -> Iterator[LookalikeServer]:
    with LookalikeServer(Library([work])) as served:
        yield served


@pytest.fixture
def bench(site: LookalikeServer, database: Engine) -> Workbench:
    hosts = dict(entry.split("=", 1) for entry in site.host_map.split(","))
    settings = quick_settings(host_map=hosts, sources={"ao3": NO_LIMIT})
    return Workbench(Runtime(settings, registry_of("ao3=novel_ao3"), database, Servers("", None)))
