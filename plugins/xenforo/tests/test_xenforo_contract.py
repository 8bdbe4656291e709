"""What the engine promises its users of every source, and pages of the look-alike as recorded."""

from pathlib import Path

from novel_core.testing import FamilyContract, RecordedPages

_RECORDINGS = Path(__file__).parent / "recordings"


class TestContract(FamilyContract):
    family = "xenforo"
    recordings = _RECORDINGS


class TestRecordings(RecordedPages):
    recordings = _RECORDINGS
