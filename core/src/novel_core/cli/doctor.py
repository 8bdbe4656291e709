"""`novel doctor`: what is wrong on this machine, and what to do about it."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import click
from sqlalchemy import text

from novel_core.cli.output import json_option, print_json
from novel_core.db import migrate
from novel_core.db.engine import session
from novel_core.errors import NovelError
from novel_core.registry import SourceState, load_registry
from novel_core.runtime import open_database_of
from novel_core.settings import Settings, load_settings, unknown_variables

LITTLE_DISK = 2**30
REDIS_PORT = 6379


@dataclass(frozen=True, slots=True)
class Finding:
    """`ok`, or a problem with what to do about it."""

    subject: str
    ok: bool
    message: str
    hint: str = ""


def examine() -> Iterator[Finding]:
    """Every finding, as it is made."""
    supported = sys.version_info >= (3, 11)
    yield Finding(
        "python", supported, sys.version.split()[0], "" if supported else "Use 3.11 or newer."
    )
    try:
        settings = load_settings()
    except NovelError as error:
        yield Finding("settings", ok=False, message=error.message, hint=error.hint)
        return
    yield from _settings()
    yield from _sources()
    yield _disk(settings)
    yield _database(settings)
    yield _redis(settings)
    for host, target in settings.host_map.items():
        yield Finding("host map", ok=True, message=f"{host} is asked at {target}")
    if settings.allow_private_hosts:
        yield Finding(
            "addresses",
            ok=False,
            message="private addresses may be fetched",
            hint="Unset NOVEL_ALLOW_PRIVATE_HOSTS outside of tests.",
        )


def _settings() -> Iterator[Finding]:
    unknown = unknown_variables(os.environ)
    for name in unknown:
        yield Finding(
            "settings",
            ok=False,
            message=f"there is no setting {name}",
            hint="See the configuration table of the README for the names.",
        )
    if not unknown:
        yield Finding("settings", ok=True, message="valid")


def _sources() -> Iterator[Finding]:
    entries = load_registry().sources
    for entry in entries:
        bad = entry.state not in {SourceState.LOADED, SourceState.DISABLED}
        yield Finding(
            f"source {entry.name}",
            ok=not bad,
            message=f"{entry.state}: {entry.error}" if bad else str(entry.state),
            hint=f"Update or remove {entry.distribution}." if bad else "",
        )
    if not entries:
        yield Finding(
            "sources",
            ok=False,
            message="none installed",
            hint="pip install novel-royalroad, for one.",
        )


def _disk(settings: Settings) -> Finding:
    folder = settings.data_dir
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    return Finding(
        "disk",
        ok=free > LITTLE_DISK,
        message=f"{free / 2**30:.1f} GiB free at {existing}",
        hint="" if free > LITTLE_DISK else "Free some space, or move NOVEL_DATA_DIR.",
    )


def _database(settings: Settings) -> Finding:
    try:
        with open_database_of(settings) as database:
            with session(database) as opened:
                version = opened.execute(text("SHOW server_version")).scalar()
            migrate.require_current(database)
    except NovelError as error:
        return Finding("database", ok=False, message=error.message, hint=error.hint)
    except OSError as error:
        return Finding("database", ok=False, message=str(error), hint="Check DATABASE_URL.")
    where = "embedded" if settings.uses_embedded_postgres else "DATABASE_URL"
    return Finding("database", ok=True, message=f"PostgreSQL {version} ({where})")


def _redis(settings: Settings) -> Finding:
    if settings.redis_url is None:
        return Finding("redis", ok=True, message="embedded, started when a queue is used")
    url = urlsplit(settings.redis_url)
    hint = "Check REDIS_URL, or unset it for the embedded server."
    try:
        with _connect(url.scheme, url.hostname, url.port, url.path) as connection:
            connection.sendall(b"PING\r\n")
            answer = connection.recv(100)
    except (OSError, ValueError) as error:
        return Finding("redis", ok=False, message=f"not reachable: {error}", hint=hint)
    # A server that wants a password or TLS answers otherwise, but it is there.
    return Finding("redis", ok=True, message=f"answers {answer.decode(errors='replace').strip()!r}")


def _connect(scheme: str, host: str | None, port: int | None, path: str) -> socket.socket:
    if scheme == "unix":
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(3)
        connection.connect(str(Path(path)))
        return connection
    return socket.create_connection((host or "127.0.0.1", port or REDIS_PORT), timeout=3)


@click.command()
@json_option
def doctor(as_json: bool) -> None:
    """Check Python, settings, plugins, disk, database and Redis. Exit code 1 when something is wrong."""
    findings = []
    for finding in examine():
        findings.append(finding)
        if not as_json:
            mark = click.style("ok ", fg="green") if finding.ok else click.style("BAD", fg="red")
            click.echo(f"{mark} {finding.subject}: {finding.message}")
            if finding.hint:
                click.echo(f"    {finding.hint}")
    if as_json:
        print_json(findings)
    sys.exit(0 if all(finding.ok for finding in findings) else 1)
