"""What every test of a source starts from: the loaded source, its samples, its recordings."""

from __future__ import annotations

import inspect
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

import pytest

from novel_core.errors import NovelError
from novel_core.recording import Recording, find_recordings, read_recording
from novel_core.registry import LoadedSource, Registry, load_registry
from novel_core.source import Sample


@lru_cache(maxsize=1)
def registry() -> Registry:
    """The installed plugins."""
    return load_registry()


class SourceUnderTest:
    """The fixtures of an installed source.

    The recorded pages are in `recordings`, by default the folder of that name beside the test.
    """

    source: ClassVar[str] = ""
    recordings: ClassVar[Path | None] = None

    @pytest.fixture
    def loaded(self) -> LoadedSource:
        if not self.source:
            pytest.fail('Write `source = "its name"` into the test class.')
        try:
            return registry().get(self.source)
        except NovelError as error:
            pytest.fail(
                f"{error.message} {error.hint}\n"
                "Install the plugin where the tests run: pip install -e ."
            )

    @pytest.fixture
    def samples(self, loaded: LoadedSource) -> tuple[Sample, ...]:
        """The samples; a test that needs them is skipped without."""
        samples = loaded.samples()
        if not samples:
            where = (
                "see test_there_are_samples" if loaded.site is None else "set them in its source"
            )
            pytest.skip(f"{loaded.name} has no samples: {where}.")
        return samples

    @pytest.fixture
    def recorded(self, loaded: LoadedSource) -> list[Recording]:
        """The recordings; a test that needs real pages is skipped without."""
        found = self.recordings_of(loaded)
        if not found:
            pytest.skip(
                f"{loaded.name} has no recordings in {self.recordings_folder()}: make some with"
                " `novel record URL`."
            )
        return found

    @classmethod
    def recordings_folder(cls) -> Path:
        return cls.recordings or Path(inspect.getfile(cls)).parent / "recordings"

    @classmethod
    def recordings_of(cls, loaded: LoadedSource) -> list[Recording]:
        places = find_recordings(cls.recordings_folder(), loaded.name)
        return [read_recording(place) for place in places]
