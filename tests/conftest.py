"""The Royal Road look-alike beside a workbench: the plugin, the engine and a real site together."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from commands import Novel
from sqlalchemy import Engine
from workbench import Workbench, quick_settings, registry_of

from novel_core.runtime import Runtime, Servers
from novel_royalroad_lookalike import Fiction, Library, LookalikeServer

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
    return Workbench(Runtime(quick_settings(host_map=hosts), registry, database, Servers("", None)))


@pytest.fixture
def novel(
    site: LookalikeServer,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Novel:
    """The `novel` command over the look-alike and this test's database."""
    command = Novel(monkeypatch, capsys)
    for name, value in {
        "DATABASE_URL": database_url,
        "NOVEL_HOST_MAP": site.host_map,
        "NOVEL_SOURCES__ROYALROAD__REQUESTS_PER_SECOND": "0",
        "NOVEL_RETRY_BACKOFF": "0.01",
        "NOVEL_RETRY_TIMES": "1",
        "NOVEL_HTTP_TIMEOUT": "5",
    }.items():
        command.set(name, value)
    return command
