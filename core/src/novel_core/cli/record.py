"""`novel record`: real pages recorded for a source's tests."""

from __future__ import annotations

import dataclasses
import itertools
import re
import sys
import traceback
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from novel_core.cli.output import json_output, print_json, say
from novel_core.errors import RecordingExists, UsageError
from novel_core.plurals import several
from novel_core.registry import LoadedSource, Registry, load_registry
from novel_core.settings import load_settings
from novel_core.source import PageKind, UrlMatch

if TYPE_CHECKING:
    from novel_core.authoring.fetching import Fetched
    from novel_core.page import Page
    from novel_core.recording import Difference, Recording
    from novel_core.recording.outcome import Outcome

plugin_option = click.option(
    "--plugin",
    metavar="PATH",
    help="Load the source from this folder, file or module instead of the installed ones.",
)


@dataclass(frozen=True, slots=True)
class _Written:
    """A recording, and how it differs from the earlier one; `is_kept` if that was not replaced."""

    place: Path
    recording: Recording
    found: list[Difference]
    existed: bool
    is_kept: bool = False

    def as_dict(self) -> dict[str, Any]:
        return {
            "recording": str(self.place),
            "url": self.recording.page.url,
            "status": self.recording.page.status,
            "error": (self.recording.expected or {}).get("error"),
            "replaced": self.existed and not self.is_kept,
            "differences": [str(difference) for difference in self.found],
        }


@click.command()
@click.argument("target", metavar="URL|RECORDING")
@click.option(
    "--chapters",
    type=click.IntRange(0, 20),
    default=1,
    show_default=True,
    help="Chapters of a novel to fetch.",
)
@click.option(
    "--pages",
    type=click.IntRange(0, 1000),
    default=2,
    show_default=True,
    help="Further pages of the chapter list, and further parts of each chapter, to fetch.",
)
@click.option("--name", help="Name of the recording, if there is only one page.")
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
    plugin: str | None,
    as_json: bool,
) -> None:
    """Fetch the pages of URL politely, and record them with the parser's result.

    Of a novel: its page, further pages of its chapter list, and the first chapters. Of a chapter:
    its page. Error pages (not found, login required) are recorded too, as tests of the errors.
    Cookies, tokens and headers of the network are never kept.

    With the folder of a RECORDING nothing is fetched: its page is parsed again, and --update writes
    the new result.

    A page on which the parser fails with an error outside of the contract is recorded without a
    result.

    Exit codes: 0 written, 1 the parser fails on a page or a recording differs, 2 a recording exists
    already.
    """
    from novel_core.authoring.local_plugin import load_local_plugin, recordings_folder

    registry = Registry([load_local_plugin(plugin)]) if plugin else load_registry()
    folder = Path(target)
    if "://" not in target and folder.is_dir():
        _parse_again(folder, registry, update=update, as_json=as_json)
        return
    source, match = registry.resolve(target)
    place = into or recordings_folder(source, plugin)
    if place is None:
        raise UsageError(
            f"The project of {source} is not on this machine, so its recordings have no folder.",
            hint="Give a folder with --into.",
        )
    fetched = _fetch(source, match, chapters=chapters, pages=pages)
    recordings, failures = _recorded(source, match, fetched, name=name, redact=redact)
    _refuse_overwriting(recordings, place, update=update)
    written = [_write(recording, place) for recording in recordings]
    _print(written, as_json=as_json)
    for line in failures:
        say(line, err=True)
    if fetched.skipped:
        say(f"{several(len(fetched.skipped), 'further page')} not fetched: see --pages.", err=True)
    if failures:
        sys.exit(1)


def _fetch(source: LoadedSource, match: UrlMatch, *, chapters: int, pages: int) -> Fetched:
    from novel_core.authoring.fetching import fetch

    fetched = fetch(source, load_settings(), match, chapters=chapters, more_pages=pages)
    if not fetched.pages:
        assert fetched.error is not None
        raise fetched.error
    return fetched


def _recorded(
    source: LoadedSource, match: UrlMatch, fetched: Fetched, *, name: str | None, redact: bool
) -> tuple[list[Recording], list[str]]:
    """The recordings, and a line for each page on which the parser fails."""
    if name is not None and len(fetched.pages) > 1:
        raise UsageError(
            f"{len(fetched.pages)} pages cannot share the name {name!r}.",
            hint="Add --chapters 0, or leave out --name.",
        )
    recordings: dict[str, Recording] = {}
    failures: list[str] = []
    for page in fetched.pages:
        page_name = _free_name(name or _name_of(page, match), recordings)
        recordings[page_name] = _recording(source, page, page_name, failures, redact=redact)
    return list(recordings.values()), failures


