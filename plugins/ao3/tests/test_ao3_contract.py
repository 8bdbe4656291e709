"""What the engine promises its users of every source, and pages of the look-alike as recorded."""

from pathlib import Path

from novel_core.testing import RecordedPages, SourceContract


class TestContract(SourceContract):
    source = "ao3"


class TestRecordings(RecordedPages):
    source = "ao3"
    recordings = Path(__file__).parent / "recordings"
