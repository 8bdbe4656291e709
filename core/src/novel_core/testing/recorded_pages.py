"""The tests of a parser against recorded pages, one for each field."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

import pytest

from novel_core.errors import NovelError
from novel_core.items import Chapter, Novel
from novel_core.recording import (
    Difference,
    Outcome,
    Recording,
    differences,
    find_recordings,
    outcome_of,
    read_recording,
    source_of,
)
from novel_core.testing.source_under_test import registry

_LIST = "chapter list"
_OF_PAGE = ("novel it belongs to", "warnings")


class RecordedPages:
    """The tests of recordings: subclass it with their folder, and the name of an installed source.

    Without a name all recordings in the folder are tested, each with the source that it names.

    The parser reads the recorded page itself, so all values are compared exactly, also those that
    change from day to day (`statistics`).
    """

    source: ClassVar[str] = ""
    recordings: ClassVar[Path] = Path("recordings")

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        places = self._places()
        none = pytest.mark.skip(f"There are no recordings in {self.recordings}.")
        if "field" in metafunc.fixturenames:
            cases = [(place, field) for place in places for field in _fields(place)]
            names = [f"{place.name}: {field}" for place, field in cases]
            metafunc.parametrize(
                ("place", "field"),
                cases or [pytest.param(None, None, marks=none)],
                ids=names or ["none"],
            )
        elif "place" in metafunc.fixturenames:
            names = [place.name for place in places]
            metafunc.parametrize(
                "place", places or [pytest.param(None, marks=none)], ids=names or ["none"]
            )

    def test_there_are_recordings(self) -> None:
        of = f" of {self.source}" if self.source else ""
        assert self._places(), (
            f"There is no recording{of} in {self.recordings}: make one with `novel record URL`."
        )

    def _places(self) -> list[Path]:
        return find_recordings(self.recordings, self.source or None)

    def test_field(self, place: Path, field: str) -> None:
        recording, actual, found = _replayed(place)
        if recording.expected is None:
            pytest.fail(f"{place} has no expected.json: run `novel record --update {place}`.")
        wrong = [difference for difference in found if _concerns(difference, field)]
        assert not wrong, (
            "\n".join(map(str, wrong))
            + f"\nIf the parser is right, accept its result: novel record --update {place}"
        )
        assert ("error" in actual) == ("error" in recording.expected)

    def test_age(self, place: Path, record_property: Callable[[str, object], None]) -> None:
        """The age of the recording is in the report: a site changes, its recording does not."""
        age = read_recording(place).age
        record_property("age_days", round(age))
        assert age >= 0, f"{place} was fetched in the future: its page.json is wrong."


def _fields(place: Path) -> Iterator[str]:
    """The names to compare: the fields of the novel and the chapters, and the chapter list."""
    try:
        expected = read_recording(place).expected
    except NovelError:
        expected = None
    if expected is None or "error" in expected:
        yield "error"
        return
    kinds = {item["item"] for item in expected["items"]}
    if "novel" in kinds:
        yield from (f"novel.{name}" for name in Novel.model_fields)
    if "chapter_ref" in kinds:
        yield _LIST
    if "chapter" in kinds:
        yield from (f"chapter.{name}" for name in Chapter.model_fields)
    yield from ("follow", *_OF_PAGE)


def _concerns(difference: Difference, field: str) -> bool:
    """Whether a difference is in `field`; an error in place of items, or the reverse, is in all."""
    found = difference.field
    return found in {field, "error"} or field == "error" or field.startswith(f"{found}.")


@lru_cache(maxsize=64)
def _replayed(place: Path) -> tuple[Recording, Outcome, list[Difference]]:
    recording = read_recording(place)
    actual = outcome_of(source_of(recording, registry()), recording.page)
    expected = actual if recording.expected is None else recording.expected
    return recording, actual, differences(expected, actual, volatile=False)
