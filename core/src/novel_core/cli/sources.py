"""`novel sources`: the installed sources and listeners, their states, and errors."""

from __future__ import annotations

import sys

import click

from novel_core.cli.output import json_output, print_either, print_json, print_table
from novel_core.plurals import several
from novel_core.registry import (
    LoadedSource,
    SourceEntry,
    load_registry,
    read_switches,
)

_COLUMNS = ("name", "state", "version", "distribution", "domains", "error or hooks")


@click.command()
@click.option("--strict", is_flag=True, help="Exit with 1 if a source could not be loaded.")
@click.option("--lift", metavar="NAME", help="End the pause that the site of NAME has requested.")
@json_output()
def sources(strict: bool, lift: str | None, as_json: bool) -> None:
    """List the installed sources, their states, and why one is not loaded."""
    registry = load_registry(strict=False)
    installed = (*registry.sources, *registry.listeners)
    if lift is not None:
        _lift(registry.get(lift), as_json=as_json)
        return
    if as_json:
        entries = [_as_json(entry, "source") for entry in registry.sources]
        entries += [_as_json(entry, "listener") for entry in registry.listeners]
        print_json(entries)
    elif not installed:
        click.echo("No source is installed; install one, such as: pip install novel-royalroad")
    else:
        print_table(_COLUMNS, map(_cells, installed))
    switches = read_switches()
    for name in sorted(switches.disabled - {entry.name for entry in installed}):
        click.echo(f"NOVEL_DISABLED_SOURCES names {name!r}, which is not installed.", err=True)
    if registry.broken and (strict or switches.strict):
        sys.exit(1)


def _lift(source: LoadedSource, *, as_json: bool) -> None:
    from novel_core.crawl.politeness import rate_groups
    from novel_core.db.engine import session
    from novel_core.ingest.origins import lift_pause
    from novel_core.runtime import open_database_of
    from novel_core.settings import load_settings

    with (
        open_database_of(load_settings(), migrating=True) as database,
        session(database) as opened,
    ):
        waiting = lift_pause(opened, source.name, rate_groups(source.info).values())
    then = "" if not waiting else f" {several(waiting, 'waiting job')} can continue."
    text = f"Requests to {source.info.title} are allowed again.{then}"
    print_either({"source": source.name, "jobs": waiting}, text, as_json=as_json)


def _as_json(entry: SourceEntry, kind: str) -> dict[str, object]:
    return {
        "name": entry.name,
        "state": entry.state,
        "version": entry.package.version,
        "distribution": entry.package.name,
        "kind": kind,
        "domains": entry.domains,
        "hooks": entry.hooks,
        "error": entry.error,
    }


def _cells(entry: SourceEntry) -> tuple[str, ...]:
    hooks = ", ".join(hook.removeprefix("novel_") for hook in entry.hooks)
    return (
        entry.name,
        entry.state,
        entry.package.version or "-",
        entry.package.name,
        ", ".join(entry.domains) or "-",
        entry.error or hooks,
    )
