"""`novel check`: whether sources still parse their sites' pages."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from novel_core.cli.output import json_output, print_json, say, say_error
from novel_core.cli.plugin_source import confirm_gates_option, plugin_option
from novel_core.logs import about_page
from novel_core.plurals import several
from novel_core.settings import load_settings
from novel_core.sites.fields import name_problem

if TYPE_CHECKING:
    from novel_core.authoring.checking import LiveCheck, SourceCheck

DRIFT, INCOMPLETE = 1, 3
#: Differences of one recording that are printed; --json has all of them.
_SHOWN = 10


@click.command()
@click.argument("target", metavar="[SOURCE|PATH]", required=False)
@click.option(
    "--live", is_flag=True, help="Also request the source's samples from the site, politely."
)
@click.option(
    "--recordings",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Folder of the recordings. [default: tests/recordings of the plugin's project]",
)
@confirm_gates_option
@click.option("--source", metavar="NAME", help="Check this source, site or family only.")
@plugin_option
@json_output()
def check(
    target: str | None,
    live: bool,
    recordings: Path | None,
    confirm_gates: bool,
    source: str | None,
    plugin: str | None,
    as_json: bool,
) -> None:
    """Parse recorded pages again, and compare the results with the recorded ones: those of SOURCE (a
    source, site or family), of the plugin at PATH, or of every installed source.

    Each recording is parsed by the source that it names. With --live, also request each sample from
    the site: a field that had a value and is empty now has drifted. Run it on a schedule, and check
    the exit code.

    Exit codes: 0 all as expected, 1 something differs, 3 a sample could not be fetched, or there
    are no recordings (with --live: no samples).
    """
    from novel_core.authoring.check_run import check_folder, folders_of
    from novel_core.authoring.local_plugin import load_sources

    if target is not None and name_problem(target):
        plugin = plugin or target
    elif target is not None:
        source = source or target
    registry = load_sources(plugin, load_settings())
    folders = folders_of(registry, source, recordings, plugin)
    settings = load_settings() if live else None
    checks = [
        result
        for folder, sources in folders.items()
        for result in check_folder(
            folder,
            sources,
            registry,
            settings,
            is_named=bool(source),
            confirm_gates=confirm_gates,
        )
    ]
    if as_json:
        print_json({"sources": [result.as_dict() for result in checks]})
    else:
        for result in checks:
            _print(result)
    broken = registry.broken if plugin else ()
    for entry in broken:
        say(f"{entry.name} does not load: {entry.error}", err=True)
    if broken or not all(result.is_right for result in checks):
        sys.exit(DRIFT)
    if not live and not any(result.replays for result in checks):
        _tell_none(folders)
    if live and not any(result.live and result.live.samples for result in checks):
        say_error(
            "There are no samples to request.",
            "Give the source some: Source.samples, in a family by the site's name.",
        )
        sys.exit(INCOMPLETE)
    if not all(result.is_complete for result in checks):
        sys.exit(INCOMPLETE)


def _tell_none(folders: Iterable[Path | None]) -> NoReturn:
    """Say where recordings were looked for, and exit."""
    looked = [str(folder) for folder in folders if folder]
    where = (
        f"Looked in {', '.join(looked)}." if looked else "No plugin's project is on this machine."
    )
    say_error(
        f"There are no recordings to check. {where}",
        "Make some with `novel record URL`, or name their folder with --recordings.",
    )
    sys.exit(INCOMPLETE)


def _print(result: SourceCheck) -> None:
    oldest = max((replay.days or 0 for replay in result.replays), default=None)
    wrong = [replay for replay in result.replays if replay.differences]
    if oldest is None:
        say(f"{result.source}: no recordings")
    else:
        count = len(result.replays)
        state = f"{len(wrong)} differ" if wrong else "all as expected"
        age = several(round(oldest), "day")
        say(f"{result.source}: {several(count, 'recording')}, the oldest {age} old: {state}")
    for replay in wrong:
        say(f"  {replay.recording}")
        for line in replay.differences[:_SHOWN]:
            say("    " + line.replace("\n", "\n    "))
        if len(replay.differences) > _SHOWN:
            say(f"    and {len(replay.differences) - _SHOWN} more")
    if result.live is not None:
        _print_live(result.live)


def _print_live(live: LiveCheck) -> None:
    if not live.samples:
        say("  live: no samples")
        return
    state = f"{several(len(live.drift), 'field')} drifted" if live.drift else "no drift"
    if len(live.unreachable) == live.samples:
        state = "nothing to compare"
    say(f"  live: {several(live.samples, 'sample')}, {several(live.requests, 'request')}: {state}")
    for drift in live.drift:
        say(f"    {drift}")
    for line in live.changed:
        say(f"    changed: {line}")
    for url in live.mistaken:
        say(f"    not the sample's page: {url}")
    for missing in live.unreachable:
        say(f"    could not be fetched: {about_page(missing['url'], missing['message'])}")
