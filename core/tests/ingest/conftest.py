"""A workbench over the toy source: its own site, database and plugins for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import toysite
from sqlalchemy import Engine
from toysite import ToyChapter, ToySite, ToyWork
from workbench import Workbench, quick_settings, registry_of

from novel_core.lookalike import ThreadedServer
from novel_core.runtime import Runtime, Servers


@pytest.fixture
def work() -> ToyWork:
    return ToyWork(
        id="1",
        title="The Clockmaker's Garden",
        authors=["Ada Fern", "Bo Reed"],
        chapters=[
            ToyChapter(str(number), f"Chapter {number}", [f"<p>Text of chapter {number}.</p>"])
            for number in range(1, 6)
        ],
    )


@pytest.fixture
def site(work: ToyWork) -> ToySite:
    return ToySite(work)


@pytest.fixture
def bench(site: ToySite, database: Engine) -> Iterator[Workbench]:
    toysite.TOLD.clear()
    toysite.FINISHED.clear()
    toysite.FAULTS.clear()
    toysite.BEFORE_SAVE.clear()
    with ThreadedServer(site.app) as served:
        settings = quick_settings(host_map={toysite.HOST: served.url})
        yield Workbench(Runtime(settings, registry_of("toysite"), database, Servers("", None)))
