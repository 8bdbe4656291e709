"""What the engine promises its users of every family, on pages of the look-alike as recorded."""

from pathlib import Path

from novel_core.testing import FamilyContract, RecordedPages

_RECORDINGS = Path(__file__).parent / "wordpress_recordings"


class TestContract(FamilyContract):
    family = "wordpress"
    recordings = _RECORDINGS


class TestRecordings(RecordedPages):
    recordings = _RECORDINGS
