"""A workbench whose library has one work of the toy source."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import toysite
from sqlalchemy import Engine
from toysite import ToyChapter, ToySite, ToyWork
from workbench import Workbench, quick_settings, registry_of

from novel_core.lookalike import ThreadedServer
from novel_core.runtime import Runtime, Servers

URL = f"{toysite.ROOT}/works/1"


@pytest.fixture
def bench(database: Engine) -> Iterator[Workbench]:
    work = ToyWork("1", "Work 1", ["Ada"], [ToyChapter("11", "One", ["<p>A</p>"])])
    with ThreadedServer(ToySite(work).app) as served:
        settings = quick_settings(
            host_map={toysite.HOST: served.url},
            webhook_secret="whsec_c2VjcmV0IG9mIHRoZSB0ZXN0cw==",
            webhook_url="https://hooks.example/all",
        )
        bench = Workbench(
            Runtime(settings, registry_of("toysite", "toyfamily"), database, Servers("", None))
        )
        assert bench.ingest(URL).status == "done"
        yield bench
