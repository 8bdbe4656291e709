"""Checks of a source: its recordings parsed again, and its samples requested from the site."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from novel_core.authoring.fetching import fetch
from novel_core.errors import NovelError, UnreadableRecording
from novel_core.items import Chapter, ChapterRef, Novel
from novel_core.page import Page
from novel_core.recording import (
    Outcome,
    Recording,
    differences,
    find_recordings,
    outcome_of,
    read_recording,
    source_of,
)
from novel_core.registry import LoadedSource, Registry, own_frames
from novel_core.registry.loaded import FAULTS, describe
from novel_core.settings import Settings
from novel_core.source import Sample

#: The fields of each kind of item.
_FIELDS: dict[str, tuple[str, ...]] = {
    "novel": tuple(Novel.model_fields),
    "chapter list": tuple(name for name in ChapterRef.model_fields if name != "access"),
    "chapter": tuple(name for name in Chapter.model_fields if name != "part"),
}
_KINDS = {"novel": "novel", "chapter_ref": "chapter list", "chapter": "chapter"}


@dataclass(slots=True)
class Replay:
    """The result of one recording. `differences` are lines of text; `days` is its age."""

    recording: str
    days: float | None = None
    differences: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Drift:
    """A field that had a value, and is empty now on `empty` of the `of` samples that had it."""

    field: str
    empty: int
    of: int

    def __str__(self) -> str:
        return f"{self.field} now empty on {self.empty} of {self.of}"


@dataclass(slots=True)
class LiveCheck:
    """The result of a source's samples.

    `changed` are values other than a sample expects. `mistaken` are the URLs of samples that expect
    several values, of which none is right: another page. `unreachable` are samples that could not
    be fetched, and why.
    """

    samples: int = 0
    requests: int = 0
    drift: list[Drift] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    mistaken: list[str] = field(default_factory=list)
    unreachable: list[dict[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class SourceCheck:
    """The result of one source; `live` is None without a live check."""

    source: str
    replays: list[Replay] = field(default_factory=list)
    live: LiveCheck | None = None

    @property
    def is_right(self) -> bool:
        drifted = self.live is not None and bool(self.live.drift or self.live.mistaken)
        return not drifted and not any(replay.differences for replay in self.replays)

    @property
    def is_complete(self) -> bool:
        return self.live is None or not self.live.unreachable

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"right": self.is_right, "complete": self.is_complete}


def replay_all(source: LoadedSource, recordings: Path) -> list[Replay]:
    """Parse every recording of the source in the folder, and compare with its expected outcome."""
    return [_replay(source, place) for place in find_recordings(recordings, source.name)]


def more_sources(
    recordings: Path, registry: Registry, known: Iterable[str]
) -> tuple[list[LoadedSource], list[Replay]]:
    """The sources of further recordings in the folder, and those that belong to none."""
    found: dict[str, LoadedSource] = {}
    lost: list[Replay] = []
    names = set(known)
    for place in find_recordings(recordings):
        try:
            recording = read_recording(place)
            if recording.source not in names:
                found[recording.source] = source_of(recording, registry)
        except UnreadableRecording as error:
            if not names:
                lost.append(Replay(place.name, differences=[error.message]))
        except NovelError as error:
            lost.append(Replay(place.name, differences=[error.message]))
    return list(found.values()), lost


def _replay(source: LoadedSource, place: Path) -> Replay:
    replay = Replay(place.name)
    try:
        recording = read_recording(place)
        replay.days = round(recording.age, 1)
        if recording.expected is None:
            replay.differences.append("There is no expected.json.")
            return replay
        actual = outcome_of(source, recording.page)
        found = differences(recording.expected, actual, volatile=False)
        replay.differences += map(str, found)
    except NovelError as error:
        replay.differences.append(error.message)
    except FAULTS as error:
        replay.differences.append(f"The parser failed:\n{own_frames(error)}")
    return replay


def check_live(
    source: LoadedSource, settings: Settings, samples: Iterable[Sample], recordings: Path | None
) -> LiveCheck:
    """Request the samples, and compare their pages with the recordings, or with the samples.

    Values change from day to day, and are reported only where a sample names them. What counts is a
    field that had a value and is empty now.
    """
    check = LiveCheck()
    seen: dict[str, list[bool]] = {}
    known = list(_recorded(recordings, source.name)) if recordings else []
    for sample in samples:
        check.samples += 1
        match = source.match(sample.url)
        assert match is not None
        fetched = fetch(source, settings, match, chapters=1)
        check.requests += fetched.requests
        error = fetched.error
        if error is None and not fetched.pages:
            error = NovelError("Nothing was fetched.")
        if error is not None:
            check.unreachable.append(
                {"url": sample.url, "code": error.code, "message": error.message}
            )
            continue
        outcomes = [_outcome(source, page) for page in fetched.pages]
        shape = set().union(*map(shape_of, outcomes))
        for name in sorted(_expected_shape(sample, fetched.pages, known)):
            seen.setdefault(name, []).append(name in shape)
        changes = list(_changes(sample, outcomes))
        check.changed += changes
        if len(changes) == len(sample.expect) > 1:
            check.mistaken.append(sample.url)
    check.drift = [
        Drift(name, values.count(False), len(values))
        for name, values in seen.items()
        if not all(values)
    ]
    return check


def _outcome(source: LoadedSource, page: Page) -> Outcome:
    try:
        return outcome_of(source, page)
    except FAULTS as error:
        return {"error": {"code": "plugin_error", "message": describe(error)}}


def _recorded(recordings: Path, source: str) -> Iterator[Recording]:
    for place in find_recordings(recordings, source):
        try:
            yield read_recording(place)
        except NovelError:
            # The replay reports it.
            continue


def _expected_shape(sample: Sample, pages: list[Page], known: list[Recording]) -> set[str]:
    """The shape of the recordings of these pages, the sample's fields, and those of every page."""
    requested = {_request_of(page) for page in pages}
    shapes = [
        shape_of(recording.expected)
        for recording in known
        if recording.expected is not None and _request_of(recording.page) in requested
    ]
    kind = str(sample.kind)
    required = {kind, f"{kind}.title", f"{kind}.source_id"}
    named = {f"{kind}.{name}" for name in sample.expect}
    return set().union(*shapes, required, named)


