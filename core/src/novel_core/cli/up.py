"""`novel up`: the whole service on one machine, in one terminal."""

from __future__ import annotations

import http.client
import importlib.util
import os
import socket
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from novel_core.cli.network import urls_of
from novel_core.cli.output import say
from novel_core.errors import UsageError
from novel_core.runtime import Servers, open_servers
from novel_core.settings import Settings, load_settings
from novel_core.settings.server_urls import without_password

if TYPE_CHECKING:
    from novel_core.services import Keeper

#: Addresses that mean "all of this machine": nobody can open them in a browser.
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - translated, not listened on


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Where the API listens.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option(
    "--processes",
    type=click.IntRange(1, 64),
    default=2,
    show_default=True,
    help="How many jobs to run at once.",
)
@click.option(
    "--api-workers",
    type=click.IntRange(1, 64),
    default=None,
    help="How many processes answer requests; NOVEL_API_WORKERS where not given.",
)
def up(host: str, port: int, processes: int, api_workers: int | None) -> None:
    """Run API and worker, with the embedded servers where DATABASE_URL and REDIS_URL are not set, until Ctrl-C.

    The database is brought up to date first. A part that dies is started again.
    """
    from novel_core.processes.group import ProcessGroup, program

    settings = load_settings()
    _require("novel_api", "novel-api")
    _require("novel_worker", "novel-worker")
    _require_free(host, port)
    with open_servers(settings, queue=True) as servers:
        assert servers.redis_url is not None
        _migrate(settings, servers)
        python = [sys.executable, "-P", "-m"]
        place = ["--host", host, "--port", str(port)]
        if api_workers is not None:
            place += ["--workers", str(api_workers)]
        environment = os.environ | {
            "DATABASE_URL": servers.database_url,
            "REDIS_URL": servers.redis_url,
        }
        worker = [*python, "novel_worker", "--processes", str(processes)]
        parts = [
            program("API", [*python, "novel_api", *place], environment),
            program("worker", worker, environment),
        ]
        say("Starting the API and the worker; Ctrl-C ends them.")
        keeper = _keeper(servers)
        ProcessGroup(parts, _report).run(
            lambda: _announce(host, port, processes, settings, servers),
            check=keeper.look if keeper else None,
        )
    say("Stopped.")


def _report(_level: int, line: str) -> None:
    # The terminal may be gone, and that must not keep the parts from ending.
    with suppress(OSError):
        say(line)


def _keeper(servers: Servers) -> Keeper | None:
    if servers.attachment is None:
        return None
    from novel_core.services import Keeper

    return Keeper(servers.attachment, say)


def _require(package: str, distribution: str) -> None:
    try:
        found = importlib.util.find_spec(f"{package}.__main__")
    except ModuleNotFoundError:
        found = None
    if found is None:
        raise UsageError(
            f"`novel up` needs the package {distribution}, which is not installed here.",
            hint=f"pip install {distribution}",
        )


def _require_free(host: str, port: int) -> None:
    """A server that cannot listen would only die again and again."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
    except OSError as error:
        raise UsageError(
            f"The API cannot listen at {host} port {port}: {error.strerror}.",
            hint="Give another one with --port, or end the process that has it.",
        ) from error


def _migrate(settings: Settings, servers: Servers) -> None:
    from novel_core.backup.upgrading import prepare_embedded
    from novel_core.db import migrate
    from novel_core.db.engine import open_database

    database = open_database(servers.database_url)
    try:
        if settings.uses_embedded_postgres and (
            copy := prepare_embedded(database, settings.data_dir, migrating=True)
        ):
            say(f"The database was brought up to date; a copy of it as it was is kept: {copy}")
        if migrate.upgrade(database):
            say("The database is up to date now.")
    finally:
        database.dispose()


def _announce(host: str, port: int, processes: int, settings: Settings, servers: Servers) -> bool:
    """Print the addresses as soon as the API answers and the workers wait for jobs; whether they do."""
    from novel_core.queue.connection import count_workers

    reachable = _EVERYWHERE.get(host, host)
    if not _answers(reachable, port) or count_workers(servers.redis_url or "") < processes:
        return False
    url = f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"
    embedded = settings.database_url is None or settings.redis_url is None
    lines = {
        "API": url,
        "docs": f"{url}/docs",
        "e-readers": f"{url}/opds",
        "worker": f"{processes} {'job' if processes == 1 else 'jobs'} at once",
        "database": without_password(servers.database_url),
        "queue": without_password(servers.redis_url or ""),
        "logs": f"here; the servers' are in {settings.data_dir / 'logs'}" if embedded else "here",
    }
    for name, value in lines.items():
        say(f"{name:<10} {value}")
    for other in urls_of(host, port) if host in _EVERYWHERE else ():
        say(f"{'network':<10} {other}, for e-reader apps {other}/opds")
    return True


def _answers(host: str, port: int) -> bool:
    """Whether it says that it lives: to be connected means nothing, as it listens before it knows whether it may serve."""
    connection = http.client.HTTPConnection(host, port, timeout=0.5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
