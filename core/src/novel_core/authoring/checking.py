"""Whether a source still reads its site: recorded pages replayed, or the samples asked for again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from novel_core.authoring.fetching import fetch
from novel_core.authoring.shapes import shape_of
from novel_core.errors import NovelError
from novel_core.page import Page
from novel_core.recording import (
    Outcome,
    Recording,
    differences,
    find_recordings,
    outcome_of,
    read_recording,
)
from novel_core.registry import LoadedSource
from novel_core.settings import Settings
from novel_core.source import Sample


@dataclass(slots=True)
class Replay:
    """What became of one recording. `differences` are lines; `days` is its age."""

    recording: str
    days: float | None = None
    differences: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Drift:
    """A field that said something, and is empty now on `empty` of the `of` samples that had it."""

    field: str
    empty: int
    of: int

    def __str__(self) -> str:
        return f"{self.field} now empty on {self.empty} of {self.of}"


@dataclass(slots=True)
class LiveCheck:
    """`changed` are values a sample expected otherwise; `mistaken` are samples of which none of several is as expected: that is
    another page; `unreachable` are samples that could not be had, and why."""

    samples: int = 0
    requests: int = 0
    drift: list[Drift] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    mistaken: list[str] = field(default_factory=list)
    unreachable: list[dict[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class SourceCheck:
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
    """Every recording in the folder against the parser as it is."""
    return [_replay(source, place) for place in find_recordings(recordings)]


def _replay(source: LoadedSource, place: Path) -> Replay:
    replay = Replay(place.name)
    try:
        recording = read_recording(place)
        replay.days = round(recording.age, 1)
        if recording.expected is None:
            replay.differences.append("it has no expected.json")
            return replay
        actual = outcome_of(source, recording.page)
        found = differences(recording.expected, actual, volatile=False)
        replay.differences += map(str, found)
    except NovelError as error:
        replay.differences.append(error.message)
    except Exception as error:  # noqa: BLE001 - the author's code
        replay.differences.append(f"the parser failed with {type(error).__name__}: {error}")
    return replay


def check_live(
    source: LoadedSource, settings: Settings, samples: Iterable[Sample], recordings: Path | None
) -> LiveCheck:
    """Ask for the samples again, and hold what they say now against the recordings, or what the samples expect.

    Values may differ from day to day, and are reported only where a sample names them; what counts is that a field which said
    something is empty now.
    """
    check = LiveCheck()
    seen: dict[str, list[bool]] = {}
    known = list(_recorded(recordings)) if recordings else []
    for sample in samples:
        check.samples += 1
        match = source.match(sample.url)
        assert match is not None
        fetched = fetch(source, settings, match, chapters=1)
        check.requests += fetched.requests
        if fetched.error is not None or not fetched.pages:
            error = fetched.error
            check.unreachable.append(
                {
                    "url": sample.url,
                    "code": error.code if error else "error",
                    "message": error.message if error else "Nothing was fetched.",
                }
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
    except Exception as error:  # noqa: BLE001 - the author's code
        return {"error": {"code": "plugin_error", "message": f"{type(error).__name__}: {error}"}}


def _recorded(recordings: Path) -> Iterator[Recording]:
    for place in find_recordings(recordings):
        try:
            yield read_recording(place)
        except NovelError:
            continue  # the replay says so


def _expected_shape(sample: Sample, pages: list[Page], known: list[Recording]) -> set[str]:
    """What the recordings of these very pages say; without any, what the sample names and what every page must have."""
    asked = {page.requested_url for page in pages}
    shapes = [
        shape_of(recording.expected)
        for recording in known
        if recording.expected is not None and recording.page.requested_url in asked
    ]
    kind = str(sample.kind)
    least = {kind, f"{kind}.title", f"{kind}.source_id"}
    named = {f"{kind}.{name}" for name in sample.expect}
    return set().union(*shapes, least, named)


def _changes(sample: Sample, outcomes: list[Outcome]) -> Iterator[str]:
    items = [item for outcome in outcomes for item in outcome.get("items", ())]
    item: dict[str, Any] = next((item for item in items if item["item"] == str(sample.kind)), {})
    for name, wanted in sample.expect.items():
        found = item.get(name)
        if name == "authors":
            found = [author["name"] for author in found or ()]
        if found and found != wanted:
            yield f"{sample.url}: {name} is {found!r}, the sample expects {wanted!r}"
