"""`novel check`: whether sources still parse their sites' pages."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from novel_core.cli.output import json_output, print_json, say
from novel_core.cli.record import plugin_option
from novel_core.plurals import several
from novel_core.registry import LoadedSource, Registry, load_registry
from novel_core.settings import load_settings

if TYPE_CHECKING:
    from novel_core.authoring.checking import SourceCheck

DRIFT, INCOMPLETE = 1, 3
#: Differences of one recording that are printed; --json has all of them.
_SHOWN = 10


@click.command()
@click.argument("source", required=False)
@click.option(
    "--live", is_flag=True, help="Also request the source's samples from the site, politely."
)
@click.option(
    "--recordings",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Folder of the recordings. [default: tests/recordings of the plugin's project]",
)
@plugin_option
@json_output()
def check(
    source: str | None, live: bool, recordings: Path | None, plugin: str | None, as_json: bool
) -> None:
    """Parse the recorded pages of SOURCE, or of every installed source, and compare the results.

    With --live, also request each sample from the site: a field that had a value and is empty now
    has drifted. Run it on a schedule, and check the exit code.

    Exit codes: 0 all as expected, 1 something differs, 3 a sample could not be fetched, or the
    source named has no recordings.
    """
    from novel_core.authoring.checking import SourceCheck, check_live, replay_all
    from novel_core.authoring.local_plugin import (
        load_local_plugin,
        recordings_folder,
        source_folder,
    )

    registry = Registry([load_local_plugin(plugin)]) if plugin else load_registry()
    chosen = [registry.get(source)] if source else list(registry.loaded)
    checks = []
    for loaded in chosen:
        folder = (
            source_folder(recordings, loaded) if recordings else recordings_folder(loaded, plugin)
        )
        result = SourceCheck(loaded.name, replay_all(loaded, folder) if folder else [])
        if live:
            result.live = check_live(loaded, load_settings(), loaded.samples(), folder)
        checks.append(result)
        if not as_json:
            _print(loaded, result)
    if as_json:
        print_json({"sources": [result.as_dict() for result in checks]})
    elif not checks:
        say("No source is loaded: see `novel sources`.")
    if not all(result.is_right for result in checks):
        sys.exit(DRIFT)
    is_named = bool(source or plugin or recordings)
    if is_named and not live and not any(result.replays for result in checks):
        sys.exit(INCOMPLETE)
    if not all(result.is_complete for result in checks):
        sys.exit(INCOMPLETE)


def _print(source: LoadedSource, result: SourceCheck) -> None:
    oldest = max((replay.days or 0 for replay in result.replays), default=None)
    wrong = [replay for replay in result.replays if replay.differences]
    if oldest is None:
        say(f"{source.name}: no recordings; make some with `novel record URL`")
    else:
        count = len(result.replays)
        state = f"{len(wrong)} differ" if wrong else "all as expected"
        age = several(round(oldest), "day")
        say(f"{source.name}: {several(count, 'recording')}, the oldest {age} old: {state}")
    for replay in wrong:
        say(f"  {replay.recording}")
        for line in replay.differences[:_SHOWN]:
            say("    " + line.replace("\n", "\n    "))
        if len(replay.differences) > _SHOWN:
            say(f"    and {len(replay.differences) - _SHOWN} more")
    if result.live is None:
        return
    live = result.live
    state = f"{several(len(live.drift), 'field')} drifted" if live.drift else "no drift"
    say(f"  live: {several(live.samples, 'sample')}, {several(live.requests, 'request')}: {state}")
    for drift in live.drift:
        say(f"    {drift}")
    for line in live.changed:
        say(f"    changed: {line}")
    for url in live.mistaken:
        say(f"    not the sample's page: {url}")
    for missing in live.unreachable:
        say(f"    could not be fetched: {missing['url']}: {missing['message']}")
