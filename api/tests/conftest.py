"""The API over real servers: PostgreSQL, Valkey, and uvicorn on loopback with a client beside it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from boards import plugin
from chronicles import Chronicles, ChronicleSite
from redis import Redis
from served import Serve, Served, serving
from sqlalchemy import Engine
from toysite import ToyChapter, ToySite, ToyWork
from workbench import NO_LIMIT, Workbench, quick_settings, registry_of

from novel_api.app import create_app
from novel_api.connections import BoundedProtocol
from novel_core import services
from novel_core.lookalike import ThreadedServer
from novel_core.registry import Registry
from novel_core.runtime import Runtime, Servers


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory, clean_environment: None) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("valkey")
    with services.attach(folder, durable=False, postgres=False) as attachment:
        assert attachment.services.redis_url is not None
        yield attachment.services.redis_url


@pytest.fixture
def redis(valkey: str) -> Iterator[Redis]:
    """The queue's server, empty."""
    with Redis.from_url(valkey) as client:
        client.flushall()
        yield client


@pytest.fixture
def site() -> Iterator[ToySite]:
    """A small site; chapter 3 of its work 1 cannot be had."""
    chapters = [ToyChapter(str(number), f"Chapter {number}", ["<p>Text.</p>"]) for number in (1, 2)]
    chapters.append(ToyChapter("3", "Chapter 3", ["<p>Text.</p>"], dead_part=0))
    toy = ToySite(
        ToyWork("1", "A Toy", ["Somebody"], chapters), ToyWork("2", "Another", ["Nobody"])
    )
    with ThreadedServer(toy.app) as served:
        toy.url = served.url  # type: ignore[attr-defined]
        yield toy


@pytest.fixture
def serve(database: Engine, valkey: str, redis: Redis, tmp_path: Path) -> Iterator[Serve]:
    """`serve(setting=value, …)`: an API over this test's database; `protocol` has other limits of connections."""
    with ExitStack() as stack:

        def start(
            redis_url: str = valkey,
            engine: Engine = database,
            protocol: type[BoundedProtocol] = BoundedProtocol,
            plugins: tuple[str, ...] = ("toysite", "royalroad=novel_royalroad"),
            registry: Registry | None = None,
            **settings: Any,
        ) -> Served:
            runtime = Runtime(
                quick_settings(**({"data_dir": tmp_path / "data"} | settings)),
                registry or registry_of(*plugins),
                engine,
                Servers("", redis_url),
            )
            app = create_app(runtime, threads=10)
            server, url = stack.enter_context(serving(app, http=protocol))
            # No TLS here: loading its certificates for each test takes a tenth of a second.
            client = stack.enter_context(httpx.Client(base_url=url, timeout=20, verify=False))
            return Served(client, Workbench(runtime), app, server)

        yield start


@pytest.fixture(scope="session")
def chronicle() -> Iterator[ChronicleSite]:
    """A site that nobody has listed; its software is a family's."""
    with ChronicleSite() as site:
        yield site


@pytest.fixture
def api_with_family(serve: Serve, chronicle: ChronicleSite) -> Served:
    """An API with the family of that site."""
    chronicle.reset()
    registry = Registry.load(entry_points=[plugin("chronicle", Chronicles())])
    names = ("adoption", "chronicle", "chronicle-example")
    return serve(
        registry=registry,
        host_map=dict.fromkeys(chronicle.hosts, chronicle.url),
        sources=dict.fromkeys(names, NO_LIMIT),
    )


@pytest.fixture
def api(serve: Serve) -> Served:
    return serve()


@pytest.fixture
def api_with_site(serve: Serve, site: ToySite) -> Served:
    return serve(host_map={"toy.example": site.url})  # type: ignore[attr-defined]
