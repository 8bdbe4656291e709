"""`novel record`: real pages recorded for a source's tests."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from novel_core.cli.output import json_output, print_json, say
from novel_core.cli.plugin_source import (
    confirm_gates_option,
    found_source,
    plugin_option,
    source_option,
    tell_gates,
)
from novel_core.errors import InvalidUrl, UsageError
from novel_core.plurals import several
from novel_core.registry import LoadedSource, Registry
from novel_core.settings import Settings, load_settings
from novel_core.source import UrlMatch

if TYPE_CHECKING:
    from novel_core.authoring.fetching import Fetched
    from novel_core.authoring.recorder import Written
    from novel_core.recording.outcome import Outcome

#: Pages that were not fetched, in a message.
_SHOWN = 10


@click.command()
@click.argument("target", metavar="URL|RECORDING")
@click.option(
    "--chapters",
    type=click.IntRange(0, 20),
    default=1,
    show_default=True,
    help="How many chapters of a novel to fetch.",
)
@click.option(
    "--pages",
    type=click.IntRange(0, 1000),
    default=2,
    show_default=True,
    help="Further pages of the chapter list, and further parts of each chapter, to fetch: 2 are"
    " pages 2 and 3.",
)
@click.option(
    "--name",
    metavar="NAME",
    help="Name of the recording of URL's page; those of its further pages begin with it.",
)
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the recordings. [default: tests/recordings of the plugin's project]",
)
@click.option(
    "--redact",
    is_flag=True,
    help="Replace prose by filler of the same structure, so that the pages can be published.",
)
@click.option("--update", is_flag=True, help="Replace existing recordings, and print what differs.")
@confirm_gates_option
@source_option
@plugin_option
@json_output()
def record(  # noqa: PLR0913, PLR0917 - options of a command
    target: str,
    chapters: int,
    pages: int,
    name: str | None,
    into: Path | None,
    redact: bool,
    update: bool,
    confirm_gates: bool,
    source: str | None,
    plugin: str | None,
    as_json: bool,
) -> None:
    """Fetch the pages of URL as a job does, at the source's polite rate, and record them for tests,
    each with the parser's result.

    Of a novel: its page, further pages of its chapter list, and the first chapters. Of a chapter:
    its page, and the further pages with its text. Error pages (not found, login required) are recorded too, as tests of the errors.
    Cookies, tokens and headers of the network are never kept.

    A site that a family does not list is recorded too, if the family's recognise knows the page.

    With the folder of one RECORDING nothing is fetched: its page is parsed again, and what differs
    is printed; --update writes the new result.

    A page on which the parser has a bug (KeyError, for example) is recorded without a result; the
    lines of the plugin that failed are printed.

    Exit codes: 0 written, or nothing differs; 1 the parser fails on a page, a recording differs, or
    not all pages were fetched; 2 wrong usage, or a recording exists already. Where no page was
    fetched at all: those of `novel ingest`.
    """
    from novel_core.authoring.local_plugin import load_sources
    from novel_core.authoring.recognising import told_by_pages
    from novel_core.authoring.recorder import recorded, refuse_overwriting, write
    from novel_core.authoring.recording_names import first_name
    from novel_core.recording.names import recording_name_problem

    settings = load_settings()
    registry = load_sources(plugin, settings)
    folder = Path(target)
    if "://" not in target and folder.is_dir():
        _parse_again(folder, registry, update=update, as_json=as_json)
        return
    if name is not None and (problem := recording_name_problem(name)):
        raise UsageError(problem)
    try:
        (owner, match), is_unlisted = found_source(registry, target, source, settings)
    except InvalidUrl as error:
        error.hint = "Give the address of a novel or chapter, or the folder of one recording."
        raise
    place = into or _folder_of(owner, registry, plugin)
    if not update:
        # Before any request: the page would be fetched in vain.
        refuse_overwriting([name or first_name(match, place)], place)
    if confirm_gates:
        settings = settings.confirming_gates(owner.name, owner.info.family)
    fetched = _fetch(owner, settings, match, chapters=chapters, pages=pages)
    told = told_by_pages(registry, owner, fetched.pages)
    owner, is_unlisted = told, is_unlisted or told is not owner
    result = recorded(
        owner, match, fetched, place, name=name, redact=redact, is_unlisted=is_unlisted
    )
    if not update:
        refuse_overwriting([recording.name for recording in result.recordings], place)
    _print([write(recording, place) for recording in result.recordings], as_json=as_json)
    _tell_skipped(fetched.skipped)
    if chapters and not result.has_chapter and not result.failures and fetched.error is None:
        say(
            "No chapter was reached: the recorded pages lead to none. --pages N fetches more pages"
            " of the chapter list, --chapters N more chapters.",
            err=True,
        )
    tell_gates([fetched.error.code] if fetched.error else [], confirm=confirm_gates)
    _tell(result.failures)


def _folder_of(source: LoadedSource, registry: Registry, target: str | None) -> Path:
    """The folder to record in: a project of several sources has one for each."""
    from novel_core.authoring.local_plugin import all_sources
    from novel_core.authoring.project import recordings_folder

    folder = recordings_folder(source.plugin, target)
    if folder is None:
        raise UsageError(
            f"The project of {source} is not on this machine, so its recordings have no folder.",
            hint="Give a folder with --into.",
        )
    is_only = list(all_sources(registry, source.plugin.name)) == [source]
    return folder if is_only else folder / source.name


def _tell_skipped(urls: list[str]) -> None:
    """Print which pages are beyond --pages; each may lead to further ones."""
    if urls:
        say(f"{several(len(urls), 'further page')} not fetched: see --pages.", err=True)
    for url in urls[:_SHOWN]:
        say(f"  {url}", err=True)
    if len(urls) > _SHOWN:
        say(f"  and {len(urls) - _SHOWN} more", err=True)


def _tell(failures: list[str]) -> None:
    """Print what went wrong, and exit if anything did."""
    for line in failures:
        say(line, err=True)
    if failures:
        sys.exit(1)


def _fetch(
    source: LoadedSource, settings: Settings, match: UrlMatch, *, chapters: int, pages: int
) -> Fetched:
    from novel_core.authoring.fetching import fetch

    fetched = fetch(source, settings, match, chapters=chapters, more_pages=pages)
    if not fetched.pages:
        assert fetched.error is not None
        raise fetched.error
    return fetched


def _parse_again(place: Path, registry: Registry, *, update: bool, as_json: bool) -> None:
    from novel_core.authoring.recorder import parse_again
    from novel_core.recording import find_recordings, read_recording, source_of

    inside = [] if (place / "page.json").exists() else find_recordings(place)
    if inside:
        raise UsageError(
            f"{place} is a folder of {several(len(inside), 'recording')}, not one recording.",
            hint=f"Give one of them, such as {inside[0]}; `novel check` parses all of them again.",
        )
    source = source_of(read_recording(place), registry)
    written, failures = parse_again(place, source, update=update)
    _print([written], as_json=as_json)
    _tell(failures)
    if written.found and not update:
        say("The recording was not changed. If the parser is right: --update", err=True)
        sys.exit(1)


def _print(written: list[Written], *, as_json: bool) -> None:
    if as_json:
        print_json([_as_json(entry) for entry in written])
        return
    for entry in written:
        result = _summary(entry.recording.expected)
        done = "replaced" if entry.existed else "recorded"
        if entry.is_kept:
            done = "differs" if entry.found else "unchanged"
        size = len(entry.recording.page.body) / 1024
        say(f"{done} {entry.place}: {size:.1f} KiB, {result}")
        for difference in entry.found:
            say(f"  {difference}".replace("\n", "\n  "))


def _as_json(entry: Written) -> dict[str, Any]:
    return {
        "recording": str(entry.place),
        "source": entry.recording.source,
        "url": entry.recording.page.url,
        "status": entry.recording.page.status,
        "error": (entry.recording.expected or {}).get("error"),
        "replaced": entry.existed and not entry.is_kept,
        "differences": [str(difference) for difference in entry.found],
    }


def _summary(expected: Outcome | None) -> str:
    if expected is None:
        return "the parser fails on it"
    if error := expected.get("error"):
        return f"error {error['code']}: {error['message']}"
    kinds = Counter(item["item"] for item in expected["items"])
    parts = [
        "the novel" if kinds["novel"] else "",
        several(kinds["chapter_ref"], "listed chapter") if kinds["chapter_ref"] else "",
        several(kinds["chapter"], "text") if kinds["chapter"] else "",
    ]
    links = several(len(expected["follow"]), "further page")
    return ", ".join(filter(None, parts)) or f"no items, a link to {links}"
