"""`novel services`: start, stop and show the embedded PostgreSQL and Valkey."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from novel_core.cli.output import print_either, print_json
from novel_core.plurals import several

if TYPE_CHECKING:
    from novel_core.services import ServicesStatus


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def services() -> None:
    """The embedded PostgreSQL and Valkey.

    Commands start them when needed and stop them after the last one has ended; `start` keeps them
    running until `stop`. They are not used where DATABASE_URL and REDIS_URL are set.
    """


@services.command()
@json_option
def start(*, as_json: bool) -> None:
    """Start the servers and keep them running until `stop`."""
    from novel_core import services as embedded

    data_dir = _data_dir()
    embedded.start(data_dir)
    _show(embedded.status(data_dir), as_json=as_json)


@services.command()
@click.option("--force", is_flag=True, help="Stop them even while they are in use.")
@json_option
def stop(*, force: bool, as_json: bool) -> None:
    """Stop the servers; refused while something uses them."""
    from novel_core import services as embedded

    stopped = embedded.stop(_data_dir(), force=force)
    text = "Stopped." if stopped else "The servers were not running."
    print_either({"stopped": stopped}, text, as_json=as_json)


@services.command()
@json_option
def status(*, as_json: bool) -> None:
    """Show which servers run, which processes use them, and where data and logs are."""
    from novel_core import services as embedded

    _show(embedded.status(_data_dir()), as_json=as_json)


def _data_dir() -> Path:
    from novel_core.settings import load_settings

    return load_settings().data_dir


def _show(found: ServicesStatus, *, as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    click.echo(f"{'state':<10} {_state(found)}")
    click.echo(f"{'data':<10} {found.data_dir}")
    for server in found.servers:
        running = f"{server.version}, process {server.pid}" if server.pid else "not running"
        again = f", restarted {several(server.restarts, 'time')}" if server.restarts else ""
        size = f"{server.size / 2**20:.1f} MiB"
        click.echo(f"{server.name:<10} {running}{again}, {size} in {server.directory.name}/")
    for name, value in _addresses(found).items():
        click.echo(f"{name:<10} {value}")


def _state(found: ServicesStatus) -> str:
    if not found.running:
        return "not running"
    users = f"used by process {', '.join(map(str, found.clients))}" if found.clients else "unused"
    kept = "until `novel services stop`" if found.pinned else "while in use"
    return f"running {kept}, {users} (guard: process {found.pid})"


def _addresses(found: ServicesStatus) -> dict[str, Any]:
    shown = {
        "database": found.database_url,
        "queue": found.redis_url,
        "logs": found.data_dir / "logs" if found.logs else None,
    }
    return {name: value for name, value in shown.items() if value}
