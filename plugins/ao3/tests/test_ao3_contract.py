"""What the engine promises its users of every source, and pages of the look-alike as recorded."""

from pathlib import Path

from novel_core.testing import FamilyContract, RecordedPages, SourceContract

_HERE = Path(__file__).parent


class TestContract(SourceContract):
    source = "ao3"


class TestRecordings(RecordedPages):
    source = "ao3"
    recordings = _HERE / "recordings"


class TestFamilyContract(FamilyContract):
    family = "otw"
    recordings = _HERE / "otw_recordings"


class TestFamilyRecordings(RecordedPages):
    recordings = _HERE / "otw_recordings"
