"""The contract every source is held to, and the pages recorded from the look-alike."""

from pathlib import Path

from novel_core.testing import RecordedPages, SourceContract


class TestContract(SourceContract):
    source = "royalroad"


class TestRecordings(RecordedPages):
    source = "royalroad"
    recordings = Path(__file__).parent / "recordings"
