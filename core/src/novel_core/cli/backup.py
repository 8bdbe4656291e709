"""`novel backup` and `novel restore`: the whole library in one file, and its restore."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from novel_core.backup import Manifest, Progress, restore_backup, write_backup
from novel_core.backup.container import silent
from novel_core.backup.replacing import described, rows_held
from novel_core.cli.output import json_output, print_either, print_json, say
from novel_core.plurals import several
from novel_core.runtime import open_database_of
from novel_core.settings import load_settings

force_option = click.option("--force", is_flag=True, help="Replace what is there already.")
file_argument = click.argument("file", type=click.Path(path_type=Path))


@click.command()
@file_argument
@force_option
@json_output()
def backup(file: Path, force: bool, as_json: bool) -> None:
    """Write the whole library to FILE, from one moment: novels with every revision, the archive of pages with its images,
    jobs, watches, webhooks and API keys.

    Of API keys FILE holds the digests, of webhooks the addresses: only its owner can read it, keep it so. The library may
    be in use meanwhile. Settings, and the queue's server, are not part of it.
    """
    started = time.monotonic()
    with open_database_of(load_settings()) as database, _shown(as_json=as_json) as progress:
        manifest = write_backup(database, file, force=force, progress=progress)
    size, seconds = file.stat().st_size, _since(started)
    text = f"{file}: {_contents(manifest)}; {size / 2**20:.1f} MiB, {seconds:.1f} s"
    result = _result(file, manifest) | {"size": size, "seconds": seconds}
    print_either(result, text, as_json=as_json)


@click.command()
@file_argument
@force_option
@json_output()
def restore(file: Path, force: bool, as_json: bool) -> None:
    """Make the library what it was when FILE was written.

    FILE is compared with its checksums first; then all happens in one transaction, or nothing. A library that holds
    anything is refused without --force. Jobs that were under way are queued again, API keys work as before, watches and
    unsent webhooks go on: where a copy is to stay quiet, start no worker and no housekeeper on it.
    """
    started = time.monotonic()
    with (
        open_database_of(load_settings(), migrating=True) as database,
        _shown(as_json=as_json) as progress,
    ):
        held = rows_held(database)
        if force and held and not as_json:
            say(f"Replacing {described(held)}.", err=True)
        restored = restore_backup(database, file, force=force, progress=progress)
    if as_json:
        print_json(
            _result(file, restored.manifest)
            | {
                "replaced": restored.replaced,
                "reopened": restored.reopened,
                "upgraded": restored.upgraded,
                "seconds": _since(started),
            }
        )
        return
    say(f"{_contents(restored.manifest)}; {_since(started):.1f} s")
    if restored.reopened:
        say(
            f"  Under way when it was written, and queued again: {several(restored.reopened, 'job')}."
        )
    if restored.upgraded:
        say(f"  The schema was {restored.manifest.revision} and is the newest now.")


def _result(file: Path, manifest: Manifest) -> dict[str, object]:
    return {
        "file": str(file),
        "created_at": manifest.created_at,
        "program": manifest.program,
        "revision": manifest.revision,
        "rows": {entry.name: entry.rows for entry in manifest.tables},
    }


def _contents(manifest: Manifest) -> str:
    rows = {entry.name: entry.rows for entry in manifest.tables if entry.rows}
    return described(rows) or "an empty library"


def _since(started: float) -> float:
    return round(time.monotonic() - started, 2)


@contextmanager
def _shown(*, as_json: bool) -> Iterator[Progress]:
    """Progress on standard error: one changing line on a terminal, a line for each step elsewhere."""
    if as_json:
        yield silent
        return
    is_terminal = sys.stderr.isatty()
    last = ""

    def show(step: str, table: str, done: int, total: int | None) -> None:
        nonlocal last
        if is_terminal:
            share = (
                f" {done / total:4.0%}" if total else f" {done / 2**20:,.0f} MiB" if done else ""
            )
            click.echo(f"\r\x1b[K{step} {table}{share}", err=True, nl=False)
        elif step != last:
            click.echo(step, err=True)
        last = step

    try:
        yield show
    finally:
        if is_terminal and last:
            click.echo("\r\x1b[K", err=True, nl=False)
