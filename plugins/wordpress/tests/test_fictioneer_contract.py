"""What the engine promises its users of every family, on pages of the look-alike as recorded."""

from pathlib import Path

from novel_core.testing import FamilyContract, RecordedPages

_RECORDINGS = Path(__file__).parent / "fictioneer_recordings"


class TestContract(FamilyContract):
    family = "fictioneer"
    recordings = _RECORDINGS


class TestRecordings(RecordedPages):
    recordings = _RECORDINGS