def _request_of(page: Page) -> tuple[str, str, bytes]:
    return page.requested_url, page.method, page.request_body


def _changes(sample: Sample, outcomes: list[Outcome]) -> Iterator[str]:
    items = [item for outcome in outcomes for item in outcome.get("items", ())]
    item: dict[str, Any] = next((item for item in items if item["item"] == str(sample.kind)), {})
    for name, wanted in sample.expect.items():
        found = item.get(name)
        if name == "authors":
            found = [author["name"] for author in found or ()]
        if found and found != wanted:
            yield f"{sample.url}: {name} is {found!r}, the sample expects {wanted!r}"


def shape_of(outcome: Outcome) -> set[str]:
    """The names of the fields that have a value; of the chapter list, those that any line has.

    Two days of one site differ in values, not in shape.

    >>> novel = {"item": "novel", "source_id": "1", "title": "A Tale", "authors": []}
    >>> sorted(shape_of({"items": [novel]}))
    ['novel', 'novel.source_id', 'novel.title']
    """
    shape: set[str] = set()
    for item in outcome.get("items", ()):
        kind = _KINDS[item["item"]]
        shape.add(kind)
        shape.update(f"{kind}.{name}" for name in _FIELDS[kind] if _has_value(item.get(name)))
    return shape


def _has_value(value: object) -> bool:
    if isinstance(value, dict):
        return any(_has_value(inner) for inner in value.values())
    return value not in (None, "", [], ())
