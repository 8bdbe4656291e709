"""`novel up`: the whole service on one machine, in one terminal."""

from __future__ import annotations

import http.client
import importlib.util
import os
import socket
import sys
from contextlib import suppress

import click

from novel_core.cli.companions import needs_package
from novel_core.cli.network import urls_of
from novel_core.cli.output import say
from novel_core.errors import UsageError
from novel_core.plurals import several
from novel_core.runtime import Servers, open_servers
from novel_core.settings import Settings, load_settings
from novel_core.settings.server_urls import without_password

#: Wildcard addresses, each with one that a browser can open.
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - translated, not bound


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Where the API listens.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option(
    "--crawls",
    type=click.IntRange(1, 500),
    default=32,
    show_default=True,
    help="How many jobs to run at once.",
)
@click.option(
    "--api-workers",
    type=click.IntRange(1, 64),
    default=None,
    help="How many processes answer requests; NOVEL_API_WORKERS where not given.",
)
def up(host: str, port: int, crawls: int, api_workers: int | None) -> None:
    """Run the API and the worker until Ctrl-C, with embedded servers by default.

    Set DATABASE_URL and REDIS_URL to use other servers. The database's schema is upgraded first. A
    process that exits is restarted.
    """
    from novel_core.processes.group import ProcessGroup, program
    from novel_core.services import ServerRestarter

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
        worker = [*python, "novel_worker", "--crawls", str(crawls)]
        parts = [
            program("API", [*python, "novel_api", *place], environment),
            program("worker", worker, environment),
        ]
        say("Starting the API and the worker; Ctrl-C ends them.")
        ProcessGroup(parts, _report).run(
            lambda: _announce(host, port, crawls, settings, servers),
            check=ServerRestarter(servers.attachment, say).check,
        )
    say("Stopped.")


def _report(_level: int, line: str) -> None:
    # Without a terminal, the parts must end all the same.
    with suppress(OSError):
        say(line)


def _require(package: str, distribution: str) -> None:
    try:
        found = importlib.util.find_spec(f"{package}.__main__")
    except ModuleNotFoundError:
        found = None
    if found is None:
        raise needs_package("up", distribution)


def _require_free(host: str, port: int) -> None:
    """UsageError if the API could not listen there."""
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
            say(f"The database's schema was upgraded; a copy from before is kept: {copy}")
        if migrate.upgrade(database):
            say("The database's schema was upgraded.")
    finally:
        database.dispose()


def _announce(host: str, port: int, crawls: int, settings: Settings, servers: Servers) -> bool:
    """Print the addresses once the API answers and the worker waits for jobs; False until then."""
    from novel_core.queue.connection import count_workers

    reachable = _EVERYWHERE.get(host, host)
    if not _answers(reachable, port) or count_workers(servers.redis_url or "") < crawls:
        return False
    url = f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"
    embedded = settings.database_url is None or settings.redis_url is None
    lines = {
        "API": url,
        "docs": f"{url}/docs",
        "e-readers": f"{url}/opds",
        "worker": f"up to {several(crawls, 'job')} at once",
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
    """Whether the API answers requests: it listens before it has checked its settings."""
    connection = http.client.HTTPConnection(host, port, timeout=0.5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
