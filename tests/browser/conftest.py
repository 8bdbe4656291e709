"""A library, its web page, a real worker and Debian's Chromium, all on this machine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from served import serving
from showcase import FICTIONS, NEW, PaintedLibrary, fictions, fill
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url
from workbench import Workbench, quick_settings, registry_of
from working import running_worker, service_environment

from novel_api.app import create_app
from novel_api.keys import create_key
from novel_core.db.engine import open_database, session
from novel_core.runtime import Runtime, Servers
from novel_royalroad_lookalike import LookalikeServer

#: Slow enough for progress to be seen.
_RATE = "15"
HERE = Path(__file__).parent


@dataclass
class World:
    """`open` needs no key; `locked` is another library that has one, `secret`."""

    open: str
    locked: str
    secret: str
    bench: Workbench
    site: LookalikeServer
    new: str


@pytest.fixture(scope="session")
def world(
    postgres: str, template: str, valkey: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    with ExitStack() as stack:
        site = stack.enter_context(LookalikeServer(PaintedLibrary(fictions())))
        hosts = dict(entry.split("=", 1) for entry in site.host_map.split(","))

        def library(name: str) -> tuple[str, str, Workbench]:
            database_url, engine = _database(postgres, template, name)
            stack.callback(engine.dispose)
            runtime = Runtime(
                quick_settings(host_map=hosts, api_rate_limit=0),
                registry_of("royalroad=novel_royalroad", "ao3=novel_ao3", "brokensite"),
                engine,
                Servers("", valkey),
            )
            _, url = stack.enter_context(serving(create_app(runtime, threads=8)))
            return database_url, url, Workbench(runtime)

        database_url, url, bench = library("browser_open")
        _, locked_url, locked = library("browser_locked")
        with session(locked.database) as opened:
            made = create_key(opened, "reader", ["read"])
        assert made is not None
        fill(bench, site)
        environment = service_environment(
            DATABASE_URL=database_url,
            REDIS_URL=valkey,
            NOVEL_HOST_MAP=site.host_map,
            NOVEL_SOURCES__ROYALROAD__REQUESTS_PER_SECOND=_RATE,
            NOVEL_SOURCES__ROYALROAD__JITTER="0",
        )
        stack.enter_context(running_worker(environment, tmp_path_factory.mktemp("worker")))
        new = f"https://www.royalroad.com/fiction/{NEW}"
        assert NEW not in FICTIONS
        yield World(url, locked_url, made[1], bench, site, new)


def _database(postgres: str, template: str, name: str) -> tuple[str, Engine]:
    administrator = open_database(postgres)
    with administrator.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    administrator.dispose()
    url = make_url(postgres).set(database=name).render_as_string(hide_password=False)
    return url, open_database(url)


@pytest.fixture(scope="session")
def browser(world: World) -> Iterator[Browser]:
    """After the library is filled: from here on an event loop runs in this thread."""
    chromium = shutil.which("chromium")
    assert chromium, "Debian's package `chromium` is missing."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@dataclass
class Visit:
    """A browser's window, and what went wrong in it."""

    page: Page
    context: BrowserContext
    errors: list[str]


@pytest.fixture
def visit(browser: Browser) -> Iterator[Any]:
    """`visit(width=…, scheme=…, …)`: a new window. Any error in its console fails the test at its end."""
    windows: list[Visit] = []

    def start(width: int = 1280, scheme: str = "light", **options: Any) -> Visit:
        height = 844 if width < 600 else 900
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,  # type: ignore[arg-type]
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(10_000)
        window = Visit(context.new_page(), context, [])
        window.page.on("console", lambda told: _note(window.errors, told.type, told.text))
        window.page.on("pageerror", lambda error: window.errors.append(str(error)))
        windows.append(window)
        return window

    yield start
    for window in windows:
        window.context.close()
    assert [window.errors for window in windows] == [[] for _ in windows]


def _note(errors: list[str], kind: str, words: str) -> None:
    if kind in {"error", "warning"}:
        errors.append(words)


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Where screenshots go, for a person to look at."""
    folder = Path(os.environ.get("NOVEL_SCREENSHOTS", HERE / "screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
