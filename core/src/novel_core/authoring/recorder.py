"""Fetched pages made into recordings. A page is kept whatever the parser does with it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from novel_core.authoring.fetching import Fetched
from novel_core.authoring.recording_names import chapter_in, recording_names
from novel_core.errors import NovelError, PluginError, RecordingExists, UnreadableRecording
from novel_core.page import Page
from novel_core.recording import (
    Difference,
    Outcome,
    Recording,
    as_recorded,
    differences,
    is_same_but_for_words,
    outcome_of,
    prose_of,
    read_recording,
    redacted,
    values_of,
)
from novel_core.registry import LoadedSource, own_frames
from novel_core.registry.loaded import FAULTS
from novel_core.source import PageKind, UrlMatch


@dataclass(slots=True)
class Recorded:
    """Recordings that are not written yet, and what went wrong, in lines of text."""

    recordings: list[Recording] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def has_chapter(self) -> bool:
        """Whether a page of a chapter, or another one with a chapter's text, is among them."""
        return any(
            one.page.kind is PageKind.CHAPTER or chapter_in(one.expected) for one in self.recordings
        )


@dataclass(frozen=True, slots=True)
class _Read:
    """A page with its outcome; None, and the `fault`, if the parser breaks the contract on it."""

    page: Page
    outcome: Outcome | None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """A recording, and how it differs from the earlier one; `is_kept` if that was not replaced."""

    place: Path
    recording: Recording
    found: list[Difference]
    existed: bool
    is_kept: bool = False


def recorded(
    source: LoadedSource,
    match: UrlMatch,
    fetched: Fetched,
    folder: Path,
    *,
    name: str | None = None,
    redact: bool = False,
    is_unlisted: bool = False,
) -> Recorded:
    """The recordings of the fetched pages; `name` is that of the page of `match`.

    Those of a site that `is_unlisted` say which site that is.
    """
    result = Recorded()
    # What is read again later must have the outcome that is written now.
    read = [_read(source, as_recorded(page)) for page in fetched.pages]
    names = recording_names([(one.page, one.outcome) for one in read], match, folder, name)
    for one, page_name in zip(read, names, strict=True):
        if one.fault:
            result.failures.append(f"{page_name}: {one.fault}")
        recording = _recording(source, one, page_name, result.failures, redact=redact)
        if recording is not None:
            site = source.site if is_unlisted else None
            result.recordings.append(replace(recording, site=site))
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
    source: LoadedSource, read: _Read, name: str, failures: list[str], *, redact: bool
) -> Recording | None:
    """The recording; None, and the failure, if the parser reads its redacted page otherwise."""
    page, expected = read.page, read.outcome
    if not redact:
        return Recording(name, source.name, page, expected)
    if expected is None:
        return Recording(name, source.name, replace(page, body=redacted(page)), None)
    prose, known = prose_of(expected), values_of(expected)
    found: list[Difference] = []
    for is_strict in (True, False):
        filled = replace(page, body=redacted(page, prose, known, is_strict=is_strict))
        again = _read(source, filled)
        if again.outcome is None:
            failures.append(f"{name}: {again.fault}")
            return None
        if is_same_but_for_words(expected, again.outcome):
            return Recording(name, source.name, filled, again.outcome)
        found = differences(expected, again.outcome, volatile=False)
    told = "".join(f"\n  {one}".replace("\n", "\n  ") for one in found)
    failures.append(
        f"{name}: not recorded, since the parser reads the redacted page otherwise than"
        f" {page.url} as received. Let the parser and the spider look for markup, ids and short"
        f" labels instead of sentences, or record it without --redact.{told}"
    )
    return None


def _read(source: LoadedSource, page: Page) -> _Read:
    """The page with the parser's outcome, or the exception outside of the contract."""
    try:
        return _Read(page, outcome_of(source, page))
    except FAULTS as error:
        return _Read(page, None, f"the parser fails on {page.url}:\n{own_frames(error)}")


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
    name = place.resolve().name
    read = _read(source, recording.page)
    actual = read.outcome
    if actual is None:
        failures = [f"{name}: {read.fault}"]
        return Written(place, recording, [], existed=True, is_kept=True), failures
    found = differences(recording.expected or {}, actual, volatile=False)
    again = replace(recording, name=name, expected=actual)
    if update:
        again.write(place.resolve().parent, update=True)
    return Written(place, again, found, existed=True, is_kept=not update), []