def _recording(
    source: LoadedSource, page: Page, name: str, failures: list[str], *, redact: bool
) -> Recording:
    from novel_core.recording import Recording, outcome_of, prose_of, redacted

    expected = None
    try:
        expected = outcome_of(source, page)
    except Exception as error:  # noqa: BLE001 - the author's code
        failures.append(f"{name}: the parser fails on {page.url}: {_located(error)}")
    if redact:
        page = dataclasses.replace(page, body=redacted(page, prose_of(expected or {})))
        expected = outcome_of(source, page) if expected is not None else None
    return Recording(name, page, expected)


def _located(error: Exception) -> str:
    """The error, and the file and line that raised it."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({frames[-1].filename}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {error}{place}"


def _name_of(page: Page, match: UrlMatch) -> str:
    """A name such as `novel-7`, `novel-7-page-2`, `novel-7-page-minus-1`, `chapter-12-part-2`."""
    if page.kind is PageKind.INDEX:
        name = f"novel-{match.novel_id or 'x'}"
        if page.position < 0:
            name += f"-page-minus-{-page.position}"
        elif page.position:
            name += f"-page-{page.position + 1}"
    else:
        name = f"chapter-{'-'.join(page.chapters[:1]) or match.chapter_id or 'x'}"
        name += f"-part-{page.part + 1}" if page.part else ""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip("-.")


def _free_name(name: str, taken: Container[str]) -> str:
    """`name`, with a number if it is taken: a second page of that name would replace the first."""
    numbered = (f"{name}-{number}" for number in itertools.count(2))
    return next(free for free in itertools.chain([name], numbered) if free not in taken)


def _refuse_overwriting(recordings: list[Recording], folder: Path, *, update: bool) -> None:
    """Raise RecordingExists before anything is written: all recordings are written, or none."""
    existing = [recording.name for recording in recordings if (folder / recording.name).exists()]
    if existing and not update:
        raise RecordingExists(f"{folder} has {', '.join(existing)} already.")


def _write(recording: Recording, folder: Path) -> _Written:
    from novel_core.recording import differences, read_recording

    place = folder / recording.name
    existed = place.exists()
    earlier = read_recording(place).expected if existed else None
    found = differences(earlier, recording.expected or {}) if earlier is not None else []
    return _Written(recording.write(folder, update=True), recording, found, existed)


def _parse_again(place: Path, registry: Registry, *, update: bool, as_json: bool) -> None:
    from novel_core.recording import differences, outcome_of, read_recording

    recording = read_recording(place)
    source = _owner(recording.page.requested_url, registry)
    actual = outcome_of(source, recording.page)
    found = differences(recording.expected or {}, actual, volatile=False)
    reread = dataclasses.replace(recording, name=place.resolve().name, expected=actual)
    if update:
        reread.write(place.resolve().parent, update=True)
    _print([_Written(place, reread, found, existed=True, is_kept=not update)], as_json=as_json)
    if found and not update:
        say("The recording was not changed. If the parser is right: --update", err=True)
        sys.exit(1)


def _owner(url: str, registry: Registry) -> LoadedSource:
    """The source of a recorded page, by its host: not every URL matches a novel or chapter."""
    host = urlsplit(url).hostname
    owners = [source for source in registry.loaded if host in source.info.domains]
    if len(owners) == 1:
        return owners[0]
    return registry.resolve(url).source


def _print(written: list[_Written], *, as_json: bool) -> None:
    if as_json:
        print_json([entry.as_dict() for entry in written])
        return
    for entry in written:
        result = _summary(entry.recording.expected)
        done = "kept" if entry.is_kept else "replaced" if entry.existed else "recorded"
        size = len(entry.recording.page.body) / 1024
        say(f"{done} {entry.place}: {result}, {size:.1f} KiB")
        for difference in entry.found:
            say(f"  {difference}".replace("\n", "\n  "))


def _summary(expected: Outcome | None) -> str:
    if expected is None:
        return "the parser fails on it"
    error = expected.get("error")
    return f"error {error['code']}" if error else f"{len(expected['items'])} items"
