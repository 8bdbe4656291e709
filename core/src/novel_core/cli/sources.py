"""`novel sources`: the installed sources, families and listeners, their states, and errors."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import click

from novel_core.cli.output import json_output, print_either, print_json, print_table, say
from novel_core.errors import UnknownSource
from novel_core.hookspecs import LISTENER_HOOKS
from novel_core.plurals import several
from novel_core.registry import LoadedSource, Registry, SourceEntry, load_registry, read_switches

_COLUMNS = ("name", "kind", "state", "version", "distribution", "hosts", "error or listens to")


@click.command()
@click.argument("name", required=False)
@click.option("--strict", is_flag=True, help="Exit with 1 if a source could not be loaded.")
@click.option("--lift", metavar="NAME", help="End the pause that the site of NAME has requested.")
@json_output()
def sources(name: str | None, strict: bool, lift: str | None, as_json: bool) -> None:
    """List the installed sources and families, their states, and why one is not loaded.

    With NAME, show that source, family or site alone, with its options and its sites.
    """
    registry = load_registry(strict=False)
    if lift is not None:
        _lift(registry, lift, as_json=as_json)
        return
    if name is not None:
        _show(_entry(registry, name), as_json=as_json)
        return
    installed = (*registry.sources, *registry.listeners)
    if as_json:
        print_json([_as_json(entry) for entry in installed])
    elif not installed:
        click.echo("No source is installed; install one, such as: pip install novel-royalroad")
    else:
        print_table(_COLUMNS, map(_cells, installed))
    switches = read_switches()
    for unknown in sorted(switches.disabled - {entry.name for entry in installed}):
        click.echo(f"NOVEL_DISABLED_SOURCES names {unknown!r}, which is not installed.", err=True)
    if registry.broken and (strict or switches.strict):
        sys.exit(1)


def _entry(registry: Registry, name: str) -> SourceEntry:
    """The entry called `name`; the database is asked where no package has it."""
    try:
        return registry.entry(name)
    except UnknownSource:
        if not registry.families:
            raise
    from novel_core.runtime import open_runtime

    with open_runtime(registry=registry):
        return registry.entry(name)


def _show(entry: SourceEntry, *, as_json: bool) -> None:
    """Print one entry, with the options of a source and the sites of a family."""
    told = _as_json(entry)
    options = list(_options(entry.source)) if entry.source else []
    sites = entry.sites or ()
    if as_json:
        print_json(told | {"options": options, "sites": sites})
        return
    shown = {"hosts" if field == "domains" else field: value for field, value in told.items()}
    print_table(("field", "value"), [(field, _text(value)) for field, value in shown.items()])
    if options:
        say()
        rows = [(option["variable"], repr(option["default"])) for option in options]
        print_table(("option", "default"), rows)
    if sites:
        say()
        print_table(("site", "address", "title"), [(s.name, s.base_url, s.title) for s in sites])


def _options(source: LoadedSource) -> Iterator[dict[str, Any]]:
    """The plugin's own options: the variable that sets each, and its default."""
    kind = source.source.Options
    if kind is None or not is_dataclass(kind):
        return
    # Imported here: all settings take longer than the list of sources.
    from novel_core.settings import variable
    from novel_core.settings.sections import source_key

    defaults = kind()
    for field in fields(kind):
        name = variable("sources", source_key(source.name), "options", field.name)
        yield {"variable": name, "default": getattr(defaults, field.name)}


def _lift(registry: Registry, name: str, *, as_json: bool) -> None:
    from novel_core.archive.origins import lift_pause
    from novel_core.crawl.politeness import rate_groups
    from novel_core.db.engine import session
    from novel_core.runtime import open_runtime

    source = _entry(registry, name).source or registry.get(name)
    with (
        open_runtime(registry=registry, migrating=True) as runtime,
        session(runtime.database) as opened,
    ):
        waiting = lift_pause(opened, source.name, rate_groups(source.info).values())
    then = "" if not waiting else f" {several(waiting, 'waiting job')} can continue."
    text = f"Requests to {source.info.title} are allowed again.{then}"
    print_either({"source": source.name, "jobs": waiting}, text, as_json=as_json)


def _as_json(entry: SourceEntry) -> dict[str, Any]:
    """What is known of an entry; `site_count` is None if it is no family."""
    return {
        "name": entry.name,
        "title": entry.title,
        "state": entry.state,
        "version": entry.package.version,
        "distribution": entry.package.name,
        "kind": entry.kind,
        "domains": entry.domains,
        "site_count": None if entry.sites is None else len(entry.sites),
        "hooks": entry.hooks,
        "error": entry.error,
    }


def _cells(entry: SourceEntry) -> tuple[str, ...]:
    hosts = [*entry.domains]
    if entry.sites is not None:
        hosts.insert(0, several(len(entry.sites), "site"))
    listens = [hook.removeprefix("novel_") for hook in entry.hooks if hook in LISTENER_HOOKS]
    return (
        entry.name,
        entry.kind,
        entry.state,
        entry.package.version or "-",
        entry.package.name,
        ", ".join(hosts) or "-",
        entry.error or ", ".join(listens),
    )


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(value) or "-"
    return "-" if value in (None, "") else str(value)
