"""Fetched pages made into recordings. A page is kept whatever the parser does with it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from novel_core.authoring.fetching import Fetched, start_of
from novel_core.errors import NovelError, PluginError, RecordingExists, UnreadableRecording
from novel_core.page import Page
from novel_core.recording import (
    Difference,
    Outcome,
    Recording,
    as_recorded,
    differences,
    free_name,
    is_same_but_for_words,
    name_of,
    outcome_of,
    prose_of,
    read_recording,
    redacted,
    values_of,
)
from novel_core.registry import LoadedSource, own_frames
from novel_core.registry.loaded import FAULTS
from novel_core.source import UrlMatch


@dataclass(slots=True)
class Recorded:
    """Recordings that are not written yet, and what went wrong, in lines of text."""

    recordings: list[Recording] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Written:
    """A recording, and how it differs from the earlier one; `is_kept` if that was not replaced."""

    place: Path
    recording: Recording
    found: list[Difference]
    existed: bool
    is_kept: bool = False


def first_name(match: UrlMatch, folder: Path) -> str:
    """The name that the page of `match` itself will have."""
    start = start_of(match)
    page = Page(start.url, start.kind, b"", requested_url=start.url, chapters=start.chapters)
    return free_name(name_of(page, match), page, folder, ())


def recorded(
    source: LoadedSource,
    match: UrlMatch,
    fetched: Fetched,
    folder: Path,
    *,
    name: str | None = None,
    redact: bool = False,
) -> Recorded:
    """The recordings of the fetched pages; `name` is that of the first page."""
    result = Recorded()
    taken: set[str] = set()
    for index, page in enumerate(fetched.pages):
        is_named = name is not None and index == 0
        page_name = str(name) if is_named else free_name(name_of(page, match), page, folder, taken)
        taken.add(page_name)
        recording = _recording(source, page, page_name, result.failures, redact=redact)
        if recording is not None:
            result.recordings.append(recording)
    error = fetched.error
    if error is not None and not _is_told(error, result):
        result.failures.append(f"Not all pages were fetched: {error.message}")
    return result


def _is_told(error: NovelError, result: Recorded) -> bool:
    """Whether the error is the outcome of a recorded page, or the parser's failure on one."""
    errors = [(recording.expected or {}).get("error", {}) for recording in result.recordings]
    is_failure = isinstance(error, PluginError) and bool(result.failures)
    return is_failure or any(told.get("code") == error.code for told in errors)


def _recording(
    source: LoadedSource, page: Page, name: str, failures: list[str], *, redact: bool
) -> Recording | None:
    """The recording; None, and the failure, if the parser reads its redacted page otherwise."""
    # What is read again later must have the outcome that is written now.
    page = as_recorded(page)
    expected = _outcome(source, page, name, failures)
    if not redact:
        return Recording(name, source.name, page, expected)
    if expected is None:
        return Recording(name, source.name, replace(page, body=redacted(page)), None)
    prose, known = prose_of(expected), values_of(expected)
    found: list[Difference] = []
    for is_strict in (True, False):
        filled = replace(page, body=redacted(page, prose, known, is_strict=is_strict))
        read = _outcome(source, filled, name, failures)
        if read is None:
            return None
        if is_same_but_for_words(expected, read):
            return Recording(name, source.name, filled, read)
        found = differences(expected, read, volatile=False)
    told = "".join(f"\n  {one}".replace("\n", "\n  ") for one in found)
    failures.append(
        f"{name}: not recorded, since the parser reads the redacted page otherwise than"
        f" {page.url} as received. Let the parser and the spider look for markup, ids and short"
        f" labels instead of sentences, or record it without --redact.{told}"
    )
    return None


def _outcome(source: LoadedSource, page: Page, name: str, failures: list[str]) -> Outcome | None:
    """The parser's outcome; None, and the failure, for an exception outside of the contract."""
    try:
        return outcome_of(source, page)
    except FAULTS as error:
        failures.append(f"{name}: the parser fails on {page.url}:\n{own_frames(error)}")
        return None


def refuse_overwriting(names: list[str], folder: Path) -> None:
    """RecordingExists if one of `names` is in the folder: all recordings are written, or none."""
    existing = [name for name in names if (folder / name).exists()]
    if existing:
        raise RecordingExists(f"{folder} has {', '.join(existing)} already.")


def write(recording: Recording, folder: Path) -> Written:
    """Write a recording, and compare it with the earlier one of that name."""
    place = folder / recording.name
    existed = place.exists()
    try:
        earlier = read_recording(place).expected if existed else None
    except UnreadableRecording:
        earlier = None
    found = differences(earlier, recording.expected or {}) if earlier is not None else []
    return Written(recording.write(folder, update=True), recording, found, existed)


def parse_again(place: Path, source: LoadedSource, *, update: bool) -> tuple[Written, list[str]]:
    """Parse a recording again, and write the new outcome with `update`; with the failures."""
    recording = read_recording(place)
    failures: list[str] = []
    name = place.resolve().name
    actual = _outcome(source, recording.page, name, failures)
    if actual is None:
        return Written(place, recording, [], existed=True, is_kept=True), failures
    found = differences(recording.expected or {}, actual, volatile=False)
    again = replace(recording, name=name, expected=actual)
    if update:
        again.write(place.resolve().parent, update=True)
    return Written(place, again, found, existed=True, is_kept=not update), failures
